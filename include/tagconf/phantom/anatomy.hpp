// Where the bones and the soft tissue of a body part lie, before anything is pictured. Lengths are in units
// of the picture's long side, x to the right and y down from the picture's centre.
#pragma once

#include <cstddef>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct Point {
  double x = 0;
  double y = 0;
};

// A tapered, slightly bowed tube with a cortical shell and rounded ends.
struct Bone {
  Point a;
  Point b;
  double radius = 0;  // of the shaft
  double end_a = 1;   // radius at the ends, as a multiple of the shaft's
  double end_b = 1;
  double cortex = 0.4;  // thickness of the shell at mid-shaft, as a share of the radius
  double bow = 0;       // sideways deviation at mid-shaft
  double density = 1;
  bool joined = false;  // a part of the bone before it in the list
};

// A tapered cylinder of muscle and fat; a negative density takes away (lung).
struct SoftPart {
  Point a;
  Point b;
  double radius_a = 0;
  double radius_b = 0;
  double density = 1;
};

struct Anatomy {
  std::vector<Bone> bones;
  std::vector<SoftPart> soft;
  std::vector<std::size_t> main_bones;  // where lesions are looked for
};

// `view`: 1 frontal, 2 lateral, 3 oblique. Varies with the generator: proportions, angles, spread.
[[nodiscard]] Anatomy make_anatomy(Part part, int view, Rng& rng);

// Turned by `degrees`, scaled, shifted and, if asked, mirrored left to right.
[[nodiscard]] Anatomy moved(const Anatomy& anatomy, double degrees, double scale, Point shift, bool mirrored);

}  // namespace tagconf::phantom
