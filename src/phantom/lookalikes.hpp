// Bright things on radiographs that are no tags: rings, screws, plates, wires, electrodes, scratches,
// patches, corner remnants, clips, clamps of leads, buttons, chains, dense ovals, rows of teeth, collimator
// edges.
#pragma once

#include <opencv2/core.hpp>

#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {

// Adds one of them to a float picture of 0 to 255. Returns where it lies: 8 bit, 255 there.
[[nodiscard]] cv::Mat lay_lookalike(cv::Mat& grey, Rng& rng);

}  // namespace tagconf::phantom
