// Colour maps and overlays.
#pragma once

#include <array>
#include <cstdint>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::imaging {

enum class ColourMap { viridis, magma };

// Red, green, blue of a value; values outside 0 to 1 take the colour of the nearer end.
[[nodiscard]] std::array<std::uint8_t, 3> colour_of(ColourMap colours, double value);

// `map` (values 0 to 1, same size as the picture) laid over the grey picture, opacity growing with the value.
[[nodiscard]] RgbImage overlay(const GreyImage& image, const Plane& map, ColourMap colours, double opacity);
[[nodiscard]] RgbImage to_rgb(const GreyImage& image);
// A rectangle's outline of the given thickness, inside the picture.
void draw_outline(RgbImage& image, const Rect& box, std::uint8_t r, std::uint8_t g, std::uint8_t b,
                  int thickness);

}  // namespace tagconf::imaging
