#include <algorithm>
#include <cmath>

#include "axes.hpp"
#include "tagconf/report/plots.hpp"

namespace tagconf::report {
namespace {

using axes::Frame;

constexpr double kWidth = 760;
constexpr double kRow = 24;
constexpr double kGroupTitle = 24;
constexpr double kGroupGap = 8;

void include(Interval& domain, double v) {
  if (!std::isfinite(v)) return;
  domain.low = std::min(domain.low, v);
  domain.high = std::max(domain.high, v);
}

Interval domain_of(const IntervalPlot& plot) {
  if (plot.domain) return *plot.domain;
  Interval domain{HUGE_VAL, -HUGE_VAL};
  for (const auto& group : plot.groups) {
    for (const auto& row : group.rows) {
      if (row.value) include(domain, *row.value);
      for (const auto& ci : {row.ci, row.second_ci}) {
        if (!ci) continue;
        include(domain, ci->low);
        include(domain, ci->high);
      }
    }
  }
  for (const auto& reference : plot.references) include(domain, reference.value);
  return domain.low > domain.high ? Interval{0, 1} : domain;
}

void draw_whisker(Svg& svg, const Frame& f, double y, const Interval& ci, const std::string& colour,
                  bool thin) {
  if (!std::isfinite(ci.low) || !std::isfinite(ci.high)) return;
  const double x0 = f.x.clamped(ci.low);
  const double x1 = f.x.clamped(ci.high);
  svg.line({x0, y}, {x1, y}, {colour, thin ? 1.2 : 3, ""});
  if (!thin) return;
  for (const double x : {x0, x1}) svg.line({x, y - 4}, {x, y + 4}, {colour, 1.2, ""});
}

void draw_row(Svg& svg, const Frame& f, double y, const IntervalRow& row, double text_x) {
  if (row.second_ci) draw_whisker(svg, f, y, *row.second_ci, row.style.colour, true);
  if (row.ci) draw_whisker(svg, f, y, *row.ci, row.style.colour, false);
  if (row.value && std::isfinite(*row.value)) {
    svg.marker({f.x.clamped(*row.value), y}, 4.6, row.style.marker, row.style.colour, row.filled);
  }
  svg.text({text_x, y + 4.5}, row.text, {Anchor::start, 13, axes::kInk});
}

double body_height(const IntervalPlot& plot) {
  double height = 0;
  for (const auto& group : plot.groups) {
    if (!group.title.empty()) height += kGroupTitle;
    height += kRow * static_cast<double>(group.rows.size()) + kGroupGap;
  }
  return height;
}

// Labels of reference lines stand above the frame; one that would touch its left neighbour moves a line up,
// and none reaches into the column of texts to the right.
void draw_references(Svg& svg, const Frame& f, std::vector<ReferenceLine> lines) {
  std::stable_sort(lines.begin(), lines.end(),
                   [](const auto& a, const auto& b) { return a.value < b.value; });
  double taken_until = -HUGE_VAL;
  bool raised = false;
  for (const auto& line : lines) {
    if (!std::isfinite(line.value)) continue;
    const double x = f.x.clamped(line.value);
    const double half = text_width(line.label, 12) / 2;
    const double centre = std::min(x, f.x.to + 12 - half);
    raised = centre - half < taken_until && !raised;
    taken_until = std::max(taken_until, centre + half + 6);
    svg.line({x, f.y.from}, {x, f.y.to - (raised ? 16 : 2)}, {std::string(axes::kSoft), 1.2, "3 3"});
    svg.text({centre, f.y.to - (raised ? 22 : 8)}, line.label, {Anchor::middle, 12, axes::kSoft});
  }
}

}  // namespace

Html interval_plot(const IntervalPlot& plot) {
  double label_width = 60;
  double text_room = text_width(plot.text_title, 12);
  for (const auto& group : plot.groups) {
    label_width = std::max(label_width, text_width(group.title, 13) * 1.15 + 6);
    for (const auto& row : group.rows) {
      label_width = std::max(label_width, text_width(row.label, 13) + 14);
      text_room = std::max(text_room, text_width(row.text, 13));
    }
  }
  label_width = std::min(label_width, 260.0);
  text_room = std::min(text_room, 300.0);
  const double top = plot.references.empty() ? 24 : 42;
  const double height = body_height(plot);
  const double left = label_width + 14;
  const double right = kWidth - text_room - 22;
  const auto wanted = domain_of(plot);
  const auto ticks = nice_ticks(wanted.low, wanted.high, 6);
  const Frame f{{ticks.front(), ticks.back(), left, right}, {0, 1, top + height, top}};

  Svg svg(plot.words.id, kWidth, top + height + 48, plot.words.title, plot.words.description);
  axes::draw_x_axis(svg, f, ticks, axes::tick_decimals(ticks, plot.decimals), plot.axis);
  draw_references(svg, f, plot.references);
  svg.text({right + 22, top - 8}, plot.text_title, {Anchor::start, 12, axes::kSoft});
  double y = top;
  for (const auto& group : plot.groups) {
    if (!group.title.empty()) {
      svg.text({2, y + 17}, group.title, {Anchor::start, 13, axes::kInk, true});
      y += kGroupTitle;
    }
    for (const auto& row : group.rows) {
      svg.text({group.title.empty() ? 2.0 : 12.0, y + kRow / 2 + 4.5}, row.label,
               {Anchor::start, 13, axes::kInk});
      draw_row(svg, f, y + kRow / 2, row, right + 22);
      y += kRow;
    }
    y += kGroupGap;
  }
  return svg.finish();
}

}  // namespace tagconf::report
