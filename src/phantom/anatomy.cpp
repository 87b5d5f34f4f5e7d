#include "tagconf/phantom/anatomy.hpp"

#include <array>
#include <cmath>
#include <numbers>

namespace tagconf::phantom {
namespace {

// Builds one part; every length gets a few per cent of individual variation.
class Builder {
 public:
  Builder(int view, Rng& rng) : rng_(rng), view_(view) {
    spread_ = view == 1 ? 1.0 : (view == 2 ? 0.30 : 0.65);
  }

  // Sideways distance from the axis, as this view shows it.
  [[nodiscard]] double side(double x) const { return x * spread_; }
  [[nodiscard]] int view() const { return view_; }
  [[nodiscard]] double vary(double share) { return 1.0 + share * rng_.uniform(-1.0, 1.0); }

  std::size_t bone(Point a, Point b, double radius, double end_a, double end_b, double cortex = 0.42,
                   double bow = 0.0) {
    Bone made{jitter(a), jitter(b), radius * vary(0.08), end_a * vary(0.06), end_b * vary(0.06), cortex,
              bow,       1.0};
    out_.bones.push_back(made);
    return out_.bones.size() - 1;
  }
  void main_bone(Point a, Point b, double radius, double end_a, double end_b, double cortex = 0.42,
                 double bow = 0.0) {
    out_.main_bones.push_back(bone(a, b, radius, end_a, end_b, cortex, bow));
  }
  // A short, nearly round bone.
  void pebble(Point at, double radius) {
    const double turn = rng_.uniform(0.0, 2.0 * std::numbers::pi);
    const double half = 0.35 * radius;
    bone({at.x - half * std::cos(turn), at.y - half * std::sin(turn)},
         {at.x + half * std::cos(turn), at.y + half * std::sin(turn)}, radius * 0.85, 1.0, 1.0, 0.16);
  }
  // A rounded part of the bone made last: a head or a condyle.
  void knob(Point at, double radius) {
    pebble(at, radius);
    out_.bones.back().joined = true;
  }
  void soft(Point a, Point b, double radius_a, double radius_b, double density = 1.0) {
    out_.soft.push_back({a, b, radius_a * vary(0.06), radius_b * vary(0.06), density});
  }
  // Finger bones from the knuckle outwards along `degrees` (0 = up), and the flesh round them.
  void ray(Point knuckle, double degrees, const std::array<double, 3>& lengths, double radius, bool is_main) {
    const double angle = degrees * std::numbers::pi / 180.0;
    const Point along{std::sin(angle), -std::cos(angle)};
    Point from = knuckle;
    double r = radius;
    for (const double length : lengths) {
      if (length <= 0) continue;
      const Point to{from.x + length * along.x, from.y + length * along.y};
      const double gap = 0.10 * r;
      const Point a{from.x + (r * 0.5 + gap) * along.x, from.y + (r * 0.5 + gap) * along.y};
      const Point b{to.x - (r * 0.5 + gap) * along.x, to.y - (r * 0.5 + gap) * along.y};
      const auto index = bone(a, b, r * 0.78, 1.45, 1.25, 0.40);
      if (is_main && length == lengths[0]) out_.main_bones.push_back(index);
      from = to;
      r *= 0.82;
    }
    soft(knuckle, {from.x + 0.3 * r * along.x, from.y + 0.3 * r * along.y}, radius * 2.0, radius * 1.35);
  }
  // The two rows of wrist bones round `centre`.
  void carpals(Point centre, double size) {
    constexpr std::array<double, 4> kAcross{-1.45, -0.50, 0.42, 1.25};
    for (const double x : kAcross) {
      pebble({centre.x + side(x * size * 1.04), centre.y + size * (0.62 - 0.10 * x * x)},
             size * 0.60 * vary(0.12));
      pebble({centre.x + side(x * size * 1.04), centre.y - size * (0.50 + 0.05 * x)},
             size * 0.58 * vary(0.15));
    }
  }

  [[nodiscard]] Anatomy take() { return std::move(out_); }

 private:
  [[nodiscard]] Point jitter(Point p) { return {p.x + 0.004 * rng_.normal(), p.y + 0.004 * rng_.normal()}; }

  Rng& rng_;
  int view_;
  double spread_ = 1;
  Anatomy out_;
};

void build_wrist(Builder& b) {
  b.main_bone({b.side(-0.075), 0.66}, {b.side(-0.062), 0.10}, 0.047, 1.0, 1.75, 0.40, 0.008);
  b.main_bone({b.side(0.085), 0.66}, {b.side(0.078), 0.13}, 0.036, 1.0, 1.25, 0.42, -0.006);
  b.carpals({0.0, -0.005}, 0.072);
  constexpr std::array<double, 4> kTop{-0.150, -0.045, 0.065, 0.165};
  for (std::size_t i = 0; i < kTop.size(); ++i) {
    const double x = kTop[i];
    b.bone({b.side(0.62 * x), -0.105}, {b.side(x), -0.40 + 0.10 * std::abs(x)}, 0.0235, 1.35, 1.45, 0.40);
    b.bone({b.side(1.04 * x), -0.45 + 0.10 * std::abs(x)}, {b.side(1.3 * x), -0.75}, 0.021, 1.35, 1.2, 0.40);
  }
  b.bone({b.side(-0.130), -0.055}, {b.side(-0.260), -0.27}, 0.025, 1.3, 1.35, 0.40);
  b.bone({b.side(-0.275), -0.31}, {b.side(-0.345), -0.47}, 0.021, 1.3, 1.2, 0.40);
  b.soft({0, 0.75}, {0, 0.05}, 0.165 - 0.03 * (b.view() == 2), 0.130);
  b.soft({0, 0.03}, {0, -0.70}, 0.135, b.view() == 2 ? 0.13 : 0.235);
  b.soft({b.side(-0.11), -0.02}, {b.side(-0.31), -0.42}, 0.075, 0.060);
}

void build_hand(Builder& b) {
  b.bone({b.side(-0.040), 0.75}, {b.side(-0.036), 0.405}, 0.027, 1.0, 1.70);
  b.bone({b.side(0.048), 0.75}, {b.side(0.046), 0.42}, 0.021, 1.0, 1.25);
  b.carpals({0.0, 0.335}, 0.042);
  constexpr std::array<double, 4> kKnuckle{-0.115, -0.035, 0.045, 0.115};
  constexpr std::array<double, 4> kHeight{-0.005, -0.025, -0.005, 0.035};
  constexpr std::array<double, 4> kLength{0.150, 0.165, 0.155, 0.120};
  for (std::size_t i = 0; i < 4; ++i) {
    const double x = b.side(kKnuckle[i]);
    b.main_bone({0.50 * x, 0.270}, {x, kHeight[i] + 0.008}, 0.0155, 1.35, 1.45, 0.40);
    const double fan = b.view() == 2 ? -6.0 + 4.0 * static_cast<double>(i) : 100.0 * kKnuckle[i];
    b.ray({x, kHeight[i]}, fan * b.vary(0.2), {kLength[i], 0.64 * kLength[i], 0.46 * kLength[i]}, 0.0195,
          true);
  }
  const Point thumb{b.side(-0.145), 0.165};
  b.bone({b.side(-0.075), 0.30}, {thumb.x, thumb.y + 0.01}, 0.0165, 1.3, 1.35, 0.40);
  b.ray(thumb, -38.0 * (b.view() == 2 ? 0.4 : 1.0), {0.105, 0.075, 0.0}, 0.021, false);
  b.soft({0, 0.80}, {0, 0.36}, 0.090, 0.082);
  b.soft({0, 0.32}, {0, 0.02}, 0.095, b.view() == 2 ? 0.085 : 0.165);
  b.soft({b.side(-0.06), 0.28}, {b.side(-0.16), 0.12}, 0.060, 0.045);
}

void build_finger(Builder& b) {
  b.bone({0, 0.85}, {0, 0.36}, 0.066, 1.0, 1.35, 0.38);
  b.main_bone({0, 0.285}, {0.004, -0.035}, 0.052, 1.45, 1.25, 0.40);
  b.main_bone({0.004, -0.095}, {0.006, -0.275}, 0.043, 1.40, 1.20, 0.40);
  b.main_bone({0.006, -0.325}, {0.006, -0.425}, 0.031, 1.45, 1.20, 0.36);
  b.soft({0, 0.90}, {0, 0.25}, 0.165, 0.125);
  b.soft({0, 0.30}, {0.006, -0.425}, 0.120, 0.072);
  if (b.view() == 1) {
    b.bone({0.30, 0.80}, {0.27, 0.18}, 0.050, 1.4, 1.25, 0.40);
    b.bone({0.265, 0.11}, {0.25, -0.08}, 0.041, 1.4, 1.2, 0.40);
    b.soft({0.31, 0.90}, {0.245, -0.16}, 0.125, 0.085);
  }
}

void build_forearm(Builder& b) {
  b.bone({0.0, -0.80}, {0.0, -0.475}, 0.040, 1.0, 1.75);
  b.main_bone({b.side(-0.046), -0.395}, {b.side(-0.056), 0.350}, 0.0245, 1.35, 1.70, 0.45, -0.018);
  b.main_bone({b.side(0.046), -0.435}, {b.side(0.046), 0.345}, 0.0235, 1.75, 1.10, 0.45, 0.006);
  b.carpals({0.0, 0.425}, 0.040);
  b.soft({0.0, -0.60}, {0.0, -0.20}, 0.120, 0.130);
  b.soft({0.0, -0.20}, {0.0, 0.40}, 0.130, 0.078);
  b.soft({0.0, 0.40}, {0.0, 0.70}, 0.080, 0.110);
}

void build_elbow(Builder& b) {
  if (b.view() == 2) {
    b.main_bone({-0.06, -0.75}, {-0.05, -0.035}, 0.050, 1.0, 1.30, 0.42);
    b.knob({-0.035, 0.000}, 0.072);
    b.main_bone({-0.105, 0.085}, {0.70, 0.115}, 0.041, 1.45, 1.0, 0.42, 0.012);
    b.bone({-0.125, 0.020}, {-0.135, 0.080}, 0.036, 1.0, 1.1, 0.25);
    b.main_bone({0.045, 0.035}, {0.70, 0.030}, 0.030, 1.45, 1.0, 0.42, -0.010);
    b.soft({-0.05, -0.80}, {-0.05, 0.0}, 0.155, 0.130);
    b.soft({-0.06, 0.06}, {0.75, 0.07}, 0.125, 0.115);
    return;
  }
  b.main_bone({0.0, -0.75}, {0.0, -0.085}, 0.050, 1.0, 1.60, 0.42);
  b.knob({-0.070, -0.038}, 0.054);
  b.knob({0.064, -0.034}, 0.058);
  b.knob({0.100, -0.085}, 0.034);
  b.main_bone({-0.080, 0.060}, {-0.070, 0.75}, 0.032, 1.50, 1.0, 0.42, -0.012);
  b.main_bone({0.052, 0.030}, {0.062, 0.75}, 0.040, 1.60, 1.0, 0.42, 0.008);
  b.soft({0.0, -0.80}, {0.0, 0.0}, 0.150, 0.165);
  b.soft({0.0, 0.0}, {0.0, 0.80}, 0.175, 0.150);
}

void add_ribs(Builder& b, double x, double y, int count, double direction) {
  for (int i = 0; i < count; ++i) {
    const double step = 0.095 * i;
    b.bone({x, y + step}, {x + direction * 0.50, y + step + 0.10}, 0.014, 1.1, 1.0, 0.55, direction * -0.055);
  }
}

void build_humerus(Builder& b) {
  b.main_bone({-0.005, -0.335}, {0.0, 0.335}, 0.036, 1.55, 1.55, 0.45, 0.006);
  b.knob({0.022, -0.365}, 0.066);
  b.knob({-0.042, 0.355}, 0.037);
  b.knob({0.038, 0.358}, 0.041);
  b.bone({0.115, -0.375}, {0.16, -0.36}, 0.045, 1.0, 1.0, 0.2);
  b.bone({0.04, -0.47}, {0.42, -0.50}, 0.018, 1.2, 1.1, 0.45, 0.012);
  b.bone({-0.042, 0.435}, {-0.045, 0.80}, 0.021, 1.45, 1.0);
  b.bone({0.034, 0.420}, {0.045, 0.80}, 0.027, 1.5, 1.0);
  add_ribs(b, 0.21, -0.36, 6, 1.0);
  b.soft({0.0, -0.45}, {0.0, 0.30}, 0.125, 0.085);
  b.soft({0.0, 0.30}, {0.0, 0.80}, 0.090, 0.085);
  b.soft({0.40, -0.35}, {0.42, 0.60}, 0.22, 0.20, 0.85);
}

void build_shoulder(Builder& b) {
  b.main_bone({-0.150, -0.045}, {-0.225, 0.80}, 0.047, 1.60, 1.0, 0.40, 0.006);
  b.knob({-0.118, -0.095}, 0.104);
  b.bone({0.030, -0.120}, {0.035, 0.010}, 0.036, 1.1, 1.1, 0.20);
  b.bone({0.050, 0.010}, {0.190, 0.400}, 0.019, 1.4, 1.0, 0.6, 0.010);
  b.bone({0.060, -0.145}, {0.360, -0.100}, 0.020, 1.3, 1.0, 0.5);
  b.main_bone({-0.055, -0.245}, {0.520, -0.270}, 0.021, 1.35, 1.30, 0.45, 0.030);
  b.bone({-0.130, -0.225}, {0.030, -0.240}, 0.026, 1.0, 1.1, 0.35, 0.012);
  b.bone({0.055, -0.110}, {0.010, -0.165}, 0.020, 1.2, 1.0, 0.35);
  add_ribs(b, 0.16, -0.16, 7, 1.0);
  b.soft({-0.10, -0.13}, {-0.22, 0.80}, 0.165, 0.125);
  b.soft({0.10, -0.05}, {0.42, 0.60}, 0.26, 0.30);
  b.soft({0.15, -0.18}, {0.60, -0.30}, 0.15, 0.22);
  b.soft({0.42, 0.12}, {0.50, 0.60}, 0.17, 0.22, -0.55);
}

Point turned(Point p, double cosine, double sine, double scale, Point shift, bool mirrored) {
  if (mirrored) p.x = -p.x;
  return {scale * (cosine * p.x - sine * p.y) + shift.x, scale * (sine * p.x + cosine * p.y) + shift.y};
}

}  // namespace

Anatomy make_anatomy(Part part, int view, Rng& rng) {
  Builder builder(view, rng);
  switch (part) {
    case Part::elbow:
      build_elbow(builder);
      break;
    case Part::finger:
      build_finger(builder);
      break;
    case Part::forearm:
      build_forearm(builder);
      break;
    case Part::hand:
      build_hand(builder);
      break;
    case Part::humerus:
      build_humerus(builder);
      break;
    case Part::shoulder:
      build_shoulder(builder);
      break;
    case Part::wrist:
      build_wrist(builder);
      break;
  }
  return builder.take();
}

Anatomy moved(const Anatomy& anatomy, double degrees, double scale, Point shift, bool mirrored) {
  const double angle = degrees * std::numbers::pi / 180.0;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  Anatomy out = anatomy;
  for (auto& bone : out.bones) {
    bone.a = turned(bone.a, c, s, scale, shift, mirrored);
    bone.b = turned(bone.b, c, s, scale, shift, mirrored);
    bone.radius *= scale;
    bone.bow *= mirrored ? -scale : scale;
  }
  for (auto& part : out.soft) {
    part.a = turned(part.a, c, s, scale, shift, mirrored);
    part.b = turned(part.b, c, s, scale, shift, mirrored);
    part.radius_a *= scale;
    part.radius_b *= scale;
  }
  return out;
}

}  // namespace tagconf::phantom
