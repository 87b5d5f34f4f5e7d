// Axes shared by the drawings.
#pragma once

#include <string>
#include <vector>

#include "tagconf/report/svg.hpp"

namespace tagconf::report::axes {

inline constexpr std::string_view kInk = "#1b1f24";
inline constexpr std::string_view kSoft = "#59636e";
inline constexpr std::string_view kGrid = "#e6e9ed";

// A linear map of [low, high] onto [from, to].
struct Scale {
  double low = 0;
  double high = 1;
  double from = 0;
  double to = 1;

  [[nodiscard]] double operator()(double v) const { return from + (v - low) / (high - low) * (to - from); }
  // Values outside the axis are drawn at its ends.
  [[nodiscard]] double clamped(double v) const;
};

// Decimals that tell neighbouring ticks apart, at least `at_least`.
[[nodiscard]] int tick_decimals(const std::vector<double>& ticks, int at_least);

struct Frame {
  Scale x;
  Scale y;
};

// Grid lines, numbers and axis titles.
void draw_x_axis(Svg& svg, const Frame& frame, const std::vector<double>& ticks, int decimals,
                 std::string_view title);
void draw_y_axis(Svg& svg, const Frame& frame, const std::vector<double>& ticks, int decimals,
                 std::string_view title);

// One line of a legend: a sample of the stroke with its marker, then words.
void draw_key(Svg& svg, Point at, const LineStyle& style, std::string_view words);

}  // namespace tagconf::report::axes
