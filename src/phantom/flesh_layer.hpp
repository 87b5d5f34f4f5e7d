// Soft tissue pictured: how much of it a ray meets at each pixel.
#pragma once

#include <opencv2/core.hpp>
#include <span>

#include "tagconf/phantom/anatomy.hpp"

namespace tagconf::phantom {

// mm of muscle along the ray (float, height x width), never below 0. `flesh` in pixels, `scale` pixels a
// millimetre. Fat under the skin counts for less than muscle.
[[nodiscard]] cv::Mat picture_flesh(std::span<const Flesh> flesh, double scale, int width, int height);

}  // namespace tagconf::phantom
