// A small SVG canvas. Coordinates in user units (one CSS pixel at full width), written with two decimals so
// that bytes do not vary; y goes down. Every drawing has a title and a description for screen readers.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tagconf/report/html.hpp"
#include "tagconf/report/palette.hpp"

namespace tagconf::report {

struct Point {
  double x = 0;
  double y = 0;
};

enum class Anchor { start, middle, end };

struct TextStyle {
  Anchor anchor = Anchor::start;
  double size = 13;
  std::string_view colour = "#1b1f24";
  bool bold = false;
};

struct Stroke {
  std::string colour = "#1b1f24";
  double width = 1;
  std::string dash;
};

class Svg {
 public:
  // `id` must be unique in the page: title and description are referred to by it.
  Svg(std::string id, double width, double height, std::string_view title, std::string_view description);

  void line(Point a, Point b, const Stroke& stroke);
  void polyline(std::span<const Point> points, const Stroke& stroke);
  void polygon(std::span<const Point> points, std::string_view fill, double opacity);
  void rect(Point corner, double width, double height, std::string_view fill, double opacity = 1);
  void marker(Point centre, double radius, Marker shape, std::string_view colour, bool filled = true);
  void text(Point at, std::string_view words, const TextStyle& style = {});
  // Read from bottom to top, centred on `at`.
  void upright_text(Point at, std::string_view words, const TextStyle& style = {});

  [[nodiscard]] Html finish() const;

 private:
  std::string head_;
  std::string body_;
};

// About how wide `words` are in the page's sans-serif at this size; for room beside labels.
[[nodiscard]] double text_width(std::string_view words, double size);

}  // namespace tagconf::report
