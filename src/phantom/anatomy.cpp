#include "tagconf/phantom/anatomy.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "scenes.hpp"

namespace tagconf::phantom {

Build draw_build(Rng& rng) {
  Build build;
  build.size = std::clamp(1.0 + 0.07 * rng.normal(), 0.82, 1.15);
  build.sturdy = std::clamp(1.0 + 0.09 * rng.normal(), 0.80, 1.22);
  build.flesh = std::clamp(1.0 + 0.14 * rng.normal(), 0.72, 1.40);
  build.mineral = std::clamp(1.0 + 0.13 * rng.normal(), 0.65, 1.30);
  build.cortex = std::clamp(1.0 + 0.16 * rng.normal(), 0.60, 1.35);
  build.fan = std::clamp(3.0 + 3.5 * rng.normal(), -3.0, 11.0);
  build.arm = rng.uniform(0.0, 22.0);
  return build;
}

Anatomy make_anatomy(Part part, int view, Rng& rng) {
  const Build build = draw_build(rng);
  Anatomy out;
  switch (part) {
    case Part::hand:
    case Part::wrist:
      out = limb_scene(part, view, build, rng);
      break;
    case Part::finger:
      out = view == 2 ? finger_side_scene(build, rng) : limb_scene(part, view, build, rng);
      break;
    case Part::forearm:
    case Part::elbow:
      out = view == 2 ? bent_elbow_scene(part, build, rng) : limb_scene(part, view, build, rng);
      break;
    case Part::humerus:
      out = view == 2 ? bent_elbow_scene(part, build, rng) : shoulder_scene(part, view, build, rng);
      break;
    case Part::shoulder:
      out = shoulder_scene(part, view, build, rng);
      break;
  }
  for (auto& bone : out.bones) {
    bone.mineral *= build.mineral;
    bone.shell_shaft *= build.cortex;
    bone.shell_end *= build.cortex;
  }
  return out;
}

namespace {

// Calls move(point) for everything that has a place.
template <class Move>
void move_all(Anatomy& anatomy, const Move& move) {
  for (auto& bone : anatomy.bones) {
    for (auto& p : bone.outline) move(p);
    for (auto& hollow : bone.hollows) move(hollow.centre);
    move(bone.a);
    move(bone.b);
  }
  for (auto& flesh : anatomy.flesh) {
    for (auto& capsule : flesh.capsules) {
      move(capsule.a);
      move(capsule.b);
    }
  }
}

}  // namespace

Anatomy posed(const Anatomy& anatomy, double degrees, bool mirrored) {
  const double angle = degrees * std::numbers::pi / 180.0;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  Anatomy out = anatomy;
  // y points down: turning counter-clockwise as seen takes the minus sign.
  move_all(out, [&](Point& p) {
    const double x = (mirrored ? -1.0 : 1.0) * (p.x - anatomy.centre.x);
    const double y = p.y - anatomy.centre.y;
    p = {c * x + s * y, -s * x + c * y};
  });
  out.centre = {};
  return out;
}

Anatomy shifted(Anatomy anatomy, Point by) {
  move_all(anatomy, [&](Point& p) { p = {p.x + by.x, p.y + by.y}; });
  return anatomy;
}

}  // namespace tagconf::phantom
