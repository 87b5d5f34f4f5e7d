// The report's drawings: values in, SVG out. Axes carry round numbers; nothing is drawn outside its frame;
// a value that is missing or not finite is left out of the drawing and named in its label.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/report/html.hpp"
#include "tagconf/report/palette.hpp"
#include "tagconf/report/svg.hpp"
#include "tagconf/report/text.hpp"

namespace tagconf::report {

// What every drawing says of itself.
struct PlotText {
  std::string id;  // unique in the page
  std::string title;
  std::string description;
};

// ROC curves. A point is (false positive fraction, true positive fraction), from (0,0) to (1,1).
struct RocBand {
  double fpr = 0;
  Interval tpr;
};
struct RocCurve {
  std::string label;  // legend: "covered  0.857 (0.844 to 0.870)"
  LineStyle style;
  std::vector<Point> points;
  std::vector<RocBand> band;  // confidence band of the sensitivity; may be empty
};
[[nodiscard]] Html roc_plot(const PlotText& words, const std::vector<RocCurve>& curves);

// Estimates with intervals, one a line, in groups: forest plots and AUC dot plots. `ci` is drawn thick,
// `second_ci` thin with end caps.
struct IntervalRow {
  std::string label;
  std::optional<double> value;
  std::optional<Interval> ci;
  std::optional<Interval> second_ci;
  LineStyle style;
  bool filled = true;
  std::string text;  // printed at the right
};
struct IntervalGroup {
  std::string title;  // may be empty
  std::vector<IntervalRow> rows;
};
struct ReferenceLine {
  double value = 0;
  std::string label;
};
struct IntervalPlot {
  PlotText words;
  std::string axis;  // what the value is
  std::string text_title;
  std::vector<IntervalGroup> groups;
  std::vector<ReferenceLine> references;
  std::optional<Interval> domain;  // default: what the values need
  int decimals = 1;                // of the axis' numbers, at least
};
[[nodiscard]] Html interval_plot(const IntervalPlot& plot);

// Lines over a common x axis: training curves.
struct Series {
  std::string label;
  LineStyle style;
  std::vector<Point> points;
  std::optional<Point> mark;  // ringed: the best epoch
};
struct LinePlot {
  PlotText words;
  std::string x_axis;
  std::string y_axis;
  std::vector<Series> series;
  bool legend = true;
};
[[nodiscard]] Html line_plot(const LinePlot& plot);

// Horizontal bars with their values printed.
struct Bar {
  std::string label;
  double value = 0;
  std::string text;
  std::string colour = "#0072B2";
};
[[nodiscard]] Html bar_plot(const PlotText& words, const std::vector<Bar>& bars);

// Counts per bin over [low, high], one outline per series.
struct Histogram {
  PlotText words;
  std::string x_axis;
  double low = 0;
  double high = 1;
  int bins = 20;
  std::vector<std::pair<LineStyle, std::vector<double>>> series;
  std::vector<std::string> labels;  // one per series
};
[[nodiscard]] Html histogram_plot(const Histogram& plot);

// Round numbers that cover [low, high]: at most about `target` of them, first <= low, last >= high.
[[nodiscard]] std::vector<double> nice_ticks(double low, double high, int target);

}  // namespace tagconf::report
