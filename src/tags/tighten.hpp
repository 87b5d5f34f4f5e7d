// A box drawn in to what it holds. A finder's map has one value for several pixels and the box round it is
// loose; the picture itself says where the empty room ends.
#pragma once

#include <opencv2/core.hpp>

#include "tagconf/base/rect.hpp"

namespace tagconf::tags {

// `picture`: 8 bit, stretched. `outer` lies in it, `inner` in `outer`. Each side moves from `outer` towards
// `inner` over rows (columns) that are like those outside the box but for noise and slow shading, and stops
// before the first that is not: a plate's edge, a letter, any texture. An empty `inner` leaves the box alone.
[[nodiscard]] Rect tightened(const cv::Mat& picture, const Rect& outer, const Rect& inner);

}  // namespace tagconf::tags
