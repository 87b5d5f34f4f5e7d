// Colours that stay apart for colour-blind readers and in grey print: Okabe and Ito's palette ("Color
// Universal Design", 2008), each with a dash pattern and a marker of its own.
#pragma once

#include <string>
#include <string_view>

namespace tagconf::report {

enum class Marker { circle, square, diamond, triangle };

struct LineStyle {
  std::string colour;  // #RRGGBB
  std::string dash;    // SVG stroke-dasharray, empty = solid
  Marker marker = Marker::circle;
};

// The arm decides: original blue, covered vermillion, tags_only green; any other model takes the `index`-th
// of the remaining styles. `name` may carry a seed or test arm (covered.s1, covered@original).
[[nodiscard]] LineStyle style_of(std::string_view name, std::size_t index);

}  // namespace tagconf::report
