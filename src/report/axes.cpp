#include "axes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tagconf/report/plots.hpp"

namespace tagconf::report {

std::vector<double> nice_ticks(double low, double high, int target) {
  if (!(high > low)) {
    const double pad = std::max(std::abs(low) * 0.05, 1e-3);
    return nice_ticks(low - pad, low + pad, target);
  }
  const double raw = (high - low) / std::max(target - 1, 1);
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {1.0, 2.0, 2.5, 5.0}) {
    if (factor * power >= raw * (1 - 1e-9)) {
      step = factor * power;
      break;
    }
  }
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  std::vector<double> ticks;
  for (double k = first; k <= last; k += 1) ticks.push_back(k * step);
  return ticks;
}

namespace axes {

double Scale::clamped(double v) const {
  return (*this)(std::clamp(v, std::min(low, high), std::max(low, high)));
}

int tick_decimals(const std::vector<double>& ticks, int at_least) {
  for (int decimals = at_least; decimals < 6; ++decimals) {
    const double power = std::pow(10.0, decimals);
    const bool exact = std::all_of(ticks.begin(), ticks.end(), [&](double t) {
      return std::abs(std::round(t * power) - t * power) < 1e-6 * std::max(1.0, std::abs(t * power));
    });
    if (exact) return decimals;
  }
  return 6;
}

void draw_x_axis(Svg& svg, const Frame& f, const std::vector<double>& ticks, int decimals,
                 std::string_view title) {
  for (const double t : ticks) {
    const double x = f.x(t);
    svg.line({x, f.y.from}, {x, f.y.to}, {std::string(kGrid), 1, ""});
    svg.text({x, f.y.from + 18}, format_value(t, decimals), {Anchor::middle, 12, kSoft});
  }
  svg.line({f.x.from, f.y.from}, {f.x.to, f.y.from}, {std::string(kSoft), 1, ""});
  svg.text({(f.x.from + f.x.to) / 2, f.y.from + 38}, title, {Anchor::middle, 13, kInk});
}

void draw_y_axis(Svg& svg, const Frame& f, const std::vector<double>& ticks, int decimals,
                 std::string_view title) {
  for (const double t : ticks) {
    const double y = f.y(t);
    svg.line({f.x.from, y}, {f.x.to, y}, {std::string(kGrid), 1, ""});
    svg.text({f.x.from - 8, y + 4}, format_value(t, decimals), {Anchor::end, 12, kSoft});
  }
  svg.line({f.x.from, f.y.from}, {f.x.from, f.y.to}, {std::string(kSoft), 1, ""});
  svg.upright_text({f.x.from - 42, (f.y.from + f.y.to) / 2}, title, {Anchor::middle, 13, kInk});
}

void draw_key(Svg& svg, Point at, const LineStyle& style, std::string_view words) {
  svg.line({at.x, at.y - 4}, {at.x + 30, at.y - 4}, {style.colour, 2.2, style.dash});
  svg.text({at.x + 38, at.y}, words, {Anchor::start, 13, kInk});
}

}  // namespace axes
}  // namespace tagconf::report
