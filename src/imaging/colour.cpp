#include "tagconf/imaging/colour.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "tagconf/base/error.hpp"

namespace tagconf::imaging {
namespace {

using Colour = std::array<std::uint8_t, 3>;
using Table = std::array<Colour, 33>;

// viridis and magma of Smith, van der Walt and Firing (2015; CC0), at 33 even places; between them linear,
// which stays within 2 of the published 256 colours.
constexpr Table kViridis{{{68, 1, 84},    {71, 13, 96},   {72, 24, 106},  {72, 35, 116},  {71, 45, 123},
                          {69, 54, 129},  {66, 64, 134},  {63, 73, 137},  {59, 82, 139},  {55, 90, 141},
                          {51, 99, 141},  {47, 106, 142}, {44, 114, 142}, {41, 122, 142}, {38, 129, 142},
                          {35, 137, 142}, {33, 144, 140}, {31, 152, 139}, {31, 159, 136}, {33, 166, 133},
                          {40, 174, 128}, {49, 181, 123}, {62, 188, 116}, {76, 194, 108}, {93, 201, 99},
                          {110, 206, 88}, {130, 211, 76}, {150, 216, 63}, {171, 220, 50}, {192, 223, 36},
                          {213, 226, 26}, {234, 229, 26}, {253, 231, 37}}};
constexpr Table kMagma{{{0, 0, 4},       {3, 3, 17},      {10, 8, 34},     {19, 13, 51},    {29, 17, 70},
                        {40, 17, 90},    {54, 16, 106},   {67, 15, 118},   {80, 18, 124},   {93, 23, 127},
                        {105, 28, 129},  {118, 33, 129},  {130, 38, 129},  {143, 42, 129},  {156, 46, 127},
                        {169, 50, 125},  {182, 55, 121},  {195, 59, 117},  {207, 65, 112},  {219, 72, 106},
                        {230, 81, 99},   {238, 92, 94},   {245, 105, 92},  {249, 120, 93},  {251, 135, 97},
                        {253, 150, 104}, {254, 165, 113}, {254, 180, 123}, {254, 195, 135}, {254, 209, 148},
                        {253, 224, 162}, {252, 238, 176}, {252, 253, 191}}};

std::array<double, 3> colour_at(const Table& table, double value) {
  const double place = std::clamp(value, 0.0, 1.0) * static_cast<double>(table.size() - 1);
  const auto low = std::min(static_cast<std::size_t>(place), table.size() - 2);
  const double part = place - static_cast<double>(low);
  std::array<double, 3> out{};
  for (std::size_t c = 0; c < 3; ++c) {
    out[c] = (1 - part) * table[low][c] + part * table[low + 1][c];
  }
  return out;
}

std::uint8_t to_byte(double value) {
  return static_cast<std::uint8_t>(std::clamp(std::floor(value + 0.5), 0.0, 255.0));
}

}  // namespace

std::array<std::uint8_t, 3> colour_of(ColourMap colours, double value) {
  const auto exact = colour_at(colours == ColourMap::viridis ? kViridis : kMagma, value);
  return {to_byte(exact[0]), to_byte(exact[1]), to_byte(exact[2])};
}

RgbImage to_rgb(const GreyImage& image) {
  RgbImage out{image.width, image.height, {}};
  out.pixels.reserve(image.pixels.size() * 3);
  for (const std::uint16_t v : image.pixels) {
    out.pixels.insert(out.pixels.end(), 3, to_byte(255.0 * v / image.full_scale()));
  }
  return out;
}

RgbImage overlay(const GreyImage& image, const Plane& map, ColourMap colours, double opacity) {
  if (map.width != image.width || map.height != image.height) {
    throw Error(ErrorCode::bug, "a map and the picture under it differ in size");
  }
  const Table& table = colours == ColourMap::viridis ? kViridis : kMagma;
  RgbImage out = to_rgb(image);
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    const double value = std::clamp(static_cast<double>(map.values[i]), 0.0, 1.0);
    const double weight = std::clamp(opacity, 0.0, 1.0) * value;
    const auto colour = colour_at(table, value);
    for (std::size_t c = 0; c < 3; ++c) {
      auto& pixel = out.pixels[3 * i + c];
      pixel = to_byte((1 - weight) * pixel + weight * colour[c]);
    }
  }
  return out;
}

void draw_outline(RgbImage& image, const Rect& box, std::uint8_t r, std::uint8_t g, std::uint8_t b,
                  int thickness) {
  const Rect inner{box.x + thickness, box.y + thickness, box.w - 2 * thickness, box.h - 2 * thickness};
  const Rect seen = intersect(box, {0, 0, image.width, image.height});
  for (int y = seen.y; y < seen.bottom(); ++y) {
    for (int x = seen.x; x < seen.right(); ++x) {
      if (!inner.empty() && inner.contains(x, y)) continue;
      const auto at = 3 * (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                           static_cast<std::size_t>(x));
      image.pixels[at] = r;
      image.pixels[at + 1] = g;
      image.pixels[at + 2] = b;
    }
  }
}

}  // namespace tagconf::imaging
