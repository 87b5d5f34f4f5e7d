#include <cmath>

#include "axes.hpp"
#include "tagconf/report/plots.hpp"

namespace tagconf::report {
namespace {

using axes::Frame;

constexpr double kSide = 340;
constexpr double kLeft = 62;
constexpr double kTop = 14;
constexpr double kBelow = 52;
constexpr double kKeyHeight = 22;

bool usable(double v) {
  return std::isfinite(v);
}

// Points less than a third of a pixel from the one before add bytes and nothing to see; the ends stay.
std::vector<Point> thinned(const std::vector<Point>& points) {
  std::vector<Point> out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    const bool last = i + 1 == points.size();
    if (!out.empty() && !last && std::hypot(points[i].x - out.back().x, points[i].y - out.back().y) < 0.35)
      continue;
    out.push_back(points[i]);
  }
  return out;
}

std::vector<Point> curve_points(const RocCurve& curve, const Frame& f) {
  std::vector<Point> points;
  for (const auto& p : curve.points) {
    if (usable(p.x) && usable(p.y)) points.push_back({f.x.clamped(p.x), f.y.clamped(p.y)});
  }
  return thinned(points);
}

std::vector<Point> band_outline(const RocCurve& curve, const Frame& f) {
  std::vector<Point> upper;
  std::vector<Point> lower;
  for (const auto& b : curve.band) {
    if (!usable(b.fpr) || !usable(b.tpr.low) || !usable(b.tpr.high)) continue;
    upper.push_back({f.x.clamped(b.fpr), f.y.clamped(b.tpr.high)});
    lower.push_back({f.x.clamped(b.fpr), f.y.clamped(b.tpr.low)});
  }
  upper = thinned(upper);
  lower = thinned(lower);
  upper.insert(upper.end(), lower.rbegin(), lower.rend());
  return upper;
}

}  // namespace

Html roc_plot(const PlotText& words, const std::vector<RocCurve>& curves) {
  const double bottom = kTop + kSide;
  const double height = bottom + kBelow + kKeyHeight * static_cast<double>(curves.size()) + 4;
  const Frame f{{0, 1, kLeft, kLeft + kSide}, {0, 1, bottom, kTop}};
  Svg svg(words.id, kLeft + kSide + 14, height, words.title, words.description);
  const std::vector<double> ticks{0, 0.2, 0.4, 0.6, 0.8, 1};
  axes::draw_x_axis(svg, f, ticks, 1, "1 \u2212 specificity");
  axes::draw_y_axis(svg, f, ticks, 1, "sensitivity");
  svg.line({f.x(0), f.y(0)}, {f.x(1), f.y(1)}, {std::string(axes::kSoft), 1, "2 3"});
  for (const auto& curve : curves) {
    const auto outline = band_outline(curve, f);
    if (outline.size() > 3) svg.polygon(outline, curve.style.colour, 0.13);
  }
  for (const auto& curve : curves) {
    const auto points = curve_points(curve, f);
    if (points.size() > 1) svg.polyline(points, {curve.style.colour, 2, curve.style.dash});
  }
  double y = bottom + kBelow + 14;
  for (const auto& curve : curves) {
    axes::draw_key(svg, {kLeft, y}, curve.style, curve.label);
    y += kKeyHeight;
  }
  return svg.finish();
}

}  // namespace tagconf::report
