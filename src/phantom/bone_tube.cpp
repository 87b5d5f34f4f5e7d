#include "bone_tube.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tagconf::phantom {
namespace {

// Share of the length over which a bone widens into its ends.
constexpr double kEndShare = 0.17;

double smooth_step(double low, double high, double x) {
  const double t = std::clamp((x - low) / (high - low), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

}  // namespace

BoneTube::BoneTube(const Bone& bone, double scale, double cx, double cy, Rng& rng)
    : a_{cx + scale * bone.a.x, cy + scale * bone.a.y},
      radius_(scale * bone.radius),
      end_a_(bone.end_a),
      end_b_(bone.end_b),
      cortex_(bone.cortex),
      bow_(scale * bone.bow) {
  const double dx = scale * (bone.b.x - bone.a.x);
  const double dy = scale * (bone.b.y - bone.a.y);
  length_ = std::max(1.0, std::hypot(dx, dy));
  along_ = {dx / length_, dy / length_};
  // Waves along the outline; on a short bone they would be teeth.
  const double amplitude = 0.028 * std::min(1.0, length_ / (9 * radius_));
  for (std::size_t i = 0; i < ripple_.size(); i += 2) {
    ripple_[i] = amplitude * rng.uniform(0.3, 1.0);
    ripple_[i + 1] = rng.uniform(0.0, 2 * std::numbers::pi);
  }
}

Local BoneTube::local(double x, double y) const {
  const double px = x - a_.x;
  const double py = y - a_.y;
  const double u = (px * along_.x + py * along_.y) / length_;
  const double v = -px * along_.y + py * along_.x;
  return {u, v - bow_ * 4 * u * (1 - u)};
}

Point BoneTube::at(Local p) const {
  const double v = p.v + bow_ * 4 * p.u * (1 - p.u);
  return {a_.x + p.u * length_ * along_.x - v * along_.y, a_.y + p.u * length_ * along_.y + v * along_.x};
}

double BoneTube::flare(double u) const {
  const double a = u / kEndShare;
  const double b = (1 - u) / kEndShare;
  return 1 + (end_a_ - 1) * std::exp(-a * a) + (end_b_ - 1) * std::exp(-b * b);
}

double BoneTube::radius(double u) const {
  const double inside = std::clamp(u, 0.0, 1.0);
  double ripple = 1;
  for (std::size_t i = 0; i < ripple_.size(); i += 2) {
    ripple +=
        ripple_[i] * std::sin(2 * std::numbers::pi * static_cast<double>(i + 2) * inside + ripple_[i + 1]);
  }
  const double r = radius_ * flare(inside) * ripple;
  // Rounded beyond the ends: half an ellipse whose depth is a part of the end's radius.
  const double over = std::max(-u, u - 1) * length_;
  if (over <= 0) return r;
  const double cap = 0.62 * r;
  return over >= cap ? 0 : r * std::sqrt(1 - (over / cap) * (over / cap));
}

Chords BoneTube::chords(Local p) const {
  const double outer = radius(p.u);
  if (outer <= 0 || std::abs(p.v) >= outer) return {};
  const double inside = std::clamp(p.u, 0.0, 1.0);
  const double a = inside / kEndShare;
  const double b = (1 - inside) / kEndShare;
  const double end = std::max(std::exp(-a * a), std::exp(-b * b));
  const double shell = 0.12 + (cortex_ - 0.12) * (1 - end);
  const double inner = std::max(0.0, outer - std::max(1.0, shell * std::min(outer, radius_ * 1.15)));
  const double whole = 2 * std::sqrt(outer * outer - p.v * p.v);
  const double marrow = std::abs(p.v) < inner ? 2 * std::sqrt(inner * inner - p.v * p.v) : 0;
  return {whole - marrow, marrow, end};
}

Rect BoneTube::bounds(int width, int height) const {
  const double reach = radius_ * std::max({1.0, end_a_, end_b_}) * 1.4 + std::abs(bow_) + 3;
  const Point b = at({1, 0});
  const int x0 = static_cast<int>(std::floor(std::min(a_.x, b.x) - reach));
  const int y0 = static_cast<int>(std::floor(std::min(a_.y, b.y) - reach));
  const int x1 = static_cast<int>(std::ceil(std::max(a_.x, b.x) + reach));
  const int y1 = static_cast<int>(std::ceil(std::max(a_.y, b.y) + reach));
  return intersect({x0, y0, x1 - x0, y1 - y0}, {0, 0, width, height});
}

BoneLesion::BoneLesion(Lesion kind, double severity, const BoneTube& bone, int width, int height, Rng& rng)
    : kind_(kind), severity_(severity), bone_(bone) {
  // A place along the bone that the picture shows.
  for (int attempt = 0; attempt < 12; ++attempt) {
    u_ = rng.uniform(0.18, 0.82);
    const Point p = bone.at({u_, 0});
    if (p.x > 0.1 * width && p.x < 0.9 * width && p.y > 0.12 * height && p.y < 0.88 * height) break;
  }
  const double r = bone.radius(u_);
  for (auto& j : jag_) j = rng.uniform(-1.0, 1.0);
  const double sign = rng.chance(0.5) ? 1.0 : -1.0;
  switch (kind) {
    case Lesion::fracture:
      slope_ = rng.uniform(-0.9, 0.9);
      shift_ = sign * r * (0.05 + 0.75 * severity * rng.uniform(0.5, 1.0));
      gap_ = 0.8 + (0.05 + 0.16 * severity) * r;
      depth_ = 0.35 + 0.6 * severity;
      half_u_ = 1.3 * r / bone.length();
      half_v_ = 1.15 * r + std::abs(shift_);
      break;
    case Lesion::hardware:
      face_on_ = rng.chance(0.5);
      screws_ = 4 + static_cast<int>(rng.below(4));
      half_u_ = std::min(0.42, std::max(0.22, 2.4 * r / bone.length()));
      half_v_ = face_on_ ? 0.42 * r : 0.20 * r;
      v_ = face_on_ ? sign * 0.15 * r : sign * 0.95 * r;
      break;
    case Lesion::focal:
      half_v_ = r * rng.uniform(0.55, 0.95);
      half_u_ = half_v_ * rng.uniform(1.0, 1.9) / bone.length();
      v_ = sign * r * rng.uniform(0.0, 0.35);
      depth_ = (rng.chance(0.65) ? 1.0 : -1.1) * (0.20 + 0.75 * severity);
      break;
    case Lesion::none:
      break;
  }
}

double BoneLesion::fracture_line(double v) const {
  const double r = std::max(1.0, bone_.shaft_radius());
  const double t = std::clamp((v / r + 1.5) / 3.0, 0.0, 0.999) * static_cast<double>(jag_.size() - 1);
  const auto i = static_cast<std::size_t>(t);
  const double f = t - static_cast<double>(i);
  const double jag = 0.28 * r * ((1 - f) * jag_[i] + f * jag_[i + 1]);
  return u_ + (slope_ * v + jag) / bone_.length();
}

Local BoneLesion::undisplaced(Local p) const {
  if (kind_ != Lesion::fracture || p.u < fracture_line(p.v)) return p;
  return {p.u, p.v - shift_};
}

double BoneLesion::bone_factor(Local p) const {
  if (kind_ == Lesion::fracture) {
    const double away = std::abs(p.u - fracture_line(p.v)) * bone_.length();
    return 1 - depth_ * (1 - smooth_step(0.35 * gap_, gap_ + 0.8, away));
  }
  if (kind_ == Lesion::focal) {
    const double eu = (p.u - u_) / half_u_;
    const double ev = (p.v - v_) / half_v_;
    const double wobble = 0.12 * jag_[0] * std::sin(3 * std::atan2(ev, eu) + 3 * jag_[1]);
    const double q = std::sqrt(eu * eu + ev * ev) * (1 + wobble);
    // A lytic focus has a thin denser rim.
    const double rim = depth_ > 0 ? 0.35 * severity_ * std::exp(-std::pow((q - 1.05) / 0.10, 2)) : 0.0;
    return 1 - depth_ * (1 - smooth_step(0.72, 1.02, q)) + rim;
  }
  return 1;
}

double BoneLesion::metal(Local p) const {
  return kind_ == Lesion::hardware ? plate(p) : 0;
}

// A plate with screws: from above a bar with screw heads, from the side a thin bar with screws through the
// bone.
double BoneLesion::plate(Local p) const {
  const double r = std::max(1.0, bone_.shaft_radius());
  const double along = (p.u - u_) / half_u_;
  if (std::abs(along) > 1.02) return 0;
  const double pixels_along = along * half_u_ * bone_.length();
  const double across = std::abs(p.v - v_);
  double metal = 0;
  const double end = (1 - std::abs(along)) * half_u_ * bone_.length();
  const double half = half_v_ * std::min(1.0, std::sqrt(std::max(0.0, end) / half_v_ + 0.15));
  metal = (1 - smooth_step(half - 0.7, half + 0.7, across)) * (face_on_ ? 0.75 : 1.0);
  const double pitch = 2 * half_u_ * bone_.length() / (screws_ + 1);
  const double index = std::clamp(std::round((pixels_along + half_u_ * bone_.length()) / pitch), 1.0,
                                  static_cast<double>(screws_));
  const double off = pixels_along - (index * pitch - half_u_ * bone_.length());
  if (face_on_) {
    const double d = std::hypot(off, p.v - v_);
    const double head = 0.62 * half_v_;
    metal = std::max(metal, 1 - smooth_step(head - 0.7, head + 0.7, d));
    if (d < 0.30 * half_v_) metal *= 0.75;
  } else {
    // Screws reach from the plate through the bone to the far cortex.
    const double toward = v_ > 0 ? v_ - p.v : p.v - v_;
    const double thread = 0.10 * r * (1 + 0.25 * std::sin(p.v * 2.2));
    if (toward > -0.25 * r && toward < 1.95 * r) {
      metal = std::max(metal, 0.9 * (1 - smooth_step(thread - 0.4, thread + 0.6, std::abs(off))));
    }
  }
  return metal * (0.35 + 0.65 * severity_);
}

Rect BoneLesion::box(int width, int height) const {
  if (kind_ == Lesion::none) return {};
  double x0 = width;
  double y0 = height;
  double x1 = 0;
  double y1 = 0;
  const double reach_v =
      kind_ == Lesion::hardware && !face_on_ ? std::abs(v_) + bone_.shaft_radius() : half_v_;
  const double centre_v = kind_ == Lesion::hardware && !face_on_ ? 0 : v_;
  for (const double u : {u_ - half_u_, u_, u_ + half_u_}) {
    for (const double v : {centre_v - reach_v, centre_v + reach_v}) {
      const Point p = bone_.at({u, v});
      x0 = std::min(x0, p.x);
      y0 = std::min(y0, p.y);
      x1 = std::max(x1, p.x);
      y1 = std::max(y1, p.y);
    }
  }
  const int left = static_cast<int>(std::floor(x0));
  const int top = static_cast<int>(std::floor(y0));
  return intersect({left, top, static_cast<int>(std::ceil(x1)) - left, static_cast<int>(std::ceil(y1)) - top},
                   {0, 0, width, height});
}

}  // namespace tagconf::phantom
