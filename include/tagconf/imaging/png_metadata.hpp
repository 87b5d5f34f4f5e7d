// What a PNG says about its picture besides the pixels, carried from one file to another.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tagconf::imaging {

struct PngMetadata {
  // Whole chunks, as they stand in the file.
  std::vector<std::byte>
      picture;  // pHYs, gAMA, sRGB, and of grey pictures iCCP: size of a pixel, meaning of a grey
  std::vector<std::byte> words;  // tEXt, zTXt, iTXt, eXIf: may name patients, places and times
};

// Of the bytes of a PNG that decodes; nothing of anything else.
[[nodiscard]] PngMetadata png_metadata(std::span<const std::byte> bytes);

// `png` as encode_png writes it, with the chunks put in after its header.
[[nodiscard]] std::vector<std::byte> with_metadata(std::span<const std::byte> png,
                                                   std::span<const std::byte> chunks);

}  // namespace tagconf::imaging
