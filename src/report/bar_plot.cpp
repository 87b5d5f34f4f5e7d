#include <algorithm>
#include <cmath>

#include "axes.hpp"
#include "tagconf/report/plots.hpp"

namespace tagconf::report {
namespace {

using axes::Frame;

constexpr double kBarWidth = 560;
constexpr double kBarRow = 26;

std::vector<double> bin_counts(const std::vector<double>& values, double low, double high, int bins) {
  std::vector<double> counts(static_cast<std::size_t>(bins), 0.0);
  for (const double v : values) {
    if (!std::isfinite(v) || v < low || v > high) continue;
    const auto k = static_cast<std::ptrdiff_t>((v - low) / (high - low) * bins);
    counts[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(k, 0, bins - 1))] += 1;
  }
  return counts;
}

}  // namespace

Html bar_plot(const PlotText& words, const std::vector<Bar>& bars) {
  double label_width = 40;
  double text_room = 30;
  double most = 0;
  for (const auto& bar : bars) {
    label_width = std::max(label_width, text_width(bar.label, 13) + 12);
    text_room = std::max(text_room, text_width(bar.text, 13) + 10);
    if (std::isfinite(bar.value)) most = std::max(most, bar.value);
  }
  const double room = kBarWidth - label_width - text_room;
  Svg svg(words.id, kBarWidth, kBarRow * static_cast<double>(bars.size()) + 4, words.title,
          words.description);
  double y = 2;
  for (const auto& bar : bars) {
    const double length = most > 0 && std::isfinite(bar.value) ? std::max(bar.value, 0.0) / most * room : 0;
    svg.text({label_width - 8, y + 17}, bar.label, {Anchor::end, 13, axes::kInk});
    svg.rect({label_width, y + 4}, length, kBarRow - 8, bar.colour);
    svg.text({label_width + length + 7, y + 17}, bar.text, {Anchor::start, 13, axes::kInk});
    y += kBarRow;
  }
  return svg.finish();
}

Html histogram_plot(const Histogram& plot) {
  constexpr double kWidth = 400;
  constexpr double kHeight = 190;
  constexpr double kLeft = 62;
  constexpr double kTop = 12;
  constexpr double kKeys = 22;
  const int bins = std::max(plot.bins, 1);
  std::vector<std::vector<double>> counts;
  double most = 1;
  for (const auto& [style, values] : plot.series) {
    counts.push_back(bin_counts(values, plot.low, plot.high, bins));
    most = std::max(most, *std::max_element(counts.back().begin(), counts.back().end()));
  }
  const auto x_ticks = nice_ticks(plot.low, plot.high, 6);
  const auto y_ticks = nice_ticks(0, most, 5);
  const double bottom = kTop + kHeight;
  const Frame f{{plot.low, plot.high, kLeft, kWidth - 14}, {0, y_ticks.back(), bottom, kTop}};
  Svg svg(plot.words.id, kWidth, bottom + 52 + kKeys * static_cast<double>(plot.series.size()),
          plot.words.title, plot.words.description);
  std::vector<double> inside;
  std::copy_if(x_ticks.begin(), x_ticks.end(), std::back_inserter(inside),
               [&](double t) { return t >= plot.low - 1e-9 && t <= plot.high + 1e-9; });
  axes::draw_x_axis(svg, f, inside, axes::tick_decimals(inside, 1), plot.x_axis);
  axes::draw_y_axis(svg, f, y_ticks, axes::tick_decimals(y_ticks, 0), "images");
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const LineStyle& style = plot.series[s].first;
    std::vector<Point> outline{{f.x(plot.low), bottom}};
    for (std::size_t k = 0; k < counts[s].size(); ++k) {
      const double step = (plot.high - plot.low) / bins;
      const double y = f.y(counts[s][k]);
      outline.push_back({f.x(plot.low + step * static_cast<double>(k)), y});
      outline.push_back({f.x(plot.low + step * static_cast<double>(k + 1)), y});
    }
    outline.push_back({f.x(plot.high), bottom});
    svg.polygon(outline, style.colour, 0.12);
    svg.polyline(outline, {style.colour, 1.8, style.dash});
  }
  double at = bottom + 52 + 14;
  for (std::size_t s = 0; s < counts.size(); ++s) {
    axes::draw_key(svg, {kLeft, at}, plot.series[s].first, s < plot.labels.size() ? plot.labels[s] : "");
    at += kKeys;
  }
  return svg.finish();
}

}  // namespace tagconf::report
