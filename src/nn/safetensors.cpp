#include "tagconf/nn/safetensors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"

namespace tagconf::nn {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little endian");

constexpr std::size_t kLengthBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;
constexpr const char* kMetadataKey = "__metadata__";

// Product of the shape times the element's size; nullopt when it does not fit 64 bits.
std::optional<std::uint64_t> byte_count(std::span<const std::int64_t> shape, Element element) {
  std::uint64_t count = size_of(element);
  for (const std::int64_t n : shape) {
    if (__builtin_mul_overflow(count, static_cast<std::uint64_t>(n), &count)) return std::nullopt;
  }
  return count;
}

// Turns one file's header into tensors; every complaint names the file and the tensor.
class HeaderReader {
 public:
  HeaderReader(const std::string& source, std::span<const std::byte> data) : source_(source), data_(data) {}

  [[noreturn]] void fail(const std::string& what, const std::string& hint = "") const {
    throw_input(source_ + ": " + what, hint.empty() ? "the file is no valid safetensors file" : hint);
  }

  Metadata metadata(const Json& value) const {
    if (!value.is_object()) fail("__metadata__ is no object of texts");
    Metadata out;
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail(fmt::format("__metadata__: '{}' is no text", key));
      out.emplace(key, text.get<std::string>());
    }
    return out;
  }

  TensorView tensor(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) fail(fmt::format("'{}' is described by {}", name, entry.type_name()));
    for (const auto& [key, unused] : entry.items()) {
      if (key != "dtype" && key != "shape" && key != "data_offsets")
        fail(fmt::format("'{}' has an unknown entry '{}'", name, key));
    }
    for (const char* key : {"dtype", "shape", "data_offsets"}) {
      if (!entry.contains(key)) fail(fmt::format("'{}' has no {}", name, key));
    }
    TensorView view;
    view.name = name;
    const Json& dtype = entry["dtype"];
    const auto element = dtype.is_string() ? value_of<Element>(dtype.get<std::string>()) : std::nullopt;
    if (!element)
      fail(fmt::format("'{}' has element type {}, expected one of {}", name, dtype.dump(),
                       all_names<Element>()));
    view.element = *element;
    for (const std::uint64_t n : whole_numbers(name, "shape", entry["shape"]))
      view.shape.push_back(static_cast<std::int64_t>(n));
    const auto offsets = whole_numbers(name, "data_offsets", entry["data_offsets"]);
    if (offsets.size() != 2) fail(fmt::format("'{}' has {} data_offsets, expected 2", name, offsets.size()));
    if (offsets[1] < offsets[0] || offsets[1] > data_.size()) {
      fail(fmt::format("'{}' lies at bytes {} to {} of {}", name, offsets[0], offsets[1], data_.size()),
           "the file was cut short or is broken; fetch it again");
    }
    const auto wanted = byte_count(view.shape, view.element);
    if (!wanted || *wanted != offsets[1] - offsets[0]) {
      fail(fmt::format("'{}' ({} {}) has {} bytes, expected {}", name, name_of(view.element),
                       shape_text(view.shape), offsets[1] - offsets[0],
                       wanted ? fmt::to_string(*wanted) : "more than fit 64 bits"));
    }
    view.bytes = data_.subspan(offsets[0], *wanted);
    return view;
  }

  // Each byte of the data belongs to exactly one tensor.
  void check_cover(const std::vector<TensorView>& tensors) const {
    std::vector<const TensorView*> order;
    for (const auto& tensor : tensors) order.push_back(&tensor);
    const auto begin = [&](const TensorView* t) {
      return static_cast<std::size_t>(t->bytes.data() - data_.data());
    };
    std::sort(order.begin(), order.end(), [&](const TensorView* a, const TensorView* b) {
      return std::pair(begin(a), a->bytes.size()) < std::pair(begin(b), b->bytes.size());
    });
    std::size_t end = 0;
    for (const TensorView* tensor : order) {
      if (begin(tensor) != end) {
        fail(
            fmt::format("'{}' starts at byte {} of the data, expected {}", tensor->name, begin(tensor), end));
      }
      end += tensor->bytes.size();
    }
    if (end != data_.size())
      fail(fmt::format("holds {} bytes of data, its tensors have {}", data_.size(), end));
  }

 private:
  std::vector<std::uint64_t> whole_numbers(const std::string& name, const char* key, const Json& list) const {
    if (!list.is_array()) fail(fmt::format("'{}': {} is no list", name, key));
    std::vector<std::uint64_t> out;
    for (const Json& item : list) {
      // nlohmann calls a non-negative whole number unsigned.
      if (!item.is_number_unsigned() ||
          item.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        fail(fmt::format("'{}': {} holds {}, expected whole numbers from 0", name, key, item.dump()));
      }
      out.push_back(item.get<std::uint64_t>());
    }
    return out;
  }

  const std::string& source_;
  std::span<const std::byte> data_;
};

std::uint64_t header_length(std::span<const std::byte> bytes, const std::string& source) {
  if (bytes.size() >= 4 && std::memcmp(bytes.data(), "PK\x03\x04", 4) == 0) {
    throw_input(source + ": is a zip archive, as torch.save writes it, and no safetensors file",
                "convert it with scripts/convert_weights.py");
  }
  std::uint64_t length = 0;
  if (bytes.size() < kLengthBytes) {
    throw_input(fmt::format("{}: has {} bytes, too few for a safetensors header", source, bytes.size()),
                "the file was cut short; fetch it again");
  }
  std::memcpy(&length, bytes.data(), kLengthBytes);
  if (length > kMaxHeaderBytes || length > bytes.size() - kLengthBytes) {
    throw_input(
        fmt::format("{}: its header is said to have {} bytes, the file has {}", source, length, bytes.size()),
        "the file is no safetensors file or was cut short");
  }
  return length;
}

}  // namespace

std::size_t size_of(Element element) {
  switch (element) {
    case Element::boolean:
    case Element::u8:
    case Element::i8:
      return 1;
    case Element::u16:
    case Element::i16:
    case Element::f16:
    case Element::bf16:
      return 2;
    case Element::u32:
    case Element::i32:
    case Element::f32:
      return 4;
    case Element::u64:
    case Element::i64:
    case Element::f64:
      return 8;
  }
  return 0;
}

std::string shape_text(std::span<const std::int64_t> shape) {
  return shape.empty() ? "scalar" : fmt::format("{}", fmt::join(shape.begin(), shape.end(), "x"));
}

Safetensors Safetensors::read(const std::filesystem::path& path) {
  return parse(read_bytes(path), path.string());
}

Safetensors Safetensors::parse(std::vector<std::byte> bytes, std::string source) {
  Safetensors file;
  file.source_ = std::move(source);
  file.bytes_ = std::move(bytes);
  const std::span<const std::byte> all = file.bytes_;
  const std::uint64_t length = header_length(all, file.source_);
  const std::string text(reinterpret_cast<const char*>(all.data() + kLengthBytes), length);
  const HeaderReader reader(file.source_, all.subspan(kLengthBytes + length));
  if (text.empty() || text.front() != '{') reader.fail("its header does not start with '{'");
  const Json header = parse_json(text, file.source_ + " (header)");
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadataKey) {
      file.metadata_ = reader.metadata(entry);
    } else {
      file.tensors_.push_back(reader.tensor(name, entry));
    }
  }
  reader.check_cover(file.tensors_);
  return file;
}

const TensorView* Safetensors::find(std::string_view name) const {
  const auto at = std::lower_bound(tensors_.begin(), tensors_.end(), name,
                                   [](const TensorView& t, std::string_view n) { return t.name < n; });
  return at != tensors_.end() && at->name == name ? &*at : nullptr;
}

void write_safetensors(const std::filesystem::path& path, std::span<const TensorView> tensors,
                       const Metadata& metadata) {
  // Widest elements first: every tensor then starts at a multiple of its element's size.
  std::vector<const TensorView*> order;
  for (const auto& tensor : tensors) order.push_back(&tensor);
  std::sort(order.begin(), order.end(), [](const TensorView* a, const TensorView* b) {
    return std::pair(size_of(b->element), std::string_view(a->name)) <
           std::pair(size_of(a->element), std::string_view(b->name));
  });
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadataKey] = metadata;
  std::size_t at = 0;
  for (const TensorView* tensor : order) {
    const auto wanted = byte_count(tensor->shape, tensor->element);
    if (tensor->name == kMetadataKey || header.contains(tensor->name) || wanted != tensor->bytes.size())
      throw Error(ErrorCode::bug, "tensor '" + tensor->name + "' cannot be written: name or size is wrong");
    header[tensor->name] = {{"dtype", name_of(tensor->element)},
                            {"shape", tensor->shape},
                            {"data_offsets", {at, at + tensor->bytes.size()}}};
    at += tensor->bytes.size();
  }
  std::string text = canonical_json(header);
  text.append((kLengthBytes - text.size() % kLengthBytes) % kLengthBytes, ' ');
  const std::uint64_t length = text.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(text);
  for (const TensorView* tensor : order) file.write(tensor->bytes);
  file.commit();
}

}  // namespace tagconf::nn
