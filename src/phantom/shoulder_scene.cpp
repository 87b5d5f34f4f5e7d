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
constexpr std::array kLateralBorder{Point{33, 0}, Point{40, 22}, Point{53, 58}, Point{66, 94},
                                    Point{78, 121}};
constexpr std::array kSpineLine{Point{8, -36}, Point{36, -33}, Point{72, -26}, Point{109, -13}};
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

// Arm, shoulder and trunk are one body; the lung is air inside it.
void add_flesh(Anatomy& out, const Build& build, Point elbow, double shift) {
  const double f = build.flesh;
  const Point middle{-4 + 0.35 * (elbow.x + 4), 0.35 * elbow.y};
  Flesh body;
  body.capsules = {{{-4, 4}, middle, 47 * f, 45 * f},
                   {middle, elbow, 45 * f, 36 * f},
                   {elbow, {elbow.x - 4, elbow.y + 140}, 38 * f, 34 * f},
                   {{0, -4}, {60, -22}, 46 * f, 48 * f},
                   {{40, -20}, {150, -78}, 46 * f, 52 * f},
                   {{150, -78}, {230, -160}, 60 * f, 60 * f},
                   {{36, 8}, {88, 128}, 38 * f, 36 * f}};
  body.smoothing = 16;
  body.deepest = 46 * f;
  body.fat = 6 * f;
  const auto side = [&](double y) { return wall(y) + shift + 64; };
  const double cover = 18 * f;
  body.capsules.push_back({{side(0), 5}, {side(160), 160}, 60 + cover, 60 + cover});
  body.capsules.push_back({{side(160), 160}, {side(400), 430}, 60 + cover, 60 + 1.2 * cover});
  body.capsules.push_back({{side(0) + 70, -20}, {side(400) + 70, 430}, 90, 90});
  out.flesh.push_back(std::move(body));
  Flesh lung;
  lung.capsules = {{{side(0), 5}, {side(160), 160}, 61, 61},
                   {{side(160), 160}, {side(400), 430}, 61, 61},
                   {{side(0) + 70, 14}, {side(400) + 70, 430}, 70, 70}};
  lung.smoothing = 8;
  lung.deepest = 40;
  lung.fat = 0;
  lung.density = -0.78;
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

  add_chest(out, shift, rng);

  // Turned to the side the blade is seen narrower, about the socket.
  const double narrow = view == 3 ? 0.78 : 1.0;
  const auto turned = [narrow](auto points) {
    for (auto& p : points) p.x = 27 + narrow * (p.x - 27);
    return points;
  };
  Bone blade = drawn_bone(turned(kBlade), {0, 0}, 1, 1, 0, rng);
  blade.deepest = 4.6;
  blade.shell_shaft = blade.shell_end = 1.1;
  out.bones.push_back(std::move(blade));
  const std::array border_widths{13.0, 8.5, 4.6, 3.2, 4.4};
  Bone border = band_bone(turned(kLateralBorder), border_widths, rng);
  border.deepest = 5.5;
  border.shell_shaft = border.shell_end = 0.8;
  border.marrow_shaft = border.marrow_end = 0.70;
  out.bones.push_back(std::move(border));
  const std::array spine_widths{5.5, 4.6, 3.4, 2.4};
  Bone spine = band_bone(turned(kSpineLine), spine_widths, rng);
  spine.deepest = 6;
  spine.marrow_shaft = spine.marrow_end = 0.62;
  out.bones.push_back(std::move(spine));
  // A true frontal view of the joint shows the socket as a line, the usual one as an oval.
  const double oval = rng.uniform(0.95, 1.25);
  const double tilt = rng.uniform(-4.0, 10.0);
  Bone socket = drawn_bone(kGlenoid, {27, 1}, view == 3 ? 0.6 : oval, 1, tilt, rng);
  socket.deepest = 18;
  socket.marrow_shaft = socket.marrow_end = 0.42;
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
  add_flesh(out, build, elbow, shift);

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
