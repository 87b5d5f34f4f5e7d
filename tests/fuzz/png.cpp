// Pictures: a decoded one has the size that its header says, and survives being written. Damaged bytes seldom
// pass PNG's checksums, so each input is tried a second time with those set right.
#include <zlib.h>

#include <cstring>

#include "fuzz.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/png_metadata.hpp"

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

void try_picture(std::span<const std::byte> bytes) {
  constexpr imaging::DecodeLimits kLimits{1 << 20};
  imaging::GreyImage image;
  const auto metadata = imaging::png_metadata(bytes);
  check(metadata.picture.size() + metadata.words.size() <= bytes.size(), "metadata is part of the file");
  if (!accepts(ErrorCode::input, [&] { image = imaging::decode(bytes, "f.png", kLimits); })) return;
  const auto header = imaging::read_header(bytes, "f.png");
  check(image.width == header.width && image.height == header.height && image.bits == header.bits,
        "a picture is as large and deep as its header says");
  check(image.frame().area() <= kLimits.max_pixels, "the limit of pixels holds");
  const auto written = imaging::with_metadata(imaging::encode_png(image), metadata.picture);
  check(imaging::decode(written, "written.png") == image, "a picture survives being written");
}

}  // namespace
}  // namespace tagconf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = tagconf::fuzz::bytes_of(data, size);
  tagconf::fuzz::try_picture(bytes);
  tagconf::fuzz::try_picture(tagconf::fuzz::with_checksums(bytes));
  return 0;
}
