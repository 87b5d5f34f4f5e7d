#include "implants.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace tagconf::phantom {
namespace {

constexpr int kShift = 4;

cv::Point fixed(const Point& p) {
  return {static_cast<int>(std::lround(p.x * (1 << kShift))),
          static_cast<int>(std::lround(p.y * (1 << kShift)))};
}

// Draws parts of an implant and keeps the box around them.
class Workshop {
 public:
  Workshop(cv::Mat& metal, const ImplantSite& site) : metal_(metal), site_(site) {}

  // `thickness`: mm along the ray; adds to what is there.
  void polygon(const std::vector<Point>& outline, double thickness) {
    std::vector<cv::Point> points;
    double x0 = 1e9;
    double y0 = 1e9;
    double x1 = -1e9;
    double y1 = -1e9;
    for (const auto& p : outline) {
      points.push_back(fixed(p));
      x0 = std::min(x0, p.x);
      x1 = std::max(x1, p.x);
      y0 = std::min(y0, p.y);
      y1 = std::max(y1, p.y);
    }
    const Rect around{static_cast<int>(std::floor(x0)) - 1, static_cast<int>(std::floor(y0)) - 1,
                      static_cast<int>(std::ceil(x1 - x0)) + 3, static_cast<int>(std::ceil(y1 - y0)) + 3};
    const Rect area = intersect(around, {0, 0, metal_.cols, metal_.rows});
    if (area.empty()) return;
    for (auto& p : points) p -= cv::Point(area.x << kShift, area.y << kShift);
    cv::Mat mask(area.h, area.w, CV_8U, cv::Scalar(0));
    cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{points}, cv::Scalar(255), cv::LINE_AA, kShift);
    cv::Mat place = metal_(cv::Rect(area.x, area.y, area.w, area.h));
    cv::Mat amount;
    mask.convertTo(amount, CV_32F, thickness / 255);
    place = cv::max(place + amount, 0.0);
    box_ = bounding(box_, area);
  }

  // A rod from one place of the bone's frame to another; `thread` makes its edges toothed.
  void rod(Local from, Local to, double half_width, double thickness, bool thread) {
    const Point a = site_.frame.at(from);
    const Point b = site_.frame.at(to);
    const double length = std::max(1e-6, std::hypot(b.x - a.x, b.y - a.y));
    const Point d{(b.x - a.x) / length, (b.y - a.y) / length};
    const int steps = thread ? std::max(2, static_cast<int>(length / std::max(1.0, 0.9 * half_width))) : 1;
    std::vector<Point> left;
    std::vector<Point> right;
    for (int i = 0; i <= steps; ++i) {
      const double t = length * i / steps;
      const double taper = std::min(1.0, 0.25 + (length - t) / (2.5 * half_width));
      const double w = half_width * taper * (thread ? (i % 2 == 0 ? 1.12 : 0.72) : 1.0);
      left.push_back({a.x + t * d.x - w * d.y, a.y + t * d.y + w * d.x});
      right.push_back({a.x + t * d.x + w * d.y, a.y + t * d.y - w * d.x});
    }
    left.insert(left.end(), right.rbegin(), right.rend());
    polygon(left, thickness);
  }

  void disc(Local at, double radius, double thickness) {
    const Point c = site_.frame.at(at);
    std::vector<Point> outline;
    for (int i = 0; i < 20; ++i) {
      const double t = 2 * std::numbers::pi * i / 20;
      outline.push_back({c.x + radius * std::cos(t), c.y + radius * std::sin(t)});
    }
    polygon(outline, thickness);
  }

  [[nodiscard]] const ImplantSite& site() const { return site_; }
  [[nodiscard]] double u_of(double pixels) const { return pixels / site_.frame.length(); }
  [[nodiscard]] Extent extent(double u) const { return extent_at(site_.bone, std::clamp(u, 0.02, 0.98)); }
  [[nodiscard]] Rect box() const { return box_; }

 private:
  cv::Mat& metal_;
  const ImplantSite& site_;
  Rect box_;
};

// Surface of the bone on one side along the plate, evened out as a plate is.
std::vector<double> surface(const Workshop& w, double u0, double u1, int count, double side) {
  std::vector<double> v;
  for (int i = 0; i < count; ++i) {
    const Extent e = w.extent(u0 + (u1 - u0) * i / (count - 1));
    v.push_back(side > 0 ? e.high : e.low);
  }
  std::vector<double> out(v.size());
  for (std::size_t i = 0; i < v.size(); ++i) {
    double sum = 0;
    double n = 0;
    for (int k = -3; k <= 3; ++k) {
      const auto j = static_cast<std::ptrdiff_t>(i) + k;
      if (j < 0 || j >= static_cast<std::ptrdiff_t>(v.size())) continue;
      sum += v[static_cast<std::size_t>(j)];
      n += 1;
    }
    out[i] = sum / n;
  }
  return out;
}

void plate_side_on(Workshop& w, double severity, Rng& rng) {
  const auto& site = w.site();
  const double side = rng.chance(0.5) ? 1.0 : -1.0;
  const int screws = 4 + static_cast<int>(std::lround(3.0 * severity * rng.uniform()));
  const double reach = site.half * (2.3 + 0.60 * screws) * 0.72;
  const double u0 = std::max(0.03, site.u - w.u_of(reach));
  const double u1 = std::min(0.97, site.u + w.u_of(reach));
  const double thickness = std::max(1.2, 0.24 * site.half + 0.6 * site.scale);
  constexpr int kSteps = 15;
  const auto v = surface(w, u0, u1, kSteps, side);
  std::vector<Point> inner;
  std::vector<Point> outer;
  for (int i = 0; i < kSteps; ++i) {
    const double u = u0 + (u1 - u0) * i / (kSteps - 1);
    const double t = thickness * (i == 0 || i == kSteps - 1 ? 0.45 : 1.0);
    const double base = v[static_cast<std::size_t>(i)] + side * 0.25 * site.scale;
    inner.push_back(site.frame.at({u, base}));
    outer.push_back(site.frame.at({u, base + side * t}));
  }
  inner.insert(inner.end(), outer.rbegin(), outer.rend());
  w.polygon(inner, 5.0);
  const int gap = rng.chance(0.6) ? screws / 2 : -1;  // no screw in the break
  for (int i = 0; i < screws; ++i) {
    if (i == gap) continue;
    const double t = (i + 0.5) / screws;
    const double u = u0 + (u1 - u0) * t;
    const auto k = static_cast<std::size_t>(t * (kSteps - 1));
    const double head = v[k] + side * (thickness + 0.25 * site.scale);
    const Extent e = w.extent(u);
    const double tip = side > 0 ? e.low - 0.10 * site.half : e.high + 0.10 * site.half;
    const double lean = w.u_of(site.half * 0.10 * rng.normal());
    const double half_width = std::max(0.8, 0.15 * site.half + 0.15 * site.scale);
    w.rod({u, head}, {u + lean, tip}, half_width, 2.6, true);
    w.rod({u, head + side * 0.5 * thickness}, {u, head - side * 0.6 * thickness}, 1.9 * half_width, 3.0,
          false);
  }
}

void plate_face_on(Workshop& w, double severity, Rng& rng) {
  const auto& site = w.site();
  const int screws = 4 + static_cast<int>(std::lround(3.0 * severity * rng.uniform()));
  const double reach = site.half * (2.3 + 0.60 * screws) * 0.72;
  const double u0 = std::max(0.03, site.u - w.u_of(reach));
  const double u1 = std::min(0.97, site.u + w.u_of(reach));
  const double half_width = std::max(1.6, 0.48 * site.half);
  const double offset = 0.2 * site.half * rng.uniform(-1.0, 1.0);
  constexpr int kSteps = 25;
  std::vector<Point> left;
  std::vector<Point> right;
  std::vector<double> middle;
  for (int i = 0; i < kSteps; ++i) {
    const double t = static_cast<double>(i) / (kSteps - 1);
    const double u = u0 + (u1 - u0) * t;
    middle.push_back(w.extent(u).middle() + offset);
    // Waisted between the holes, round at the ends.
    const double phase = std::cos(2 * std::numbers::pi * screws * t);
    const double end = std::min(t, 1 - t) * (u1 - u0) * site.frame.length();
    const double round = std::sqrt(std::clamp(0.2 + end / half_width, 0.0, 1.0));
    const double width = half_width * (0.92 - 0.10 * phase) * round;
    left.push_back(site.frame.at({u, middle.back() - width}));
    right.push_back(site.frame.at({u, middle.back() + width}));
  }
  left.insert(left.end(), right.rbegin(), right.rend());
  w.polygon(left, 2.4);
  const int empty = rng.chance(0.7) ? screws / 2 : -1;
  for (int i = 0; i < screws; ++i) {
    const double t = (i + 0.5) / screws;
    const double u = u0 + (u1 - u0) * t;
    const double v = middle[static_cast<std::size_t>(t * (kSteps - 1))];
    w.disc({u, v}, 0.62 * half_width, -1.9);
    if (i == empty) continue;
    w.disc({u, v}, 0.52 * half_width, 3.2);
    // The shaft behind the head, seen nearly end on.
    const double lean = half_width * rng.uniform(0.2, 0.9);
    w.rod({u, v}, {u + w.u_of(0.3 * lean), v + lean}, 0.30 * half_width, 1.6, false);
  }
}

void wires(Workshop& w, int count, Rng& rng) {
  const auto& site = w.site();
  for (int i = 0; i < count; ++i) {
    const double side = i % 2 == 0 ? 1.0 : -1.0;
    const double reach = site.half * rng.uniform(1.6, 2.6);
    const Extent e = w.extent(site.u);
    const double cross = site.half * rng.uniform(1.15, 1.7);
    const double half_width = std::max(0.7, 0.75 * site.scale);
    w.rod({site.u + w.u_of(reach), e.middle() + side * cross},
          {site.u - w.u_of(reach), e.middle() - side * 0.85 * site.half}, half_width, 1.7, false);
  }
}

void lone_screw(Workshop& w, Rng& rng) {
  const auto& site = w.site();
  const double side = rng.chance(0.5) ? 1.0 : -1.0;
  const double slope = w.u_of(site.half * rng.uniform(-0.9, 0.9));
  const Extent e = w.extent(site.u);
  const double half_width = std::max(0.9, 0.13 * site.half + 0.4 * site.scale);
  const double head = e.middle() + side * 1.08 * site.half;
  w.rod({site.u + slope, head}, {site.u - slope, e.middle() - side * 0.95 * site.half}, half_width, 2.6,
        true);
  w.rod({site.u + slope, head + side * half_width}, {site.u + 0.9 * slope, head - side * half_width},
        1.8 * half_width, 2.4, false);
}

void nail(Workshop& w) {
  const auto& site = w.site();
  const double half_width = 0.36 * site.half;
  constexpr int kSteps = 12;
  std::vector<Point> left;
  std::vector<Point> right;
  for (int i = 0; i < kSteps; ++i) {
    const double u = 0.03 + (0.86 - 0.03) * i / (kSteps - 1);
    const double v = w.extent(std::clamp(u, 0.2, 0.8)).middle();
    left.push_back(site.frame.at({u, v - half_width}));
    right.push_back(site.frame.at({u, v + half_width}));
  }
  left.insert(left.end(), right.rbegin(), right.rend());
  w.polygon(left, 3.4);
  for (const double u : {0.075, 0.125, 0.80}) {
    const Extent e = w.extent(u);
    w.rod({u, e.low - 0.1 * site.half}, {u, e.high + 0.1 * site.half}, 0.16 * site.half, 2.6, true);
  }
}

}  // namespace

Rect draw_implant(cv::Mat& metal, const ImplantSite& site, double severity, bool quarter_turn, Rng& rng) {
  cv::Mat own(metal.rows, metal.cols, CV_32F, cv::Scalar(0));
  Workshop w(own, site);
  const double pick = rng.uniform();
  const bool long_shaft = site.frame.length() > 250 * site.scale && site.u > 0.2 && site.u < 0.75;
  if (severity < 0.30) {
    if (pick < 0.5)
      wires(w, 1, rng);
    else
      lone_screw(w, rng);
  } else if (long_shaft && pick < 0.25) {
    nail(w);
  } else if (pick < 0.10 + 0.35 * (1 - severity)) {
    wires(w, 2, rng);
  } else if ((pick < 0.66) != quarter_turn) {
    plate_side_on(w, severity, rng);
  } else {
    plate_face_on(w, severity, rng);
  }
  // Steel at full severity; at low severity a light alloy.
  metal += own * (0.22 + 0.78 * severity);
  return w.box();
}

}  // namespace tagconf::phantom
