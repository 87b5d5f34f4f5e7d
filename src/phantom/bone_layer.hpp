// One bone pictured: how much mineral a ray meets at each pixel.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>

#include "tagconf/base/rect.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/anatomy.hpp"

namespace tagconf::phantom {

// Position in a bone's own frame: u along the axis from 0 to 1, v across it in pixels (to the right of a -> b
// when that points up).
struct Local {
  double u = 0;
  double v = 0;
};

class BoneFrame {
 public:
  explicit BoneFrame(const Bone& bone);
  [[nodiscard]] Local local(double x, double y) const;
  [[nodiscard]] Point at(Local p) const;
  [[nodiscard]] double length() const { return length_; }
  [[nodiscard]] Point along() const { return along_; }
  [[nodiscard]] Point right() const { return {-along_.y, along_.x}; }

 private:
  Point a_;
  Point along_;
  double length_ = 1;
};

// From the outline's left edge to its right edge across the axis at u; low > high when it is not met.
struct Extent {
  double low = 1;
  double high = -1;
  [[nodiscard]] double middle() const { return 0.5 * (low + high); }
  [[nodiscard]] double half() const { return 0.5 * (high - low); }
};
[[nodiscard]] Extent extent_at(const Bone& bone, double u);

// A square of grain that repeats, unit variance: `fine` for the network of trabeculae, `coarse` for patches.
struct Grain {
  imaging::Plane fine;
  imaging::Plane coarse;
  [[nodiscard]] float fine_at(double x, double y) const;
  [[nodiscard]] float coarse_at(double x, double y) const;
};
[[nodiscard]] Grain make_grain(Rng& rng);

struct BoneLayer {
  Rect area;        // in the picture's pixels, may reach beyond it; empty when nothing is within the limits
  cv::Mat mineral;  // float, mm of cortical bone along the ray
};

// `bone` in pixels, `scale` pixels a millimetre. The ray meets a shell of cortex around marrow: with d the
// distance to the outline and R half the bone's depth there, a ray's path is 2 sqrt(d (2 R - d)). What lies
// outside `limits` is left out.
[[nodiscard]] BoneLayer picture_bone(const Bone& bone, double scale, const Grain& grain, const Rect& limits);

}  // namespace tagconf::phantom
