#include "tagconf/base/npy.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <optional>
#include <string_view>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf {
namespace {

constexpr std::size_t kHeaderSize = 128;
constexpr std::string_view kMagic("\x93NUMPY", 6);

std::string_view descr_of(NpyType type) {
  switch (type) {
    case NpyType::uint8:
      return "|u1";
    case NpyType::uint16:
      return "<u2";
    case NpyType::float32:
      return "<f4";
  }
  return "";
}

std::size_t product(std::span<const std::size_t> shape) {
  std::size_t n = 1;
  for (const auto s : shape) {
    if (s != 0 && n > (std::size_t{1} << 62U) / s) return 0;
    n *= s;
  }
  return n;
}

// Always kHeaderSize bytes, so that the count of items can be written last.
std::string header_text(NpyType type, std::size_t count, std::span<const std::size_t> item_shape) {
  std::string shape = "(" + std::to_string(count) + ",";
  for (std::size_t i = 0; i < item_shape.size(); ++i) {
    shape += " " + std::to_string(item_shape[i]) + (i + 1 < item_shape.size() ? "," : "");
  }
  shape += ")";
  std::string dictionary =
      "{'descr': '" + std::string(descr_of(type)) + "', 'fortran_order': False, 'shape': " + shape + ", }";
  std::string out(kMagic);
  out += '\x01';
  out += '\0';
  constexpr std::size_t kLength = kHeaderSize - 10;
  out += static_cast<char>(kLength & 255U);
  out += static_cast<char>(kLength >> 8U);
  dictionary.resize(kLength - 1, ' ');
  return out + dictionary + "\n";
}

// What stands between `open` and `close` after `key` in the header's Python dictionary.
std::optional<std::string_view> value_text(std::string_view text, std::string_view key, std::string_view open,
                                           std::string_view close) {
  const auto at = text.find(key);
  if (at == std::string_view::npos) return std::nullopt;
  text.remove_prefix(at + key.size());
  const auto start = text.find_first_not_of(' ');
  if (start == std::string_view::npos || text.substr(start, open.size()) != open) return std::nullopt;
  text.remove_prefix(start + open.size());
  const auto end = text.find(close);
  if (end == std::string_view::npos || end > 200) return std::nullopt;
  return text.substr(0, end);
}

struct Header {
  NpyType type = NpyType::uint8;
  std::vector<std::size_t> shape;
  std::size_t offset = 0;
};

Header parse_header(std::span<const std::byte> bytes, const std::string& name) {
  const auto fail = [&](const std::string& what) -> void {
    throw_input(name + ": " + what, "expected a .npy array");
  };
  if (bytes.size() < 10 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    fail("is not a .npy file");
  if (bytes[6] != std::byte{1})
    fail("has .npy format version " + std::to_string(static_cast<int>(bytes[6])) + ", expected 1");
  Header header;
  header.offset = 10 + static_cast<std::size_t>(bytes[8]) + 256 * static_cast<std::size_t>(bytes[9]);
  if (header.offset > bytes.size()) fail("ends within its header");
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + 10, header.offset - 10);
  const auto descr = value_text(text, "'descr':", "'", "'");
  std::optional<NpyType> type;
  for (const auto candidate : {NpyType::uint8, NpyType::uint16, NpyType::float32}) {
    if (descr == descr_of(candidate)) type = candidate;
  }
  if (!type) fail("has element type '" + std::string(descr.value_or("")) + "', expected |u1, <u2 or <f4");
  header.type = *type;
  if (value_text(text, "'fortran_order':", "F", "e") != "als") fail("is in Fortran order, expected C order");
  const auto shape = value_text(text, "'shape':", "(", ")");
  if (!shape) fail("names no shape");
  std::string_view rest = *shape;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    std::string_view number = rest.substr(0, comma);
    while (!number.empty() && number.front() == ' ') number.remove_prefix(1);
    rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
    if (number.empty() && rest.empty()) break;  // the comma of "(5,)"
    const auto size = parse_int(number);
    if (!size || *size < 0) fail("has a broken shape (" + std::string(*shape) + ")");
    header.shape.push_back(static_cast<std::size_t>(*size));
  }
  if (header.shape.empty()) fail("is a single number, expected an array");
  return header;
}

}  // namespace

std::size_t size_of(NpyType type) {
  switch (type) {
    case NpyType::uint8:
      return 1;
    case NpyType::uint16:
      return 2;
    case NpyType::float32:
      return 4;
  }
  return 0;
}

struct NpyWriter::State {
  State(std::filesystem::path path, NpyType type_, std::vector<std::size_t> shape)
      : file(std::move(path)), type(type_), item_shape(std::move(shape)) {}
  AtomicFile file;
  NpyType type;
  std::vector<std::size_t> item_shape;
  std::size_t written = 0;
};

NpyWriter::NpyWriter(std::filesystem::path path, NpyType type, std::vector<std::size_t> item_shape)
    : state_(std::make_unique<State>(std::move(path), type, std::move(item_shape))) {
  state_->file.write(header_text(type, 0, state_->item_shape));
}
NpyWriter::~NpyWriter() = default;

void NpyWriter::append(std::span<const std::byte> bytes) {
  constexpr std::size_t kFlushed = std::size_t{32} << 20U;
  const std::size_t before = state_->written;
  state_->file.write(bytes);
  state_->written += bytes.size();
  if (before / kFlushed != state_->written / kFlushed) state_->file.begin_flush();
}

void NpyWriter::commit() {
  const std::size_t item = size_of(state_->type) * product(state_->item_shape);
  if (item == 0 || state_->written % item != 0)
    throw Error(ErrorCode::bug, "an array was written with a broken last item");
  const std::string header = header_text(state_->type, state_->written / item, state_->item_shape);
  state_->file.write_at(0, std::as_bytes(std::span(header.data(), header.size())));
  state_->file.commit();
}

struct NpyMap::State {
  Header header;
  void* map = nullptr;
  std::size_t size = 0;
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (map != nullptr) ::munmap(map, size);
  }
};

NpyMap::NpyMap(const std::filesystem::path& path) : state_(std::make_unique<State>()) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (descriptor < 0 || ::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) ||
      status.st_size == 0) {
    if (descriptor >= 0) ::close(descriptor);
    throw_input(
        path.string() + ": " + (descriptor < 0 ? "no such file or not readable" : "is empty or no file"),
        "expected a .npy array");
  }
  state_->size = static_cast<std::size_t>(status.st_size);
  void* map = ::mmap(nullptr, state_->size, PROT_READ, MAP_SHARED, descriptor, 0);
  ::close(descriptor);
  if (map == MAP_FAILED)
    throw Error(ErrorCode::environment, path.string() + ": cannot be mapped into memory");
  state_->map = map;
  state_->header = parse_header({static_cast<const std::byte*>(map), state_->size}, path.string());
  const std::size_t wanted = size_of(type()) * product(shape());
  if (state_->size - state_->header.offset != wanted) {
    throw_input(path.string() + ": holds " + std::to_string(state_->size - state_->header.offset) +
                    " bytes of data, its shape needs " + std::to_string(wanted),
                "the file was cut short or is not whole; make it again");
  }
}
NpyMap::~NpyMap() = default;
NpyMap::NpyMap(NpyMap&&) noexcept = default;
NpyMap& NpyMap::operator=(NpyMap&&) noexcept = default;

NpyType NpyMap::type() const {
  return state_->header.type;
}
const std::vector<std::size_t>& NpyMap::shape() const {
  return state_->header.shape;
}

std::span<const std::byte> NpyMap::bytes() const {
  return {static_cast<const std::byte*>(state_->map) + state_->header.offset,
          state_->size - state_->header.offset};
}

std::span<const std::byte> NpyMap::item(std::size_t i) const {
  const std::size_t item_size = size_of(type()) * product(std::span(shape()).subspan(1));
  return bytes().subspan(i * item_size, item_size);
}

}  // namespace tagconf
