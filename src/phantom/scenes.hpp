// The arrangements of bones and flesh that the seven body parts are pictured from.
#pragma once

#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/anatomy.hpp"

namespace tagconf::phantom {

// How one patient differs from the textbook.
struct Build {
  double size = 1;     // of everything
  double sturdy = 1;   // width of bones
  double flesh = 1;    // thickness of soft tissue
  double mineral = 1;  // of bone
  double cortex = 1;   // thickness of cortex
  double fan = 0;      // spread of the fingers, degrees
  double arm = 0;      // angle of the arm to the body, degrees
};

[[nodiscard]] Build draw_build(Rng& rng);

// Hand, wrist, forearm and elbow in one plane: fingers up, thumb to the left, wrist at the origin.
[[nodiscard]] Anatomy limb_scene(Part part, int view, const Build& build, Rng& rng);
// One finger from the side over the closed others.
[[nodiscard]] Anatomy finger_side_scene(const Build& build, Rng& rng);
// Elbow bent, from the side: humerus up, forearm to the right, the joint at the origin.
[[nodiscard]] Anatomy bent_elbow_scene(Part part, const Build& build, Rng& rng);
// Shoulder, upper arm and the chest beside them, the chest to the right, the humeral head at the origin.
[[nodiscard]] Anatomy shoulder_scene(Part part, int view, const Build& build, Rng& rng);

}  // namespace tagconf::phantom
