#include <array>
#include <cmath>

#include "bone_shapes.hpp"
#include "scenes.hpp"

namespace tagconf::phantom {
namespace {

// Humerus from the side, from mid-shaft down; the trochlea's middle is the origin, the forearm lies to the
// right.
constexpr std::array kHumerusSide{Point{-14, -262},  Point{-3, -268},    Point{7, -260},  Point{7, -200},
                                  Point{6, -120},    Point{5, -70},      Point{4.5, -45}, Point{3, -31},
                                  Point{5, -22},     Point{10, -14},     Point{14, -5},   Point{13, 4},
                                  Point{8, 10.5},    Point{0, 12},       Point{-7, 9.5},  Point{-11, 3},
                                  Point{-11, -5},    Point{-8.5, -14},   Point{-9, -24},  Point{-12, -36},
                                  Point{-13.5, -60}, Point{-14.5, -120}, Point{-15, -200}};
// The whole humerus, with the head that looks backwards.
constexpr std::array kHumerusSideWhole{
    Point{-6, -325},    Point{8, -321},     Point{17, -310},    Point{18.5, -297}, Point{13, -281},
    Point{8.5, -262},   Point{7, -235},     Point{7, -180},     Point{6, -120},    Point{5, -70},
    Point{4.5, -45},    Point{3, -31},      Point{5, -22},      Point{10, -14},    Point{14, -5},
    Point{13, 4},       Point{8, 10.5},     Point{0, 12},       Point{-7, 9.5},    Point{-11, 3},
    Point{-11, -5},     Point{-8.5, -14},   Point{-9, -24},     Point{-12, -36},   Point{-13.5, -60},
    Point{-14.5, -120}, Point{-15, -180},   Point{-15.5, -238}, Point{-18, -263},  Point{-25, -281},
    Point{-30.5, -296}, Point{-29.5, -310}, Point{-20, -321}};
constexpr std::array kUlnaSide{Point{-13, -13},  Point{-18, -13.5}, Point{-22.5, -6}, Point{-24, 4},
                               Point{-21, 14},   Point{-12, 20.5},  Point{8, 22},     Point{40, 20},
                               Point{90, 18},    Point{150, 15.5},  Point{205, 13.5}, Point{240, 13},
                               Point{250, 14.5}, Point{257, 12},    Point{263, 9.5},  Point{258, 5},
                               Point{252, 1},    Point{243, 1.5},   Point{205, 2},    Point{150, 3.5},
                               Point{90, 6},     Point{45, 8.5},    Point{28, 8},     Point{20.5, 3},
                               Point{17.5, -3},  Point{14.2, -3},   Point{13.2, 3},   Point{9.5, 10},
                               Point{1, 13.8},   Point{-7.5, 11.2}, Point{-12.3, 4},  Point{-13, -4}};

}  // namespace

Anatomy bent_elbow_scene(Part part, const Build& build, Rng& rng) {
  Anatomy out;
  const double sturdy = build.sturdy;
  const bool whole = part == Part::humerus;
  // Humerus: its own outline, the shaft cortex of a long bone.
  Bone humerus = whole ? drawn_bone(kHumerusSideWhole, {0, 0}, 1, 1, 0, rng)
                       : drawn_bone(kHumerusSide, {0, 0}, 1, 1, 0, rng);
  humerus.shell_shaft = 4.2;
  humerus.shell_end = 1.0;
  humerus.end_share = whole ? 0.16 : 0.20;
  humerus.marrow_shaft = 0.10;
  humerus.marrow_end = 0.28;
  humerus.deepest = 38;
  humerus.hollows = {{{-2, -21}, 9, 9, 0.45}, {{1, 0}, 9, 9, -0.30}};
  out.bones.push_back(std::move(humerus));
  // The inner epicondyle, over it.
  constexpr std::array kEpicondyle{Point{0, -9}, Point{6, -5}, Point{7, 3},
                                   Point{1, 8},  Point{-6, 5}, Point{-7, -4}};
  Bone epicondyle = drawn_bone(kEpicondyle, {-5, -4}, 1, 1, rng.uniform(-15.0, 15.0), rng);
  epicondyle.deepest = 7;
  out.bones.push_back(std::move(epicondyle));
  Bone ulna = drawn_bone(kUlnaSide, {0, 0}, 1, 1, 0, rng);
  ulna.a = {-22, 6};
  ulna.b = {262, 8};
  ulna.shell_shaft = 3.0;
  ulna.shell_end = 1.0;
  ulna.end_share = 0.17;
  ulna.marrow_shaft = 0.10;
  ulna.marrow_end = 0.34;
  ulna.deepest = 22;
  out.bones.push_back(std::move(ulna));
  out.bones.push_back(
      long_bone(Shape::radius_lateral, {{17.5, -1.5}, {253, 4}, 6.9 * sturdy, 4.0, false}, rng));
  std::size_t radius = out.bones.size() - 1;
  Flesh skin;
  const double f = build.flesh;
  skin.capsules = {{{-3, -20}, {-4, -150}, 43 * f, 50 * f}, {{-4, -150}, {-6, -330}, 50 * f, 58 * f},
                   {{0, -5}, {-2, -30}, 36 * f, 42 * f},    {{5, 2}, {60, 5}, 36 * f, 40 * f},
                   {{60, 5}, {120, 6}, 40 * f, 36 * f},     {{120, 6}, {240, 7}, 36 * f, 22 * f},
                   {{240, 7}, {290, 4}, 21 * f, 22 * f},    {{290, 4}, {340, 6}, 22 * f, 18 * f}};
  skin.smoothing = 12;
  skin.deepest = 38 * f;
  skin.fat = 5 * f;
  out.flesh.push_back(std::move(skin));
  if (part == Part::forearm) {
    // The wrist from the side: bones one over the other.
    constexpr std::array kBlock{Point{-9, -5}, Point{-3, -8}, Point{6, -7}, Point{9, 0},
                                Point{6, 7},   Point{-3, 8},  Point{-9, 4}};
    for (int i = 0; i < 6; ++i) {
      const Point at{263 + 11.0 * (i % 3) + rng.uniform(-2.0, 2.0), 4 + rng.uniform(-5.0, 5.0)};
      const double degrees = rng.uniform(0.0, 180.0);
      out.bones.push_back(drawn_bone(kBlock, at, 0.85, 0.85, degrees, rng));
      out.bones.back().deepest = 11;
    }
    for (int i = 0; i < 4; ++i) {
      const double y = 3.0 * i + rng.uniform(-2.0, 2.0);
      const Placing placing{{294, y}, {356, 0.6 * y - 0.8 + 3.0 * i}, 4.0 * sturdy, 1, false};
      out.bones.push_back(long_bone(Shape::metacarpal, placing, rng));
    }
  }
  const std::size_t h = 0;
  const std::size_t u = 2;
  switch (part) {
    case Part::elbow:
      out.sites = {{h, 0.86, 0.92, {}}, {radius, 0.03, 0.14, {}}, {u, 0.10, 0.28, {}}, {h, 0.76, 0.88, {}}};
      out.centre = {27, -12};
      out.field = 185;
      break;
    case Part::forearm:
      out.sites = {{radius, 0.2, 0.85, {}}, {u, 0.2, 0.85, {}}};
      out.centre = {125, 0};
      out.field = 330;
      break;
    default:
      out.sites = {{h, 0.25, 0.75, {}}, {h, 0.12, 0.18, {}}, {h, 0.78, 0.88, {}}};
      out.centre = {4, -152};
      out.field = 372;
      break;
  }
  return out;
}

}  // namespace tagconf::phantom
