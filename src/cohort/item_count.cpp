#include "item_count.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <string_view>
#include <vector>

#include "tagconf/base/error.hpp"

namespace tagconf::cohort {
namespace {

constexpr std::size_t kTag = 4;
// (FFFE,E000) begins every item, in the order of bytes of either transfer syntax.
constexpr std::array<std::string_view, 2> kBegins{std::string_view("\xFE\xFF\x00\xE0", kTag),
                                                  std::string_view("\xFF\xFE\xE0\x00", kTag)};
// A stack of 8 MB holds more than 5000 items in each other.
constexpr std::size_t kMost = 2000;

std::size_t count_of(std::string_view tag, std::string_view bytes) {
  std::size_t count = 0;
  // glibc's search skips through bytes faster than std::string_view's.
  while (const void* found = ::memmem(bytes.data(), bytes.size(), tag.data(), tag.size())) {
    ++count;
    bytes.remove_prefix(static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data()) + kTag);
  }
  return count;
}

std::size_t count_in(std::string_view bytes) {
  return count_of(kBegins[0], bytes) + count_of(kBegins[1], bytes);
}

void check(std::size_t count) {
  if (count > kMost) throw_input("has more than " + std::to_string(kMost) + " items in its sequences");
}

}  // namespace

void check_item_count(std::span<const std::byte> data_set) {
  check(count_in({reinterpret_cast<const char*>(data_set.data()), data_set.size()}));
}

void check_item_count(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::vector<char> buffer(std::size_t{1} << 20U);
  std::size_t count = 0;
  std::size_t kept = 0;  // of the piece before: a tag may lie across two pieces
  while (in) {
    in.read(buffer.data() + kept, static_cast<std::streamsize>(buffer.size() - kept));
    const std::size_t size = kept + static_cast<std::size_t>(in.gcount());
    count += count_in({buffer.data(), size});
    check(count);
    kept = std::min(size, kTag - 1);
    std::copy_n(buffer.data() + size - kept, kept, buffer.data());
  }
}

}  // namespace tagconf::cohort
