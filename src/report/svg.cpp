#include "tagconf/report/svg.hpp"

#include <array>
#include <cmath>

#include "tagconf/base/number.hpp"

namespace tagconf::report {
namespace {

// Two decimals; no "-0.00", so that equal places have equal bytes.
std::string number(double v) {
  std::string out = format_fixed(v, 2);
  return out == "-0.00" ? "0.00" : out;
}

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + escaped(value).bytes + "\"";
}

std::string attribute(std::string_view name, double value) {
  return attribute(name, number(value));
}

std::string point_list(std::span<const Point> points) {
  std::string out;
  for (const auto& p : points) {
    if (!out.empty()) out += ' ';
    out += number(p.x) + "," + number(p.y);
  }
  return out;
}

std::string stroke_attributes(const Stroke& stroke) {
  std::string out = attribute("stroke", stroke.colour) + attribute("stroke-width", stroke.width);
  if (!stroke.dash.empty()) out += attribute("stroke-dasharray", stroke.dash);
  return out;
}

std::string text_attributes(const TextStyle& style) {
  constexpr std::array<std::string_view, 3> kAnchors{"start", "middle", "end"};
  std::string out = attribute("font-size", style.size) + attribute("fill", style.colour) +
                    attribute("text-anchor", kAnchors[static_cast<std::size_t>(style.anchor)]);
  if (style.bold) out += attribute("font-weight", "600");
  return out;
}

}  // namespace

Svg::Svg(std::string id, double width, double height, std::string_view title, std::string_view description) {
  const std::string safe = escaped(id).bytes;
  head_ = "<div class=\"drawing\" style=\"max-width:" + number(width) + "px\"><svg viewBox=\"0 0 " +
          number(width) + " " + number(height) + "\" role=\"img\" aria-labelledby=\"" + safe + "-t " + safe +
          "-d\"" +
          " font-family=\"system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, "
          "sans-serif\">\n<title id=\"" +
          safe + "-t\">" + escaped(title).bytes + "</title>\n<desc id=\"" + safe + "-d\">" +
          escaped(description).bytes + "</desc>\n";
}

void Svg::line(Point a, Point b, const Stroke& stroke) {
  body_ += "<line" + attribute("x1", a.x) + attribute("y1", a.y) + attribute("x2", b.x) +
           attribute("y2", b.y) + stroke_attributes(stroke) + "/>\n";
}

void Svg::polyline(std::span<const Point> points, const Stroke& stroke) {
  body_ += "<polyline" + attribute("points", point_list(points)) + attribute("fill", "none") +
           attribute("stroke-linejoin", "round") + stroke_attributes(stroke) + "/>\n";
}

void Svg::polygon(std::span<const Point> points, std::string_view fill, double opacity) {
  body_ += "<polygon" + attribute("points", point_list(points)) + attribute("fill", fill) +
           attribute("fill-opacity", opacity) + "/>\n";
}

void Svg::rect(Point corner, double width, double height, std::string_view fill, double opacity) {
  body_ += "<rect" + attribute("x", corner.x) + attribute("y", corner.y) + attribute("width", width) +
           attribute("height", height) + attribute("fill", fill);
  if (opacity < 1) body_ += attribute("fill-opacity", opacity);
  body_ += "/>\n";
}

void Svg::marker(Point c, double r, Marker shape, std::string_view colour, bool filled) {
  const std::string paint = attribute("fill", filled ? colour : std::string_view("#ffffff")) +
                            attribute("stroke", colour) + attribute("stroke-width", 1.5) + "/>\n";
  switch (shape) {
    case Marker::circle:
      body_ += "<circle" + attribute("cx", c.x) + attribute("cy", c.y) + attribute("r", r) + paint;
      return;
    case Marker::square: {
      const double s = r * 0.9;
      body_ += "<rect" + attribute("x", c.x - s) + attribute("y", c.y - s) + attribute("width", 2 * s) +
               attribute("height", 2 * s) + paint;
      return;
    }
    case Marker::diamond: {
      const double d = r * 1.3;
      const std::array<Point, 4> corners{Point{c.x, c.y - d}, {c.x + d, c.y}, {c.x, c.y + d}, {c.x - d, c.y}};
      body_ += "<polygon" + attribute("points", point_list(corners)) + paint;
      return;
    }
    case Marker::triangle: {
      const double d = r * 1.2;
      const std::array<Point, 3> corners{
          Point{c.x, c.y - d}, {c.x + d, c.y + d * 0.8}, {c.x - d, c.y + d * 0.8}};
      body_ += "<polygon" + attribute("points", point_list(corners)) + paint;
      return;
    }
  }
}

void Svg::text(Point at, std::string_view words, const TextStyle& style) {
  body_ += "<text" + attribute("x", at.x) + attribute("y", at.y) + text_attributes(style) + ">" +
           escaped(words).bytes + "</text>\n";
}

void Svg::upright_text(Point at, std::string_view words, const TextStyle& style) {
  body_ += "<text" +
           attribute("transform", "translate(" + number(at.x) + " " + number(at.y) + ") rotate(-90)") +
           text_attributes(style) + ">" + escaped(words).bytes + "</text>\n";
}

Html Svg::finish() const {
  return {head_ + body_ + "</svg></div>\n"};
}

double text_width(std::string_view words, double size) {
  std::size_t letters = 0;
  for (const char c : words) letters += (static_cast<unsigned char>(c) & 0xC0U) != 0x80 ? 1 : 0;
  return static_cast<double>(letters) * size * 0.56;
}

}  // namespace tagconf::report
