// The picture as the classical finder sees it: 8 bit, stretched, at one working size whatever the original's.
#pragma once

#include <opencv2/core.hpp>

#include "tagconf/base/rect.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// Long side of the working picture in pixels; letters are then some 9 to 170 px high.
inline constexpr int kWorkingSide = 768;

struct WorkingImage {
  cv::Mat grey;      // CV_8UC1; the 0.5th percentile at 0, the 99.5th at 255
  cv::Mat gradient;  // CV_32FC1, grey levels per pixel
  double scale = 1;  // working pixels per stored pixel
  int stored_width = 0;
  int stored_height = 0;

  [[nodiscard]] Rect frame() const { return {0, 0, grey.cols, grey.rows}; }
  // The smallest box in stored pixels that holds a box of the working picture.
  [[nodiscard]] Rect to_stored(const Rect& box) const;
};

// Pictures with an empty side or a single grey level give an empty `grey`.
[[nodiscard]] WorkingImage working_image(const imaging::GreyImage& image);

[[nodiscard]] inline cv::Rect to_cv(const Rect& r) {
  return {r.x, r.y, r.w, r.h};
}
[[nodiscard]] inline Rect from_cv(const cv::Rect& r) {
  return {r.x, r.y, r.width, r.height};
}

}  // namespace tagconf::tags
