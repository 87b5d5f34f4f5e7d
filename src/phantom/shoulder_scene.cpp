#include <array>
#include <cmath>
#include <numbers>

#include "bone_shapes.hpp"
#include "scenes.hpp"

namespace tagconf::phantom {
namespace {

constexpr std::array kGlenoid{Point{-4, -19}, Point{3, -18}, Point{7, -8}, Point{8, 4},   Point{5, 16},
                              Point{-1, 20},  Point{-6, 14}, Point{-6, 2}, Point{-7, -10}};
constexpr std::array kBlade{Point{27, -12}, Point{42, -26}, Point{70, -33}, Point{100, -44}, Point{110, -36},
                            Point{113, 0},  Point{108, 50}, Point{95, 105}, Point{84, 126},  Point{74, 122},
                            Point{66, 95},  Point{54, 58},  Point{42, 28},  Point{30, 14}};
constexpr std::array kLateralBorder{Point{30, 12}, Point{43, 34}, Point{56, 66}, Point{68, 98},
                                    Point{78, 121}};
constexpr std::array kSpineLine{Point{14, -34}, Point{40, -28}, Point{75, -24}, Point{106, -22}};
constexpr std::array kAcromion{Point{-25, -25}, Point{-20, -32}, Point{-8, -37}, Point{6, -39},
                               Point{18, -38},  Point{22, -33},  Point{12, -29}, Point{-4, -27},
                               Point{-16, -22}, Point{-23, -20}};
constexpr std::array kCoracoid{Point{46, -30}, Point{44, -38}, Point{34, -38}, Point{24, -30}, Point{16, -20},
                               Point{14, -13}, Point{20, -11}, Point{27, -17}, Point{35, -24}};

Point about(Point p, Point centre, double degrees) {
  const double a = degrees * std::numbers::pi / 180;
  const double x = p.x - centre.x;
  const double y = p.y - centre.y;
  return {centre.x + std::cos(a) * x - std::sin(a) * y, centre.y + std::sin(a) * x + std::cos(a) * y};
}

// Side wall of the chest at height y.
double wall(double y) {
  const double apex = (y + 75) / 40;
  return 92 + 0.02 * y + 30 * std::exp(-apex * apex);
}

void add_chest(Anatomy& out, double shift, Rng& rng) {
  // The back parts of the ribs run out and down from the spine, the front parts in and down from the wall.
  for (int i = 0; i < 10; ++i) {
    const double y = -58 + 25.5 * i;
    const double w = wall(y + 38) + shift + rng.uniform(-1.5, 1.5);
    const std::array back{Point{205 + shift, y - 4}, Point{170 + shift, y - 12}, Point{130 + shift, y - 4},
                          Point{w + 14, y + 14}, Point{w + 1, y + 34}};
    const std::array back_widths{6.0, 6.2, 6.0, 5.4, 3.6};
    Bone rib = band_bone(back, back_widths, rng);
    rib.deepest = 7.5;
    rib.mineral = 0.70;
    out.bones.push_back(std::move(rib));
    const std::array front{Point{w + 1, y + 30}, Point{w + 10, y + 50}, Point{w + 38, y + 66},
                           Point{w + 78, y + 84}};
    const std::array front_widths{3.6, 5.6, 6.6, 7.0};
    Bone end = band_bone(front, front_widths, rng);
    end.deepest = 6;
    end.mineral = 0.34;
    out.bones.push_back(std::move(end));
  }
  // The spine's edge, where the picture reaches it.
  for (int i = 0; i < 9; ++i) {
    constexpr std::array kBody{Point{-19, -11}, Point{-6, -10}, Point{19, -11}, Point{17, 0},
                               Point{19, 11},   Point{0, 10},   Point{-19, 11}, Point{-16, 0}};
    Bone body = drawn_bone(kBody, {226 + shift, -70 + 27.0 * i}, 1, 1, 0, rng);
    body.deepest = 26;
    body.mineral = 0.7;
    out.bones.push_back(std::move(body));
  }
}

void add_flesh(Anatomy& out, const Build& build, Point elbow, double shift, bool chest) {
  const double f = build.flesh;
  Flesh body;
  body.capsules = {{{-4, 4}, {-4 + 0.35 * (elbow.x + 4), 0.35 * elbow.y}, 47 * f, 45 * f},
                   {{-4 + 0.35 * (elbow.x + 4), 0.35 * elbow.y}, {elbow.x, elbow.y}, 45 * f, 36 * f},
                   {{elbow.x, elbow.y}, {elbow.x - 4, elbow.y + 140}, 38 * f, 34 * f},
                   {{0, -4}, {60, -22}, 46 * f, 48 * f},
                   {{40, -20}, {150, -78}, 46 * f, 52 * f},
                   {{150, -78}, {230, -160}, 60 * f, 60 * f},
                   {{36, 8}, {88, 128}, 38 * f, 40 * f}};
  body.smoothing = 14;
  body.deepest = 48 * f;
  body.fat = 6 * f;
  out.flesh.push_back(std::move(body));
  if (!chest) return;
  Flesh trunk;
  const double edge = wall(120) + shift - 22 * f;
  trunk.capsules = {{{edge + 110, 30}, {edge + 122, 420}, 108, 118},
                    {{edge + 130, -20}, {edge + 110, 60}, 88, 108}};
  trunk.smoothing = 20;
  trunk.deepest = 46 * f;
  trunk.fat = 9 * f;
  out.flesh.push_back(std::move(trunk));
  Flesh lung;
  lung.capsules = {{{wall(0) + shift + 62, -8}, {wall(120) + shift + 74, 140}, 56, 72},
                   {{wall(120) + shift + 74, 140}, {wall(200) + shift + 84, 300}, 72, 86},
                   {{wall(-20) + shift + 74, -34}, {wall(-20) + shift + 74, 10}, 40, 56}};
  lung.smoothing = 10;
  lung.deepest = 40;
  lung.fat = 0;
  lung.density = -0.86;
  out.flesh.push_back(std::move(lung));
}

}  // namespace

Anatomy shoulder_scene(Part part, int view, const Build& build, Rng& rng) {
  Anatomy out;
  const double sturdy = build.sturdy;
  const double abduction = part == Part::shoulder ? 4 + 0.7 * build.arm : 3 + 0.5 * build.arm;
  const bool inward = view != 1;
  const Point shoulder{0, 0};
  const Point top = about({-7, -25}, shoulder, abduction);
  const Point elbow = about({-7, 292}, shoulder, abduction);
  const double shift = rng.uniform(-6.0, 10.0) + (part == Part::humerus ? 16 : 0);

  if (part == Part::shoulder || rng.chance(0.75)) add_chest(out, shift, rng);
  const bool chest = !out.bones.empty();

  Bone blade = drawn_bone(kBlade, {0, 0}, view == 3 ? 0.78 : 1.0, 1, rng.uniform(-4.0, 5.0), rng);
  blade.deepest = 4.6;
  blade.shell_shaft = blade.shell_end = 1.1;
  out.bones.push_back(std::move(blade));
  const std::array border_widths{5.0, 3.6, 3.0, 3.2, 4.6};
  Bone border = band_bone(kLateralBorder, border_widths, rng);
  border.deepest = 6.5;
  out.bones.push_back(std::move(border));
  const std::array spine_widths{5.5, 5.0, 3.8, 3.2};
  Bone spine = band_bone(kSpineLine, spine_widths, rng);
  spine.deepest = 8;
  out.bones.push_back(std::move(spine));
  // A true frontal view of the joint shows the socket as a line, the usual one as an oval.
  Bone socket = drawn_bone(kGlenoid, {29, 1}, view == 3 ? 0.55 : rng.uniform(0.85, 1.1), 1,
                           rng.uniform(-4.0, 10.0), rng);
  socket.deepest = 20;
  socket.shell_shaft = socket.shell_end = 1.2;
  out.bones.push_back(std::move(socket));
  Bone coracoid = drawn_bone(kCoracoid, {0, 0}, 1, 1, rng.uniform(-6.0, 6.0), rng);
  coracoid.deepest = 13;
  coracoid.shell_shaft = coracoid.shell_end = 1.3;
  out.bones.push_back(std::move(coracoid));
  Bone acromion = drawn_bone(kAcromion, {0, 0}, 1, 1, rng.uniform(-6.0, 4.0), rng);
  acromion.deepest = 11;
  acromion.shell_shaft = acromion.shell_end = 1.2;
  out.bones.push_back(std::move(acromion));

  out.bones.push_back(long_bone(
      Shape::clavicle,
      {{20, -39}, {158, -58 + rng.uniform(-14.0, 10.0)}, 6.0 * sturdy, -9 + rng.uniform(-4.0, 4.0), false},
      rng));
  const std::size_t clavicle = out.bones.size() - 1;
  out.bones.push_back(long_bone(inward ? Shape::humerus_inward : Shape::humerus_frontal,
                                {top, elbow, 11.2 * sturdy, 2.0, true}, rng));
  const std::size_t humerus = out.bones.size() - 1;
  if (part == Part::humerus) {
    Bone& arm = out.bones[humerus];
    const Point fossa = about({-4, 278}, shoulder, abduction);
    arm.hollows.push_back({fossa, 8, 10, 0.5});
    // The forearm goes on below.
    out.bones.push_back(long_bone(Shape::radius_frontal,
                                  {about({-16, 297}, shoulder, abduction),
                                   about({-28, 530}, shoulder, abduction), 7.2 * sturdy, 4, true},
                                  rng));
    out.bones.push_back(long_bone(
        Shape::ulna_frontal,
        {about({6, 274}, shoulder, abduction), about({-2, 530}, shoulder, abduction), 6.2 * sturdy, 2, true},
        rng));
  }
  add_flesh(out, build, elbow, shift, chest);

  if (part == Part::humerus) {
    out.sites = {{humerus, 0.25, 0.75, {}}, {humerus, 0.12, 0.18, {}}, {humerus, 0.78, 0.88, {}}};
    const Point middle = about({6, 134}, shoulder, abduction);
    out.centre = middle;
    out.field = 372;
  } else {
    out.sites = {{humerus, 0.10, 0.19, {}},
                 {clavicle, 0.30, 0.62, {}},
                 {humerus, 0.2, 0.36, {}},
                 {clavicle, 0.10, 0.28, {}}};
    out.centre = {42, 38};
    out.field = 232;
  }
  return out;
}

}  // namespace tagconf::phantom
