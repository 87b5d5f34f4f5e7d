// The boxes of one connected region: one where the region fills it fairly, several where it is an angle or a
// frame whose one box would be mostly empty (two scales that meet in a corner).
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "tagconf/base/rect.hpp"

namespace tagconf::tags {

// `region`: 8 bit, not 0 inside. Straight cuts, each where the two halves' boxes are smallest together, as
// long as a box is filled by less than half and a cut saves a third of its area. In pixels of `region`, upper
// left first; empty for an empty region.
[[nodiscard]] std::vector<Rect> region_boxes(const cv::Mat& region);

}  // namespace tagconf::tags
