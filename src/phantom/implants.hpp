// Plates, screws, wires and nails.
#pragma once

#include <opencv2/core.hpp>

#include "bone_layer.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {

struct ImplantSite {
  const Bone& bone;  // in pixels
  const BoneFrame& frame;
  double u;      // along the bone
  double half;   // of the bone's width there, pixels
  double scale;  // pixels a millimetre
};

// Adds mm of steel along the ray. Low severity: a thin wire or one screw; high: a plate with its screws or a
// nail. Returns the box of what was drawn, not cut to the picture.
// `quarter_turn`: the same implant seen from the side instead of from the front.
Rect draw_implant(cv::Mat& metal, const ImplantSite& site, double severity, bool quarter_turn, Rng& rng);

}  // namespace tagconf::phantom
