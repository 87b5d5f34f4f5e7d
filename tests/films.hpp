// Pictures that look a little like radiographs, and what people do to copies of them.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::test {

// Bright shapes on black, soft ones and some with an edge, with some noise, 8 bit; another `number`, another
// picture.
inline imaging::GreyImage film(std::uint64_t number, int width = 300, int height = 240) {
  Rng rng(7, "film", number);
  imaging::GreyImage image(width, height, 8);
  struct Blob {
    double x, y, across, down, grey;
    bool has_rim;
  };
  std::array<Blob, 9> blobs{};
  for (auto& blob : blobs) {
    blob = {rng.uniform(0, width),           rng.uniform(0, height),
            rng.uniform(0.08, 0.25) * width, rng.uniform(0.08, 0.25) * height,
            rng.uniform(0.2, 0.6),           rng.chance(0.5)};
  }
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      double grey = 0;
      for (const auto& blob : blobs) {
        const double dx = (x - blob.x) / blob.across;
        const double dy = (y - blob.y) / blob.down;
        const double from_centre = dx * dx + dy * dy;
        grey += blob.grey * std::exp(-from_centre);
        // A rim, as of a bone.
        if (blob.has_rim && from_centre > 0.2 && from_centre < 0.35) grey += 0.2;
      }
      grey = std::min(grey, 0.95) + 0.01 * rng.normal();
      image.at(x, y) = static_cast<std::uint16_t>(std::lround(std::clamp(grey, 0.0, 1.0) * 255));
    }
  }
  return image;
}

// `curve` maps grey from 0 to 1 to the same.
template <class Curve>
imaging::GreyImage change_grey(imaging::GreyImage image, Curve&& curve) {
  const double full = image.full_scale();
  for (auto& p : image.pixels)
    p = static_cast<std::uint16_t>(std::lround(std::clamp(curve(p / full), 0.0, 1.0) * full));
  return image;
}

inline imaging::GreyImage cover(imaging::GreyImage image, const Rect& box) {
  for (int y = box.y; y < box.y + box.h; ++y) {
    for (int x = box.x; x < box.x + box.w; ++x) image.at(x, y) = 0;
  }
  return image;
}

inline imaging::GreyImage mirror(const imaging::GreyImage& image) {
  imaging::GreyImage out = image;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) out.at(x, y) = image.at(image.width - 1 - x, y);
  }
  return out;
}

}  // namespace tagconf::test
