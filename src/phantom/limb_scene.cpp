#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "bone_shapes.hpp"
#include "scenes.hpp"

namespace tagconf::phantom {
namespace {

// The wrist's bones on a frontal view, mm from the middle of the capitate.
constexpr std::array kCapitate{Point{-6, -12}, Point{0, -13.5}, Point{7, -11}, Point{7, -3}, Point{6, 5},
                               Point{3.5, 11}, Point{-1, 12.5}, Point{-5, 10}, Point{-7, 4}, Point{-6.5, -4}};
constexpr std::array kHamate{Point{8.5, -12}, Point{15, -11}, Point{19, -8}, Point{18, -2},
                             Point{14, 4},    Point{9, 11},   Point{7.5, 5}, Point{8, -3}};
constexpr std::array kTrapezoid{Point{-15, -10}, Point{-11, -13}, Point{-7.5, -11}, Point{-7.5, -4},
                                Point{-8.5, 2},  Point{-13, 1},   Point{-15, -4}};
constexpr std::array kTrapezium{Point{-27, -8}, Point{-21, -12}, Point{-16, -10}, Point{-15.5, -4},
                                Point{-16, 3},  Point{-21, 4.5}, Point{-26, 0}};
constexpr std::array kScaphoid{Point{-22, 6},    Point{-17, 3},   Point{-11, 3},  Point{-8, 7},
                               Point{-7, 13},    Point{-7.5, 19}, Point{-12, 22}, Point{-18, 19},
                               Point{-21.5, 14}, Point{-23, 10}};
constexpr std::array kLunate{Point{-5, 15}, Point{-1, 13.5}, Point{4, 12.8}, Point{8, 14},   Point{9.5, 19},
                             Point{7, 25},  Point{1, 26.5},  Point{-5, 24},  Point{-6.5, 19}};
constexpr std::array kTriquetrum{Point{9.5, 14},  Point{13, 8},    Point{18, 6}, Point{21.5, 10},
                                 Point{20.5, 16}, Point{16, 20.5}, Point{11, 21}};
constexpr std::array kPisiform{Point{0, -6},   Point{4, -4}, Point{5, 1},    Point{3, 5.5},
                               Point{-2, 5.5}, Point{-5, 2}, Point{-4, -3.5}};

struct Ray {
  double base_x;
  double base_y;
  double angle;  // degrees from straight up, to the right
  std::array<double, 4> lengths;
  std::array<double, 4> half_widths;
};

// Thumb (no middle phalanx), index to little finger.
constexpr std::array kRays{Ray{-25.0, -9.0, -40.0, {45, 31, 0, 22}, {4.8, 4.6, 0, 3.2}},
                           Ray{-12.0, -14.0, -8.0, {66, 40, 23.5, 17.5}, {4.4, 4.6, 3.9, 2.7}},
                           Ray{-1.0, -15.0, -1.5, {64, 44, 28, 18}, {4.3, 4.7, 4.1, 2.8}},
                           Ray{8.5, -13.0, 5.0, {57, 41, 26.5, 18}, {3.8, 4.4, 3.9, 2.7}},
                           Ray{16.0, -10.5, 12.0, {53, 33, 19, 16}, {3.7, 3.9, 3.3, 2.4}}};

// Indices of one ray's bones: metacarpal and phalanges.
using RayBones = std::array<std::size_t, 4>;

class Limb {
 public:
  Limb(int view, const Build& build, Rng& rng) : view_(view), build_(build), rng_(rng) {
    spread_ = view == 1 ? 1.0 : (view == 2 ? 0.26 : 0.62);
  }

  [[nodiscard]] double across(double x) const { return spread_ * x; }

  std::size_t add(Bone bone) {
    out_.bones.push_back(std::move(bone));
    return out_.bones.size() - 1;
  }
  std::size_t add_long(Shape shape, Point a, Point b, double half_width, double bow, bool flip = false) {
    return add(
        long_bone(shape, {a, b, half_width * build_.sturdy * (1 + 0.03 * rng_.normal()), bow, flip}, rng_));
  }
  void flesh(Point a, Point b, double radius_a, double radius_b) {
    skin_.capsules.push_back({a, b, radius_a * build_.flesh, radius_b * build_.flesh});
  }

  void add_hand() {
    for (std::size_t i = 0; i < kRays.size(); ++i) add_ray(i);
    carpal(kTrapezium, {}, 0.9);
    carpal(kTrapezoid, {}, 0.9);
    carpal(kCapitate, {}, 1.0);
    carpal(kHamate, {}, 1.0);
    scaphoid_ = carpal(kScaphoid, {}, 1.0);
    carpal(kLunate, {}, 1.0);
    carpal(kTriquetrum, {}, 1.0);
    carpal(kPisiform, {view_ == 2 ? -46.0 : 17.0, view_ == 2 ? 10.0 : 14.0}, 0.75);
    flesh({across(-6), 16}, {across(-4), -30}, palm(23), palm(27));
    flesh({across(-4), -30}, {across(2), -66}, palm(26), palm(26));
    flesh({across(12), 8}, {across(24), -58}, 17, 13);
    flesh({across(0), -40}, {across(4), -84}, palm(30), palm(28));
    flesh({across(-20), 4}, {across(-34), -26}, 15, 13);
    flesh({across(-14), -20}, {across(-16), -62}, 13, 11);
  }
  void add_forearm() {
    const Shape radius = view_ == 2 ? Shape::radius_lateral : Shape::radius_frontal;
    const Shape ulna = view_ == 2 ? Shape::ulna_distal_lateral : Shape::ulna_frontal;
    ulna_ = add_long(ulna, {across(13), 289}, {across(17.5) + (view_ == 2 ? 4.0 : 0.0), 29.5}, 6.1, 2.0);
    radius_ = add_long(radius, {across(-8), 263.5}, {across(-9), 26.8}, 7.2, -5.0);
    const double side = view_ == 2 ? 0.80 : 1.0;
    flesh({across(0), 12}, {across(1), 45}, 27 * side, 27 * side);
    flesh({across(1), 45}, {across(2), 110}, 27 * side, 33 * side);
    flesh({across(2), 110}, {across(1), 190}, 33 * side, 43);
    flesh({across(1), 190}, {across(2), 275}, 43, 46);
  }
  void add_upper_arm() {
    humerus_ = add_long(Shape::humerus_frontal, {-32, 577}, {3, 268}, 10.8, 3.0);
    Bone& bone = out_.bones[humerus_];
    bone.hollows.push_back({{5, 283}, 8, 10, 0.55});
    bone.hollows.push_back({{-9, 283}, 5, 6, 0.25});
    flesh({1, 275}, {-8, 370}, 46, 46);
    flesh({-8, 370}, {-32, 560}, 46, 54);
  }

  [[nodiscard]] const RayBones& ray(std::size_t i) const { return rays_[i]; }
  [[nodiscard]] Bone& bone(std::size_t i) { return out_.bones[i]; }
  [[nodiscard]] std::size_t scaphoid() const { return scaphoid_; }
  [[nodiscard]] std::size_t radius() const { return radius_; }
  [[nodiscard]] std::size_t ulna() const { return ulna_; }
  [[nodiscard]] std::size_t humerus() const { return humerus_; }

  [[nodiscard]] Anatomy take(double deepest) {
    skin_.deepest = deepest * build_.flesh;
    skin_.smoothing = 5;
    skin_.fat = 2.2 * build_.flesh;
    out_.flesh.push_back(std::move(skin_));
    return std::move(out_);
  }
  void site(std::size_t bone, double from, double to, std::vector<std::size_t> follows = {}) {
    out_.sites.push_back({bone, from, to, std::move(follows)});
  }
  void crop(Point centre, double field) {
    out_.centre = centre;
    out_.field = field;
  }

 private:
  [[nodiscard]] double palm(double radius) const {
    return view_ == 2 ? 0.62 * radius : (view_ == 3 ? 0.85 * radius : radius);
  }

  // Landmarks are pulled together about their own middle less than their places are.
  std::size_t carpal(std::span<const Point> landmarks, Point at, double mineral) {
    Point middle{};
    for (const auto& p : landmarks) {
      middle.x += p.x / static_cast<double>(landmarks.size());
      middle.y += p.y / static_cast<double>(landmarks.size());
    }
    std::vector<Point> local;
    for (const auto& p : landmarks) local.push_back({p.x - middle.x, p.y - middle.y});
    const double narrow = view_ == 1 ? 1.0 : (view_ == 2 ? 0.86 : 0.90);
    const double scale = 1.12 + 0.03 * rng_.normal();
    const Point place{across(at.x + middle.x) + 0.4 * rng_.normal(), at.y + middle.y + 0.4 * rng_.normal()};
    const double degrees = (view_ == 1 ? 3.0 : 9.0) * rng_.normal();
    Bone bone = drawn_bone(local, place, narrow * scale, scale, degrees, rng_);
    bone.shell_shaft = bone.shell_end = 0.62;
    bone.deepest = 17;
    bone.mineral = mineral;
    return add(std::move(bone));
  }

  // Angles of metacarpal and phalanges; a side view spreads the fingers by bending them.
  [[nodiscard]] double ray_angle(std::size_t i, bool metacarpal) {
    const double middle = static_cast<double>(i) - 2.4;
    if (i == 0) return view_ == 1 ? kRays[0].angle + rng_.uniform(-8.0, 6.0) : (view_ == 2 ? -28.0 : -33.0);
    if (view_ == 1) return kRays[i].angle + (metacarpal ? 0.25 : 1.0) * build_.fan * middle;
    if (view_ == 3)
      return metacarpal ? 0.62 * kRays[i].angle : 0.5 * kRays[i].angle + 0.8 * build_.fan * middle - 4;
    return metacarpal ? 0.3 * kRays[i].angle
                      : -(10.0 + 1.6 * build_.fan) * (2.2 - static_cast<double>(i)) * 0.9 - 6;
  }

  void add_ray(std::size_t i) {
    const Ray& ray = kRays[i];
    Point from{across(ray.base_x), ray.base_y};
    double angle = ray_angle(i, true);
    const double finger = ray_angle(i, false);
    constexpr std::array kShapes{Shape::metacarpal, Shape::proximal_phalanx, Shape::middle_phalanx,
                                 Shape::distal_phalanx};
    // Flesh radii at the base of each bone and at the tip.
    constexpr std::array kFlesh{12.0, 10.8, 9.6, 8.4, 7.0};
    rays_[i].fill(0);
    for (std::size_t k = 0; k < 4; ++k) {
      if (ray.lengths[k] == 0) continue;
      const double length = ray.lengths[k] * (1 + 0.02 * rng_.normal());
      const double rad = angle * std::numbers::pi / 180;
      const Point along{std::sin(rad), -std::cos(rad)};
      const Point to{from.x + length * along.x, from.y + length * along.y};
      const double bow = view_ == 1 ? 0.3 * rng_.normal() : 1.2;
      rays_[i][k] = add_long(kShapes[k], from, to, ray.half_widths[k] * (view_ == 2 ? 0.92 : 1.0), bow);
      const double little = (i == 0 ? 1.12 : 1.0) * ray.half_widths[k] / kRays[2].half_widths[k];
      if (k > 0) {
        flesh(from, {to.x + (k == 3 ? 1.5 : 0.0) * along.x, to.y + (k == 3 ? 1.5 : 0.0) * along.y},
              kFlesh[k] * little, kFlesh[k + 1] * little);
      } else {
        flesh(from, to, kFlesh[0] * (view_ == 2 ? 1.1 : 1.0), kFlesh[1] * little);
      }
      const double gap = k == 0 ? 2.0 : 1.3;
      angle = k == 0 ? finger : angle + (i == 0 ? 4.0 : 1.2 * rng_.normal());
      const double next = angle * std::numbers::pi / 180;
      from = {to.x + 0.5 * gap * (along.x + std::sin(next)), to.y + 0.5 * gap * (along.y - std::cos(next))};
    }
    if (i == 0 && view_ == 1) {
      constexpr std::array kSesamoid{Point{0, -2.6}, Point{2.1, 0}, Point{0, 2.6}, Point{-2.1, 0}};
      const Bone& mc = out_.bones[rays_[0][0]];
      for (const double side : {-2.6, 3.0})
        add(drawn_bone(kSesamoid, {mc.b.x + side, mc.b.y + 4}, 1, 1, 0, rng_));
    }
  }

  int view_;
  const Build& build_;
  Rng& rng_;
  double spread_ = 1;
  Anatomy out_;
  Flesh skin_;
  std::array<RayBones, 5> rays_{};
  std::size_t scaphoid_ = 0;
  std::size_t radius_ = 0;
  std::size_t ulna_ = 0;
  std::size_t humerus_ = 0;
};

std::vector<std::size_t> beyond(const RayBones& bones, std::size_t k) {
  std::vector<std::size_t> out;
  for (std::size_t j = k + 1; j < bones.size(); ++j) {
    if (bones[j] != 0) out.push_back(bones[j]);
  }
  return out;
}

}  // namespace

Anatomy limb_scene(Part part, int view, const Build& build, Rng& rng) {
  Limb limb(view, build, rng);
  const auto main_ray = 1 + static_cast<std::size_t>(rng.below(4));
  if (part != Part::elbow) limb.add_hand();
  limb.add_forearm();
  if (part == Part::forearm || part == Part::elbow) limb.add_upper_arm();
  double deepest = 15;
  switch (part) {
    case Part::hand:
      for (const std::size_t i : {std::size_t{1}, std::size_t{2}, std::size_t{3}, std::size_t{4}}) {
        limb.site(limb.ray(i)[0], 0.3, 0.8, beyond(limb.ray(i), 0));
        limb.site(limb.ray(i)[1], 0.25, 0.75, beyond(limb.ray(i), 1));
      }
      limb.crop({0, -66}, 252);
      break;
    case Part::wrist:
      limb.site(limb.radius(), 0.87, 0.955);
      limb.site(limb.radius(), 0.78, 0.88);
      limb.site(limb.ulna(), 0.80, 0.95);
      limb.site(limb.scaphoid(), 0.35, 0.65);
      limb.site(limb.radius(), 0.90, 0.965);
      limb.crop({0, 18}, 165);
      deepest = 18;
      break;
    case Part::finger: {
      const RayBones& bones = limb.ray(main_ray);
      limb.site(bones[1], 0.25, 0.8, beyond(bones, 1));
      limb.site(bones[2], 0.25, 0.8, beyond(bones, 2));
      limb.site(bones[3], 0.3, 0.75);
      const Point middle = limb.bone(bones[2]).a;
      limb.crop({middle.x, middle.y + 4}, 118);
      deepest = 11;
      break;
    }
    case Part::forearm:
      limb.site(limb.radius(), 0.2, 0.85);
      limb.site(limb.ulna(), 0.2, 0.85);
      limb.crop({0, 148}, 330);
      deepest = 36;
      break;
    case Part::elbow:
      limb.site(limb.humerus(), 0.86, 0.94);
      limb.site(limb.radius(), 0.03, 0.14);
      limb.site(limb.ulna(), 0.03, 0.25);
      limb.site(limb.humerus(), 0.78, 0.90);
      limb.crop({2, 266}, 190);
      deepest = 38;
      break;
    case Part::humerus:
    case Part::shoulder:
      break;
  }
  return limb.take(deepest);
}

Anatomy finger_side_scene(const Build& build, Rng& rng) {
  Anatomy out;
  const auto place = [&](Shape shape, Point a, Point b, double half_width, double bow) {
    out.bones.push_back(long_bone(shape, {a, b, half_width * build.sturdy, bow, false}, rng));
    return out.bones.size() - 1;
  };
  // The closed fingers below, one over the other.
  for (int i = 0; i < 3; ++i) {
    const double x = 10.0 + 7.0 * i + rng.uniform(-2.0, 2.0);
    place(Shape::metacarpal, {x - 14, 118}, {x, 58 + 3.0 * i}, 4.1, 1.0);
    place(Shape::proximal_phalanx, {x + 3, 55 + 3.0 * i}, {x + 33, 40 + 6.0 * i}, 4.0, 1.0);
    place(Shape::middle_phalanx, {x + 34, 44 + 6.0 * i}, {x + 20, 64 + 4.0 * i}, 3.4, 0.5);
  }
  place(Shape::metacarpal, {-16, 118}, {-5, 52}, 4.4, 1.5);
  const double bend = rng.uniform(-5.0, 4.0);
  const auto first = place(Shape::proximal_phalanx, {-4, 49.5}, {0.4 * bend, 8}, 4.2, -1.4);
  const auto second = place(Shape::middle_phalanx, {0.4 * bend, 6.5}, {0.2 * bend, -19}, 3.5, -0.9);
  const auto third = place(Shape::distal_phalanx, {0.2 * bend, -20.3}, {-0.6 * bend, -38}, 2.2, -0.3);
  Flesh skin;
  const double f = build.flesh;
  skin.capsules = {{{-10, 120}, {-4, 52}, 20 * f, 14 * f},
                   {{10, 120}, {20, 62}, 34 * f, 20 * f},
                   {{12, 64}, {46, 50}, 17 * f, 15 * f},
                   {{-4, 50}, {0.4 * bend, 7}, 12 * f, 9.6 * f},
                   {{0.4 * bend, 7}, {0.2 * bend, -20}, 9.4 * f, 8.2 * f},
                   {{0.2 * bend, -20}, {-0.6 * bend, -38.5}, 8.0 * f, 6.2 * f}};
  skin.smoothing = 4;
  skin.deepest = 22 * f;
  skin.fat = 2.0 * f;
  out.flesh.push_back(std::move(skin));
  out.sites = {{first, 0.25, 0.8, {second, third}}, {second, 0.25, 0.8, {third}}, {third, 0.3, 0.75, {}}};
  out.centre = {6, 14};
  out.field = 118;
  return out;
}

}  // namespace tagconf::phantom
