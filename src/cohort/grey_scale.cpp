#include "tagconf/cohort/grey_scale.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tagconf::cohort {
namespace {

constexpr std::size_t kCellValues = 65536;

double look_up(const LookupTable& table, double input) {
  const double last = static_cast<double>(table.output.size()) - 1;
  const double index = std::clamp(std::floor(input) - table.first, 0.0, last);
  return table.output[static_cast<std::size_t>(index)];
}

double modality_value(int stored, const GreyScale& scale) {
  return scale.modality ? look_up(*scale.modality, stored) : stored * scale.slope + scale.intercept;
}

bool is_padding(int stored, const GreyScale& scale) {
  return scale.padding && stored >= scale.padding->first && stored <= scale.padding->second;
}

// What a function asks of its width: PS3.3 C.11.2.1.2 and C.11.2.1.3.
bool usable(const Window& window, WindowFunction function) {
  return function == WindowFunction::linear ? window.width >= 1 : window.width > 0;
}

double windowed(double x, const Window& window, WindowFunction function) {
  const auto& [c, w] = window;
  switch (function) {
    case WindowFunction::sigmoid:
      return 1 / (1 + std::exp(-4 * (x - c) / w));
    case WindowFunction::linear_exact:
      return (x - c) / w + 0.5;
    case WindowFunction::linear:
      break;
  }
  if (w == 1) return x > c - 0.5 ? 1 : 0;
  return (x - (c - 0.5)) / (w - 1) + 0.5;
}

std::string name_of_window(WindowFunction function) {
  switch (function) {
    case WindowFunction::sigmoid:
      return "window_sigmoid";
    case WindowFunction::linear_exact:
      return "window_linear_exact";
    case WindowFunction::linear:
      break;
  }
  return "window";
}

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void take(double x) {
    low = std::min(low, x);
    high = std::max(high, x);
  }
  [[nodiscard]] double fraction(double x) const { return high > low ? (x - low) / (high - low) : 0; }
};

// Over the pixels that are film; where all are padding, over all.
Range range_of(const std::vector<bool>& present, const CellLayout& layout, const GreyScale& scale) {
  Range film;
  Range all;
  for (std::size_t cell = 0; cell < kCellValues; ++cell) {
    if (!present[cell]) continue;
    const int stored = stored_value(static_cast<std::uint16_t>(cell), layout);
    const double x = modality_value(stored, scale);
    all.take(x);
    if (!is_padding(stored, scale)) film.take(x);
  }
  return film.high >= film.low ? film : all;
}

}  // namespace

int stored_value(std::uint16_t cell, const CellLayout& layout) {
  const unsigned mask = (1U << static_cast<unsigned>(layout.stored)) - 1U;
  const unsigned shifted =
      static_cast<unsigned>(cell) >> static_cast<unsigned>(layout.high_bit + 1 - layout.stored);
  if (layout.overshoots && !layout.is_signed) return static_cast<int>(std::min(shifted, mask));
  const int value = static_cast<int>(shifted & mask);
  const bool negative = layout.is_signed && (value >> (layout.stored - 1)) != 0;
  return negative ? value - (1 << layout.stored) : value;
}

// A cell has 65536 values at the most: the arithmetic is done once for each of them, not for each pixel.
Rendered render_grey(const PixelCells& cells, const CellLayout& layout, const GreyScale& scale, int bits) {
  Rendered out;
  out.image = imaging::GreyImage(cells.width, cells.height, bits);
  std::vector<bool> present(kCellValues);
  for (const auto cell : cells.values) present[cell] = true;

  const bool windows = !scale.voi && scale.window && usable(*scale.window, scale.function);
  out.window_ignored = !scale.voi && scale.window && !windows;
  out.scaling = scale.voi ? "voi_lut" : windows ? name_of_window(scale.function) : "min_max";
  const Range range = scale.voi || windows ? Range{} : range_of(present, layout, scale);
  const auto fraction = [&](double x) {
    if (scale.voi) return look_up(*scale.voi, x) / ((1U << static_cast<unsigned>(scale.voi->bits)) - 1U);
    return windows ? windowed(x, *scale.window, scale.function) : range.fraction(x);
  };

  const double full = out.image.full_scale();
  std::vector<std::uint16_t> grey(kCellValues);
  for (std::size_t cell = 0; cell < kCellValues; ++cell) {
    if (!present[cell]) continue;
    const int stored = stored_value(static_cast<std::uint16_t>(cell), layout);
    const double f = std::clamp(fraction(modality_value(stored, scale)), 0.0, 1.0);
    const double level = std::floor(full * f + 0.5);
    grey[cell] = static_cast<std::uint16_t>(scale.inverted ? full - level : level);
  }
  std::transform(cells.values.begin(), cells.values.end(), out.image.pixels.begin(),
                 [&](std::uint16_t cell) { return grey[cell]; });
  return out;
}

}  // namespace tagconf::cohort
