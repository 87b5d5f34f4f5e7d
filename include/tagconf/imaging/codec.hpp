// Pictures from and to bytes: PNG (libpng, libdeflate) and JPEG (libjpeg-turbo). Declared sizes are checked
// before memory is taken; a broken file is error input, never a crash and never a half-filled picture.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::imaging {

struct DecodeLimits {
  std::int64_t max_pixels = 400'000'000;
};

// Grey or colour (turned to grey by Rec. 601 weights; equal channels are taken as they are), 8 or 16 bit,
// alpha ignored, palettes expanded, 1/2/4-bit grey scaled to 8. `where` names the file in messages.
[[nodiscard]] GreyImage decode(std::span<const std::byte> bytes, const std::string& where,
                               const DecodeLimits& limits = {});
// Reads and decodes; the type is told by content, not by name.
[[nodiscard]] GreyImage read_image(const std::filesystem::path& path, const DecodeLimits& limits = {});

// Does the content begin like a PNG or a JPEG? (Eight bytes are enough.)
[[nodiscard]] bool looks_like_image(std::span<const std::byte> bytes);

// Width, height and depth from the header alone.
struct ImageHeader {
  int width = 0;
  int height = 0;
  int bits = 8;
};
[[nodiscard]] ImageHeader read_header(std::span<const std::byte> bytes, const std::string& where);
// The header of a picture that decode() would accept; throws what it would throw. Of most PNGs in half the
// time.
[[nodiscard]] ImageHeader check_image(std::span<const std::byte> bytes, const std::string& where,
                                      const DecodeLimits& limits = {});

// Bytes that decode() takes at the most, its picture included.
[[nodiscard]] std::int64_t decoding_memory(const ImageHeader& header);

// PNG keeps depth and every pixel. Same picture, same bytes.
[[nodiscard]] std::vector<std::byte> encode_png(const GreyImage& image);
[[nodiscard]] std::vector<std::byte> encode_png(const RgbImage& image);
[[nodiscard]] std::vector<std::byte> encode_jpeg(const GreyImage& image, int quality);
[[nodiscard]] std::vector<std::byte> encode_jpeg(const RgbImage& image, int quality);
void write_png(const std::filesystem::path& path, const GreyImage& image);
void write_png(const std::filesystem::path& path, const RgbImage& image);

}  // namespace tagconf::imaging
