// PNG. Damaged bytes seldom pass its checksums, so each input is tried a second time with those set right.
#include <zlib.h>

#include <vector>

#include "codec_parts.hpp"
#include "picture.hpp"

namespace tagconf::fuzz {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kSignature = 8;
constexpr std::size_t kAround = 12;  // a chunk's length, name and checksum

std::uint32_t word_at(const Bytes& bytes, std::size_t place) {
  std::uint32_t word = 0;
  for (std::size_t i = 0; i < 4; ++i) word = word << 8U | std::to_integer<std::uint32_t>(bytes[place + i]);
  return word;
}

void put_word(Bytes& bytes, std::size_t place, std::uint32_t word) {
  for (std::size_t i = 0; i < 4; ++i) bytes[place + i] = static_cast<std::byte>(word >> (24 - 8 * i) & 0xFFU);
}

Bytes with_checksums(std::span<const std::byte> given) {
  Bytes bytes(given.begin(), given.end());
  for (std::size_t place = kSignature; place + kAround <= bytes.size();) {
    const std::size_t length = word_at(bytes, place);
    if (length > bytes.size() - place - kAround) break;
    const auto* named = reinterpret_cast<const Bytef*>(bytes.data() + place + 4);
    const auto sum = crc32(0, named, static_cast<uInt>(length + 4));
    put_word(bytes, place + length + 8, static_cast<std::uint32_t>(sum));
    place += length + kAround;
  }
  return bytes;
}

// What the fast reader takes, libpng reads to the same picture.
void compare_readers(std::span<const std::byte> bytes) {
  constexpr imaging::DecodeLimits kLimits{1 << 20};
  const auto plain = imaging::detail::decode_plain_png(bytes, kLimits);
  if (plain) check(imaging::detail::decode_png(bytes, "f.png", kLimits) == *plain, "both readers agree");
}

}  // namespace
}  // namespace tagconf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = tagconf::fuzz::bytes_of(data, size);
  for (const auto& input : {std::vector(bytes.begin(), bytes.end()), tagconf::fuzz::with_checksums(bytes)}) {
    tagconf::fuzz::try_picture(input);
    if (tagconf::imaging::detail::is_png(input)) tagconf::fuzz::compare_readers(input);
  }
  return 0;
}
