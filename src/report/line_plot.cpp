#include <algorithm>
#include <cmath>

#include "axes.hpp"
#include "tagconf/report/plots.hpp"

namespace tagconf::report {
namespace {

using axes::Frame;

constexpr double kWidth = 400;
constexpr double kHeight = 210;
constexpr double kLeft = 62;
constexpr double kTop = 12;
constexpr double kBelow = 50;
constexpr double kKeyHeight = 22;

struct Extent {
  double low = HUGE_VAL;
  double high = -HUGE_VAL;
  void add(double v) {
    if (!std::isfinite(v)) return;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  [[nodiscard]] bool empty() const { return low > high; }
};

bool usable(const Point& p) {
  return std::isfinite(p.x) && std::isfinite(p.y);
}

// Ticks of a count axis are whole numbers.
std::vector<double> whole_ticks(double low, double high) {
  auto ticks = nice_ticks(low, high, 6);
  std::erase_if(ticks, [](double t) { return std::abs(t - std::round(t)) > 1e-9; });
  return ticks;
}

}  // namespace

Html line_plot(const LinePlot& plot) {
  Extent x;
  Extent y;
  for (const auto& series : plot.series) {
    for (const auto& p : series.points) {
      if (!usable(p)) continue;
      x.add(p.x);
      y.add(p.y);
    }
  }
  if (x.empty()) {
    x = {0, 1};
    y = {0, 1};
  }
  if (x.high - x.low < 1) x = {x.low - 1, x.high + 1};
  const auto x_ticks = whole_ticks(x.low, x.high);
  const auto y_ticks = nice_ticks(y.low, y.high, 5);
  const Frame f{{x.low, x.high, kLeft, kLeft + kWidth - 76},
                {y_ticks.front(), y_ticks.back(), kTop + kHeight, kTop}};
  const double keys = plot.legend ? kKeyHeight * static_cast<double>(plot.series.size()) : 0;

  Svg svg(plot.words.id, kWidth, kTop + kHeight + kBelow + keys, plot.words.title, plot.words.description);
  std::vector<double> inside;
  std::copy_if(x_ticks.begin(), x_ticks.end(), std::back_inserter(inside),
               [&](double t) { return t >= x.low - 1e-9 && t <= x.high + 1e-9; });
  axes::draw_x_axis(svg, f, inside, 0, plot.x_axis);
  axes::draw_y_axis(svg, f, y_ticks, axes::tick_decimals(y_ticks, 1), plot.y_axis);
  for (const auto& series : plot.series) {
    std::vector<Point> points;
    for (const auto& p : series.points) {
      if (usable(p)) points.push_back({f.x(p.x), f.y(p.y)});
    }
    if (points.size() > 1) svg.polyline(points, {series.style.colour, 2, series.style.dash});
    if (points.size() == 1) svg.marker(points.front(), 3.5, series.style.marker, series.style.colour);
    if (series.mark && usable(*series.mark)) {
      svg.marker({f.x(series.mark->x), f.y(series.mark->y)}, 4.6, series.style.marker, series.style.colour,
                 false);
    }
  }
  double at = kTop + kHeight + kBelow + 14;
  for (const auto& series : plot.series) {
    if (!plot.legend) break;
    axes::draw_key(svg, {kLeft, at}, series.style, series.label);
    at += kKeyHeight;
  }
  return svg.finish();
}

}  // namespace tagconf::report
