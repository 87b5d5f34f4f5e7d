#include "element_order.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <istream>
#include <limits>
#include <optional>
#include <streambuf>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/base/error.hpp"

namespace tagconf::cohort {
namespace {

using Tag = std::uint32_t;  // group x 65536 + element

constexpr Tag kTransferSyntax = 0x00020010;
constexpr Tag kPixelData = 0x7FE00010;
constexpr Tag kItem = 0xFFFEE000;
constexpr Tag kItemEnd = 0xFFFEE00D;
constexpr Tag kSequenceEnd = 0xFFFEE0DD;
constexpr std::uint32_t kUndefined = 0xFFFFFFFF;
constexpr std::uint64_t kEndless = std::numeric_limits<std::uint64_t>::max();
// A tenth of a second of DCMTK's time. 3000 elements in falling order take 4.5 million.
constexpr std::uint64_t kMostSteps = 20'000'000;

constexpr std::uint32_t group_of(Tag tag) {
  return tag >> 16U;
}

class MemoryBuffer : public std::streambuf {
 public:
  explicit MemoryBuffer(std::span<const std::byte> bytes) {
    // Only read from: setg asks for more than it needs.
    auto* begin = const_cast<char*>(reinterpret_cast<const char*>(bytes.data()));
    setg(begin, begin, begin + bytes.size());
  }
};

struct Element {
  Tag tag = 0;
  std::string vr;  // empty: implicit, or a delimiter
  std::uint32_t length = 0;
};

// An item that the walk is in, or the data set itself.
struct Item {
  std::uint64_t end = kEndless;
  std::vector<Tag> tags{};  // of its elements so far, sorted
};

// Goes through a stream element by element, into sequences and out of them (PS3.5, 7).
class Walk {
 public:
  Walk(std::istream& in, bool has_meta_header) : in_(in), in_meta_(has_meta_header) {}

  void run() {
    while (const auto element = next()) {
      while (items_.size() > 1 && position_ > items_.back().end) items_.pop_back();
      if (group_of(element->tag) == group_of(kItem)) {
        delimit(*element);
      } else {
        count(element->tag);
        enter_or_skip(*element);
      }
    }
  }

 private:
  bool take(std::span<char> out) {
    in_.read(out.data(), static_cast<std::streamsize>(out.size()));
    position_ += out.size();
    return in_.good();
  }

  void skip(std::uint64_t bytes) {
    constexpr std::uint64_t kFar = 65536;
    position_ += bytes;
    const auto offset = static_cast<std::streamoff>(bytes);
    if (bytes > kFar && in_.rdbuf()->pubseekoff(offset, std::ios::cur, std::ios::in) >= 0) return;
    in_.ignore(offset);
  }

  [[nodiscard]] std::uint32_t number(std::span<const char> bytes) const {
    std::uint32_t out = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      const auto byte = static_cast<unsigned char>(bytes[big_endian_ ? i : bytes.size() - 1 - i]);
      out = out << 8U | byte;
    }
    return out;
  }

  [[nodiscard]] Tag tag_of(std::span<const char, 4> bytes) const {
    return number(bytes.first(2)) << 16U | number(bytes.last(2));
  }

  std::optional<std::uint32_t> take_number(std::size_t size) {
    std::array<char, 4> bytes{};
    const auto part = std::span(bytes).first(size);
    return take(part) ? std::optional(number(part)) : std::nullopt;
  }

  std::optional<Element> next() {
    std::array<char, 4> bytes{};
    if (ahead_) {
      bytes = *ahead_;
      ahead_.reset();
    } else if (!take(bytes)) {
      return std::nullopt;
    }
    if (in_meta_ && group_of(tag_of(bytes)) != group_of(kTransferSyntax)) leave_meta();
    if (deflated_) return std::nullopt;
    Element out{tag_of(bytes), "", 0};
    std::size_t size = 4;
    if (explicit_ && group_of(out.tag) != group_of(kItem)) {
      out.vr.resize(2);
      if (!take(out.vr)) return std::nullopt;
      static constexpr std::string_view kLong = "OB OD OF OL OV OW SQ SV UC UN UR UT UV ";
      if (kLong.find(out.vr + " ") == std::string_view::npos) {
        size = 2;
      } else {
        skip(2);
      }
    }
    const auto length = take_number(size);
    if (!length) return std::nullopt;
    out.length = *length;
    return out;
  }

  // The meta header is in explicit little endian, whatever follows.
  void leave_meta() {
    in_meta_ = false;
    const std::string_view uid(syntax_.c_str());
    explicit_ = uid != "1.2.840.10008.1.2";
    big_endian_ = uid == "1.2.840.10008.1.2.2";
    deflated_ = uid == "1.2.840.10008.1.2.1.99";
    items_.back() = {};
  }

  void delimit(const Element& element) {
    if (element.tag == kSequenceEnd) in_fragments_ = false;
    if (element.tag == kItemEnd && items_.size() > 1) items_.pop_back();
    if (element.tag != kItem) return;
    if (in_fragments_) {
      skip(element.length);
    } else {
      items_.push_back({element.length == kUndefined ? kEndless : position_ + element.length});
    }
  }

  void count(Tag tag) {
    auto& tags = items_.back().tags;
    const auto place = std::upper_bound(tags.begin(), tags.end(), tag);
    steps_ += static_cast<std::uint64_t>(tags.end() - place);
    if (steps_ > kMostSteps) throw_input("its elements are in no order");
    tags.insert(place, tag);
  }

  void enter_or_skip(const Element& element) {
    if (element.tag == kTransferSyntax && in_meta_) {
      constexpr std::uint32_t kLongestUid = 64;
      syntax_.resize(std::min(element.length, kLongestUid));
      (void)take(syntax_);
      skip(element.length - syntax_.size());
      return;
    }
    if (element.length == kUndefined) {
      in_fragments_ = element.tag == kPixelData;
      return;
    }
    if (element.vr == "SQ") return;
    constexpr std::uint32_t kItemHeader = 8;
    const bool may_be_sequence = element.vr.empty() || element.vr == "UN";
    if (!may_be_sequence || element.tag == kPixelData || element.length < kItemHeader) {
      skip(element.length);
      return;
    }
    std::array<char, 4> begin{};
    if (!take(begin)) return;
    if (tag_of(begin) == kItem) {
      ahead_ = begin;
    } else {
      skip(element.length - begin.size());
    }
  }

  std::istream& in_;
  bool in_meta_;
  bool explicit_ = true;
  bool big_endian_ = false;
  bool deflated_ = false;
  bool in_fragments_ = false;
  std::string syntax_;
  std::optional<std::array<char, 4>> ahead_;  // a tag that was read too early
  std::uint64_t position_ = 0;
  std::uint64_t steps_ = 0;
  std::vector<Item> items_{Item{}};
};

}  // namespace

void check_element_order(const std::filesystem::path& file) {
  constexpr std::streamsize kBeforeMeta = 132;  // preamble and DICM
  std::ifstream in(file, std::ios::binary);
  in.ignore(kBeforeMeta);
  Walk(in, true).run();
}

void check_element_order(std::span<const std::byte> data_set) {
  MemoryBuffer buffer(data_set);
  std::istream in(&buffer);
  Walk(in, false).run();
}

}  // namespace tagconf::cohort
