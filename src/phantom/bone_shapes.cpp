#include "bone_shapes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace tagconf::phantom {
namespace {

struct Landmark {
  double u;
  double v;
};

constexpr std::array kMetacarpal{
    Landmark{0.015, 0.0},  Landmark{0.00, -0.9},  Landmark{0.02, -1.32}, Landmark{0.08, -1.38},
    Landmark{0.18, -1.12}, Landmark{0.35, -1.0},  Landmark{0.60, -0.98}, Landmark{0.77, -1.22},
    Landmark{0.86, -1.58}, Landmark{0.92, -1.62}, Landmark{0.975, -1.2}, Landmark{1.0, -0.35},
    Landmark{1.0, 0.35},   Landmark{0.975, 1.2},  Landmark{0.92, 1.62},  Landmark{0.86, 1.55},
    Landmark{0.77, 1.22},  Landmark{0.60, 0.98},  Landmark{0.35, 1.05},  Landmark{0.18, 1.15},
    Landmark{0.08, 1.40},  Landmark{0.02, 1.30},  Landmark{0.00, 0.8}};

constexpr std::array kProximalPhalanx{
    Landmark{0.025, 0.0},  Landmark{0.0, -1.0},   Landmark{0.015, -1.62}, Landmark{0.08, -1.70},
    Landmark{0.19, -1.28}, Landmark{0.42, -0.98}, Landmark{0.66, -0.92},  Landmark{0.83, -1.12},
    Landmark{0.92, -1.32}, Landmark{0.98, -1.05}, Landmark{1.0, -0.55},   Landmark{0.978, 0.0},
    Landmark{1.0, 0.55},   Landmark{0.98, 1.05},  Landmark{0.92, 1.32},   Landmark{0.83, 1.12},
    Landmark{0.66, 0.92},  Landmark{0.42, 0.98},  Landmark{0.19, 1.28},   Landmark{0.08, 1.70},
    Landmark{0.015, 1.62}, Landmark{0.0, 1.0}};

constexpr std::array kMiddlePhalanx{
    Landmark{0.0, 0.0},    Landmark{0.03, -0.75}, Landmark{0.015, -1.45}, Landmark{0.10, -1.68},
    Landmark{0.24, -1.25}, Landmark{0.46, -0.98}, Landmark{0.68, -0.92},  Landmark{0.84, -1.15},
    Landmark{0.92, -1.30}, Landmark{0.98, -1.0},  Landmark{1.0, -0.5},    Landmark{0.968, 0.0},
    Landmark{1.0, 0.5},    Landmark{0.98, 1.0},   Landmark{0.92, 1.30},   Landmark{0.84, 1.15},
    Landmark{0.68, 0.92},  Landmark{0.46, 0.98},  Landmark{0.24, 1.25},   Landmark{0.10, 1.68},
    Landmark{0.015, 1.45}, Landmark{0.03, 0.75}};

constexpr std::array kDistalPhalanx{
    Landmark{0.0, 0.0},    Landmark{0.03, -1.0},  Landmark{0.02, -1.8},  Landmark{0.11, -2.1},
    Landmark{0.27, -1.35}, Landmark{0.50, -1.0},  Landmark{0.68, -1.08}, Landmark{0.80, -1.52},
    Landmark{0.90, -1.58}, Landmark{0.975, -1.0}, Landmark{1.0, 0.0},    Landmark{0.975, 1.0},
    Landmark{0.90, 1.58},  Landmark{0.80, 1.52},  Landmark{0.68, 1.08},  Landmark{0.50, 1.0},
    Landmark{0.27, 1.35},  Landmark{0.11, 2.1},   Landmark{0.02, 1.8},   Landmark{0.03, 1.0}};

// Elbow to wrist; v negative on the thumb's side.
constexpr std::array kRadiusFrontal{
    Landmark{0.003, 0.0},   Landmark{0.0, -1.05},   Landmark{0.010, -1.55}, Landmark{0.035, -1.52},
    Landmark{0.060, -1.05}, Landmark{0.10, -0.95},  Landmark{0.18, -1.0},   Landmark{0.35, -1.05},
    Landmark{0.55, -1.05},  Landmark{0.74, -1.02},  Landmark{0.85, -1.28},  Landmark{0.915, -1.78},
    Landmark{0.955, -2.22}, Landmark{0.985, -2.50}, Landmark{1.010, -2.42}, Landmark{1.022, -2.02},
    Landmark{1.008, -1.35}, Landmark{0.990, -0.35}, Landmark{0.982, 0.55},  Landmark{0.984, 1.40},
    Landmark{0.982, 1.92},  Landmark{0.962, 2.05},  Landmark{0.935, 1.72},  Landmark{0.89, 1.25},
    Landmark{0.82, 1.02},   Landmark{0.62, 1.12},   Landmark{0.42, 1.10},   Landmark{0.22, 1.0},
    Landmark{0.150, 1.22},  Landmark{0.105, 1.48},  Landmark{0.075, 1.05},  Landmark{0.055, 1.02},
    Landmark{0.035, 1.45},  Landmark{0.010, 1.52},  Landmark{0.0, 1.05}};

constexpr std::array kRadiusLateral{
    Landmark{0.003, 0.0},   Landmark{0.0, -1.05},   Landmark{0.010, -1.50}, Landmark{0.035, -1.48},
    Landmark{0.060, -1.05}, Landmark{0.10, -0.98},  Landmark{0.18, -1.0},   Landmark{0.35, -0.95},
    Landmark{0.55, -0.92},  Landmark{0.74, -0.95},  Landmark{0.86, -1.10},  Landmark{0.93, -1.45},
    Landmark{0.968, -1.72}, Landmark{0.995, -1.55}, Landmark{0.992, -0.75}, Landmark{0.988, 0.0},
    Landmark{1.004, 0.80},  Landmark{1.008, 1.35},  Landmark{0.985, 1.55},  Landmark{0.955, 1.40},
    Landmark{0.90, 1.12},   Landmark{0.80, 0.95},   Landmark{0.60, 0.92},   Landmark{0.40, 0.95},
    Landmark{0.22, 0.98},   Landmark{0.150, 1.20},  Landmark{0.105, 1.38},  Landmark{0.075, 1.05},
    Landmark{0.055, 1.02},  Landmark{0.035, 1.42},  Landmark{0.010, 1.48},  Landmark{0.0, 1.05}};

constexpr std::array kUlnaFrontal{
    Landmark{0.0, 0.1},     Landmark{0.002, -1.0},  Landmark{0.018, -1.65}, Landmark{0.050, -1.72},
    Landmark{0.080, -1.95}, Landmark{0.105, -2.05}, Landmark{0.135, -1.62}, Landmark{0.19, -1.22},
    Landmark{0.32, -1.05},  Landmark{0.60, -0.95},  Landmark{0.82, -0.85},  Landmark{0.92, -0.92},
    Landmark{0.955, -1.22}, Landmark{0.985, -1.32}, Landmark{1.000, -0.95}, Landmark{1.002, 0.05},
    Landmark{0.998, 0.62},  Landmark{1.018, 1.02},  Landmark{1.016, 1.32},  Landmark{0.985, 1.38},
    Landmark{0.955, 1.15},  Landmark{0.92, 0.92},   Landmark{0.82, 0.85},   Landmark{0.60, 0.95},
    Landmark{0.32, 1.10},   Landmark{0.17, 1.35},   Landmark{0.10, 1.72},   Landmark{0.050, 1.85},
    Landmark{0.018, 1.62},  Landmark{0.002, 1.0}};

// The far half only: the elbow's end of the lateral ulna has its own outline.
constexpr std::array kUlnaDistalLateral{
    Landmark{0.0, 0.0},    Landmark{0.0, -1.0},   Landmark{0.3, -1.0},    Landmark{0.6, -0.92},
    Landmark{0.80, -0.90}, Landmark{0.91, -1.02}, Landmark{0.955, -1.22}, Landmark{0.985, -1.15},
    Landmark{1.0, -0.70},  Landmark{1.02, -0.35}, Landmark{1.0, 0.1},     Landmark{0.998, 0.70},
    Landmark{0.98, 1.15},  Landmark{0.95, 1.20},  Landmark{0.90, 1.0},    Landmark{0.80, 0.90},
    Landmark{0.6, 0.92},   Landmark{0.3, 1.0},    Landmark{0.0, 1.0}};

// Shoulder to elbow; v positive towards the body.
constexpr std::array kHumerusFrontal{
    Landmark{0.000, 0.55},  Landmark{0.004, -0.35}, Landmark{0.022, -1.30}, Landmark{0.048, -1.88},
    Landmark{0.078, -2.02}, Landmark{0.110, -1.72}, Landmark{0.150, -1.30}, Landmark{0.22, -1.08},
    Landmark{0.34, -1.06},  Landmark{0.42, -1.16},  Landmark{0.50, -1.05},  Landmark{0.68, -0.95},
    Landmark{0.80, -1.02},  Landmark{0.875, -1.35}, Landmark{0.920, -1.95}, Landmark{0.947, -2.32},
    Landmark{0.968, -2.15}, Landmark{0.990, -1.75}, Landmark{1.000, -1.15}, Landmark{0.992, -0.45},
    Landmark{0.986, 0.10},  Landmark{0.998, 0.85},  Landmark{1.006, 1.65},  Landmark{0.985, 2.05},
    Landmark{0.962, 2.42},  Landmark{0.946, 3.05},  Landmark{0.928, 2.98},  Landmark{0.905, 2.05},
    Landmark{0.865, 1.38},  Landmark{0.80, 1.05},   Landmark{0.68, 0.95},   Landmark{0.50, 1.0},
    Landmark{0.30, 1.08},   Landmark{0.19, 1.18},   Landmark{0.145, 1.42},  Landmark{0.118, 2.02},
    Landmark{0.095, 2.55},  Landmark{0.060, 2.78},  Landmark{0.028, 2.42},  Landmark{0.008, 1.55}};

// Turned inwards: the head is seen face on.
constexpr std::array kHumerusInward{
    Landmark{0.000, 0.10},  Landmark{0.005, -0.95}, Landmark{0.028, -1.85}, Landmark{0.062, -2.20},
    Landmark{0.098, -2.00}, Landmark{0.135, -1.45}, Landmark{0.190, -1.15}, Landmark{0.30, -1.02},
    Landmark{0.50, -1.0},   Landmark{0.70, -0.95},  Landmark{0.82, -1.02},  Landmark{0.90, -1.45},
    Landmark{0.945, -1.95}, Landmark{0.980, -1.85}, Landmark{1.000, -1.05}, Landmark{0.995, 0.10},
    Landmark{1.004, 1.10},  Landmark{0.985, 1.85},  Landmark{0.950, 2.30},  Landmark{0.925, 2.05},
    Landmark{0.87, 1.32},   Landmark{0.80, 1.02},   Landmark{0.68, 0.95},   Landmark{0.50, 1.0},
    Landmark{0.30, 1.05},   Landmark{0.19, 1.20},   Landmark{0.135, 1.60},  Landmark{0.098, 2.15},
    Landmark{0.062, 2.32},  Landmark{0.028, 1.95},  Landmark{0.006, 1.05}};

// Outer end to breastbone.
constexpr std::array kClavicle{
    Landmark{0.0, 0.0},    Landmark{0.003, -1.1}, Landmark{0.03, -1.55}, Landmark{0.12, -1.35},
    Landmark{0.28, -1.08}, Landmark{0.50, -0.95}, Landmark{0.72, -1.05}, Landmark{0.88, -1.45},
    Landmark{0.97, -1.75}, Landmark{1.0, -0.9},   Landmark{1.0, 0.9},    Landmark{0.97, 1.65},
    Landmark{0.88, 1.35},  Landmark{0.72, 1.02},  Landmark{0.50, 1.0},   Landmark{0.28, 1.18},
    Landmark{0.12, 1.40},  Landmark{0.03, 1.40},  Landmark{0.003, 1.0}};

struct Recipe {
  std::span<const Landmark> landmarks;
  double shell_shaft;  // in half-widths of the shaft
  double shell_end;    // mm
  double end_share;
  double marrow_end;
};

Recipe recipe_of(Shape shape) {
  switch (shape) {
    case Shape::metacarpal:
      return {kMetacarpal, 0.46, 0.45, 0.26, 0.34};
    case Shape::proximal_phalanx:
      return {kProximalPhalanx, 0.42, 0.45, 0.28, 0.32};
    case Shape::middle_phalanx:
      return {kMiddlePhalanx, 0.42, 0.45, 0.32, 0.32};
    case Shape::distal_phalanx:
      return {kDistalPhalanx, 0.46, 0.40, 0.34, 0.38};
    case Shape::radius_frontal:
      return {kRadiusFrontal, 0.46, 0.75, 0.17, 0.30};
    case Shape::radius_lateral:
      return {kRadiusLateral, 0.46, 0.75, 0.17, 0.30};
    case Shape::ulna_frontal:
      return {kUlnaFrontal, 0.48, 0.75, 0.15, 0.32};
    case Shape::ulna_distal_lateral:
      return {kUlnaDistalLateral, 0.48, 0.75, 0.15, 0.30};
    case Shape::humerus_frontal:
      return {kHumerusFrontal, 0.40, 0.90, 0.19, 0.26};
    case Shape::humerus_inward:
      return {kHumerusInward, 0.40, 0.90, 0.19, 0.26};
    case Shape::clavicle:
      return {kClavicle, 0.40, 0.80, 0.22, 0.40};
  }
  return {};
}

Point catmull_rom(Point p0, Point p1, Point p2, Point p3, double t) {
  const auto mix = [t](double a, double b, double c, double d) {
    return 0.5 *
           (2 * b + t * (c - a) + t * t * (2 * a - 5 * b + 4 * c - d) + t * t * t * (3 * b - a - 3 * c + d));
  };
  return {mix(p0.x, p1.x, p2.x, p3.x), mix(p0.y, p1.y, p2.y, p3.y)};
}

}  // namespace

std::vector<Point> smooth_closed(std::span<const Point> landmarks, int steps) {
  const std::size_t n = landmarks.size();
  std::vector<Point> out;
  out.reserve(n * static_cast<std::size_t>(steps));
  for (std::size_t i = 0; i < n; ++i) {
    for (int s = 0; s < steps; ++s) {
      out.push_back(catmull_rom(landmarks[(i + n - 1) % n], landmarks[i], landmarks[(i + 1) % n],
                                landmarks[(i + 2) % n], static_cast<double>(s) / steps));
    }
  }
  return out;
}

std::vector<Point> smooth_open(std::span<const Point> landmarks, int steps) {
  std::vector<Point> out;
  const std::size_t n = landmarks.size();
  for (std::size_t i = 0; i + 1 < n; ++i) {
    for (int s = 0; s < steps; ++s) {
      out.push_back(catmull_rom(landmarks[i == 0 ? 0 : i - 1], landmarks[i], landmarks[i + 1],
                                landmarks[std::min(i + 2, n - 1)], static_cast<double>(s) / steps));
    }
  }
  out.push_back(landmarks[n - 1]);
  return out;
}

Bone long_bone(Shape shape, const Placing& placing, Rng& rng) {
  const Recipe recipe = recipe_of(shape);
  const double dx = placing.b.x - placing.a.x;
  const double dy = placing.b.y - placing.a.y;
  const double length = std::hypot(dx, dy);
  const Point along{dx / length, dy / length};
  const double side = placing.flip ? -1.0 : 1.0;
  const Point right{-along.y * side, along.x * side};
  // A slow waviness of the outline on top of each landmark's own variation.
  const double wave = 0.035 * rng.uniform(0.4, 1.0);
  const double cycles = rng.uniform(1.5, 3.5);
  const double phase = rng.uniform(0.0, 2 * std::numbers::pi);
  std::vector<Point> points;
  for (const auto& [u, v] : recipe.landmarks) {
    const double width = placing.half_width * (v * (1 + 0.03 * rng.normal()) +
                                               wave * std::sin(2 * std::numbers::pi * cycles * u + phase));
    const double along_mm = u * length + 0.05 * placing.half_width * rng.normal();
    const double across = width + placing.bow * 4 * u * (1 - u);
    points.push_back({placing.a.x + along_mm * along.x + across * right.x,
                      placing.a.y + along_mm * along.y + across * right.y});
  }
  Bone bone;
  bone.outline = smooth_closed(points, 6);
  bone.a = placing.a;
  bone.b = placing.b;
  bone.shell_shaft = recipe.shell_shaft * placing.half_width * rng.uniform(0.9, 1.1);
  bone.shell_end = recipe.shell_end;
  bone.end_share = recipe.end_share;
  bone.marrow_end = recipe.marrow_end * rng.uniform(0.9, 1.1);
  return bone;
}

Bone drawn_bone(std::span<const Point> landmarks, Point at, double scale_x, double scale_y, double degrees,
                Rng& rng) {
  const double angle = degrees * std::numbers::pi / 180;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  std::vector<Point> points;
  double top = 1e9;
  double bottom = -1e9;
  for (const auto& p : landmarks) {
    const double x = p.x * scale_x + 0.22 * rng.normal();
    const double y = p.y * scale_y + 0.22 * rng.normal();
    top = std::min(top, y);
    bottom = std::max(bottom, y);
    points.push_back({at.x + c * x - s * y, at.y + s * x + c * y});
  }
  Bone bone;
  bone.outline = smooth_closed(points, 6);
  bone.a = {at.x - s * top, at.y + c * top};
  bone.b = {at.x - s * bottom, at.y + c * bottom};
  bone.shell_shaft = bone.shell_end = 0.6;
  bone.end_share = 0.5;
  bone.marrow_shaft = bone.marrow_end = 0.34 * rng.uniform(0.9, 1.1);
  return bone;
}

Bone band_bone(std::span<const Point> line, std::span<const double> half_widths, Rng& rng) {
  const auto centre = smooth_open(line, 10);
  std::vector<Point> left;
  std::vector<Point> right;
  const double phase = rng.uniform(0.0, 2 * std::numbers::pi);
  for (std::size_t i = 0; i < centre.size(); ++i) {
    const Point& before = centre[i == 0 ? 0 : i - 1];
    const Point& after = centre[std::min(i + 1, centre.size() - 1)];
    const double dx = after.x - before.x;
    const double dy = after.y - before.y;
    const double norm = std::max(1e-9, std::hypot(dx, dy));
    const double t = static_cast<double>(i) / static_cast<double>(centre.size() - 1);
    const double at = t * static_cast<double>(half_widths.size() - 1);
    const auto k = std::min(static_cast<std::size_t>(at), half_widths.size() - 2);
    const double f = at - static_cast<double>(k);
    double w = (1 - f) * half_widths[k] + f * half_widths[k + 1];
    w *= 1 + 0.04 * std::sin(9 * t + phase);
    const double end = std::min(t, 1 - t) * static_cast<double>(centre.size());
    w *= std::sqrt(std::clamp(0.25 + end / 3, 0.0, 1.0));
    left.push_back({centre[i].x - w * dy / norm, centre[i].y + w * dx / norm});
    right.push_back({centre[i].x + w * dy / norm, centre[i].y - w * dx / norm});
  }
  Bone bone;
  bone.outline = left;
  bone.outline.insert(bone.outline.end(), right.rbegin(), right.rend());
  bone.a = line.front();
  bone.b = line.back();
  bone.shell_shaft = bone.shell_end = 1.0;
  bone.end_share = 0.1;
  bone.marrow_shaft = bone.marrow_end = 0.22;
  return bone;
}

}  // namespace tagconf::phantom
