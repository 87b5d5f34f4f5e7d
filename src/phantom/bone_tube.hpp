// One bone as a tube in its own coordinates: u along the axis from 0 to 1, v across it in pixels.
#pragma once

#include <array>
#include <vector>

#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/anatomy.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct Local {
  double u = 0;  // 0 at end a, 1 at end b
  double v = 0;  // pixels to the side of the axis
};

// How much cortex and how much marrow a ray meets, in pixels.
struct Chords {
  double cortex = 0;
  double marrow = 0;
  double end_share = 0;  // 0 in the shaft, 1 at the ends, where marrow is denser
};

class BoneTube {
 public:
  // Coordinates in pixels: `scale` pixels a unit, the origin at (cx, cy).
  BoneTube(const Bone& bone, double scale, double cx, double cy, Rng& rng);

  [[nodiscard]] Local local(double x, double y) const;
  [[nodiscard]] Point at(Local position) const;
  [[nodiscard]] Chords chords(Local position) const;
  [[nodiscard]] double radius(double u) const;
  [[nodiscard]] double shaft_radius() const { return radius_; }
  [[nodiscard]] double length() const { return length_; }
  [[nodiscard]] Rect bounds(int width, int height) const;

 private:
  [[nodiscard]] double flare(double u) const;

  Point a_;
  Point along_;
  double length_ = 1;
  double radius_ = 1;
  double end_a_ = 1;
  double end_b_ = 1;
  double cortex_ = 0.4;
  double bow_ = 0;
  std::array<double, 6> ripple_{};  // amplitude and phase of the outline's irregularity
};

// A lesion in a bone: changes where a ray runs and what it meets.
class BoneLesion {
 public:
  // Placed by the generator within the middle of the bone, inside the picture where possible.
  BoneLesion(Lesion kind, double severity, const BoneTube& bone, int width, int height, Rng& rng);

  // Displacement of a fracture: the place in the undamaged bone that is seen at `position`.
  [[nodiscard]] Local undisplaced(Local position) const;
  // Factor on bone chords (fracture gap, lytic or sclerotic focus).
  [[nodiscard]] double bone_factor(Local position) const;
  // Metal chord as a share of full opacity.
  [[nodiscard]] double metal(Local position) const;
  [[nodiscard]] Rect box(int width, int height) const;

 private:
  [[nodiscard]] double fracture_line(double v) const;
  [[nodiscard]] double plate(Local position) const;

  Lesion kind_;
  double severity_;
  const BoneTube& bone_;
  double u_ = 0.5;       // centre along the bone
  double v_ = 0;         // centre across it, pixels
  double half_u_ = 0;    // half extent along, share of the length
  double half_v_ = 0;    // half extent across, pixels
  double slope_ = 0;     // of the fracture line
  double shift_ = 0;     // of the far fragment, pixels
  double gap_ = 0;       // pixels
  double depth_ = 0;     // share of bone taken away (negative: added)
  bool face_on_ = true;  // plate seen from above or from the side
  int screws_ = 0;
  std::array<double, 8> jag_{};
};

}  // namespace tagconf::phantom
