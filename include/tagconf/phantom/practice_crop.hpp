// Crops for a tag finder to learn from: a background, look-alikes and tags laid onto it, and the map of where
// the tags are. Crop i is a function of the backgrounds, the seed and i: the same on any number of threads.
#pragma once

#include <cstdint>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/tags/known.hpp"

namespace tagconf::phantom {

inline constexpr int kCropSide = 256;
inline constexpr int kMapSide = kCropSide / 4;  // targets are at a quarter of the resolution

struct Background {
  imaging::GreyImage image;         // as stored; it is stretched as the finder will see it
  std::vector<std::uint8_t> known;  // tags::Known, height x width; empty: no tag anywhere
  double weight = 1;                // how often it is drawn, relative to the others
};

// The frame where marks are put on chest films: unknown in the upper 24 %, the lower 14 % and 17 % at either
// side; no tag in the middle. For images whose tags nobody has labelled.
[[nodiscard]] std::vector<std::uint8_t> unknown_frame(int width, int height);

struct Crop {
  std::vector<float> grey;           // kCropSide^2, 0 to 1
  std::vector<std::uint8_t> inside;  // kCropSide^2, 1 inside the background's picture
  std::vector<float> target;         // kMapSide^2, 1 on tags
  std::vector<float> weight;         // kMapSide^2, 0 where no loss is taken
};

class CropSource {
 public:
  // Error input without a background of positive weight.
  CropSource(std::vector<Background> backgrounds, std::uint64_t seed);
  ~CropSource();
  CropSource(CropSource&&) noexcept;
  CropSource& operator=(CropSource&&) noexcept;

  [[nodiscard]] Crop crop(std::uint64_t index) const;

 private:
  struct Prepared;
  static Prepared prepare(Background& background);

  std::vector<Prepared> backgrounds_;
  std::uint64_t seed_;
};

}  // namespace tagconf::phantom
