#include "tagconf/imaging/png_metadata.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <string_view>

#include "codec_parts.hpp"

namespace tagconf::imaging {
namespace {

// PNG specification, section 5.3: length, name, data, checksum.
constexpr std::size_t kSignature = 8;
constexpr std::size_t kAround = 12;  // all but the data
constexpr std::size_t kHeader = 25;  // the whole IHDR chunk
constexpr std::array<std::string_view, 3> kPicture{"pHYs", "gAMA", "sRGB"};
constexpr std::array<std::string_view, 4> kWords{"tEXt", "zTXt", "iTXt", "eXIf"};

std::size_t length_at(std::span<const std::byte> bytes, std::size_t place) {
  std::size_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::size_t>(bytes[place + i]);
  return value;
}

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

PngMetadata png_metadata(std::span<const std::byte> bytes) {
  PngMetadata out;
  if (!detail::is_png(bytes) || bytes.size() < kSignature + kHeader) return out;
  // A profile of colours means nothing for the grey that colours were turned to.
  constexpr std::size_t kColourType = kSignature + 8 + 9;
  constexpr std::byte kColour{2};
  const bool grey = (bytes[kColourType] & kColour) == std::byte{0};
  std::set<std::string_view> seen;
  for (std::size_t place = kSignature; bytes.size() - place >= kAround;) {
    const std::size_t size = kAround + length_at(bytes, place);
    if (size > bytes.size() - place) break;
    const std::string_view name(reinterpret_cast<const char*>(bytes.data()) + place + 4, 4);
    if (name == "IEND") break;  // what follows is no part of the picture
    const auto chunk = bytes.subspan(place, size);
    // Each of these may stand once; readers go by the first.
    if ((is_one_of(kPicture, name) || (grey && name == "iCCP")) && seen.insert(name).second)
      out.picture.insert(out.picture.end(), chunk.begin(), chunk.end());
    if (is_one_of(kWords, name)) out.words.insert(out.words.end(), chunk.begin(), chunk.end());
    place += size;
  }
  return out;
}

std::vector<std::byte> with_metadata(std::span<const std::byte> png, std::span<const std::byte> chunks) {
  std::vector<std::byte> out(png.begin(), png.end());
  constexpr auto kAfterHeader = static_cast<std::ptrdiff_t>(kSignature + kHeader);
  if (png.size() > kSignature + kHeader) out.insert(out.begin() + kAfterHeader, chunks.begin(), chunks.end());
  return out;
}

}  // namespace tagconf::imaging
