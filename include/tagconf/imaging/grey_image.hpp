// A grey radiograph in memory: 8 or 16 bit, row major, no padding between rows.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tagconf/base/rect.hpp"

namespace tagconf::imaging {

// Values are stored in 16 bit whatever the depth; full scale is 255 or 65535 by `bits` and is the only number
// that grey values are ever divided by.
struct GreyImage {
  int width = 0;
  int height = 0;
  int bits = 8;                       // 8 or 16
  std::vector<std::uint16_t> pixels;  // height x width

  GreyImage() = default;
  GreyImage(int width_, int height_, int bits_, std::uint16_t fill = 0)
      : width(width_),
        height(height_),
        bits(bits_),
        pixels(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), fill) {}

  [[nodiscard]] std::uint16_t full_scale() const { return bits == 16 ? 65535 : 255; }
  [[nodiscard]] bool empty() const { return pixels.empty(); }
  [[nodiscard]] Rect frame() const { return {0, 0, width, height}; }
  [[nodiscard]] std::uint16_t& at(int x, int y) {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  [[nodiscard]] std::uint16_t at(int x, int y) const {
    return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  friend bool operator==(const GreyImage&, const GreyImage&) = default;
};

// A float plane, row major; grey values as fractions of full scale where it holds an image.
struct Plane {
  int width = 0;
  int height = 0;
  std::vector<float> values;

  Plane() = default;
  Plane(int width_, int height_, float fill = 0.0F)
      : width(width_),
        height(height_),
        values(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_), fill) {}
  [[nodiscard]] float& at(int x, int y) {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
  [[nodiscard]] float at(int x, int y) const {
    return values[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                  static_cast<std::size_t>(x)];
  }
};

// An 8-bit colour picture, for overlays: RGB, row major.
struct RgbImage {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  // height x width x 3
};

// Pixels divided by full scale, 0 to 1.
[[nodiscard]] Plane to_plane(const GreyImage& image);

}  // namespace tagconf::imaging
