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
};

std::vector<bool> present_in(const PixelCells& cells) {
  std::vector<bool> present(kCellValues);
  for (const auto cell : cells.values) present[cell] = true;
  return present;
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

std::uint16_t cell_of(int stored, const CellLayout& layout) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(stored) << (layout.high_bit + 1 - layout.stored));
}

bool is_padding(int stored, const GreyScale& scale) {
  return scale.padding && stored >= scale.padding->first && stored <= scale.padding->second;
}

GreyCurve::GreyCurve(const PixelCells& cells, const CellLayout& layout, GreyScale scale)
    : scale_(std::move(scale)),
      windows_(!scale_.voi && scale_.window && usable(*scale_.window, scale_.function)),
      scaling_(scale_.voi ? "voi_lut"
               : windows_ ? name_of_window(scale_.function)
                          : "min_max") {
  if (!scale_.voi && !windows_) find_range(cells, layout);
}

// Over the pixels that are film; where all are padding, over all.
void GreyCurve::find_range(const PixelCells& cells, const CellLayout& layout) {
  const std::vector<bool> present = present_in(cells);
  Range film;
  Range all;
  for (std::size_t cell = 0; cell < kCellValues; ++cell) {
    if (!present[cell]) continue;
    const int stored = stored_value(static_cast<std::uint16_t>(cell), layout);
    const double x = modality_value(stored, scale_);
    all.take(x);
    if (!is_padding(stored, scale_)) film.take(x);
  }
  const Range& range = film.high >= film.low ? film : all;
  low_ = range.low;
  high_ = range.high;
}

bool GreyCurve::window_ignored() const {
  return !scale_.voi && scale_.window && !windows_;
}

double GreyCurve::fraction(int stored) const {
  const double x = modality_value(stored, scale_);
  double f = 0;
  if (scale_.voi) {
    f = look_up(*scale_.voi, x) / ((1U << static_cast<unsigned>(scale_.voi->bits)) - 1U);
  } else if (windows_) {
    f = windowed(x, *scale_.window, scale_.function);
  } else {
    f = high_ > low_ ? (x - low_) / (high_ - low_) : 0;
  }
  return std::clamp(f, 0.0, 1.0);
}

std::uint16_t GreyCurve::level(int stored, int full_scale) const {
  const double full = full_scale;
  const double level = std::floor(full * fraction(stored) + 0.5);
  return static_cast<std::uint16_t>(scale_.inverted ? full - level : level);
}

double GreyCurve::brightness(int stored) const {
  return scale_.inverted ? 1 - fraction(stored) : fraction(stored);
}

// A cell has 65536 values at the most: the arithmetic is done once for each of them, not for each pixel.
Rendered render_grey(const PixelCells& cells, const CellLayout& layout, const GreyScale& scale, int bits) {
  Rendered out;
  out.image = imaging::GreyImage(cells.width, cells.height, bits);
  const GreyCurve curve(cells, layout, scale);
  out.window_ignored = curve.window_ignored();
  out.scaling = curve.scaling();
  const std::vector<bool> present = present_in(cells);
  std::vector<std::uint16_t> grey(kCellValues);
  for (std::size_t cell = 0; cell < kCellValues; ++cell) {
    if (!present[cell]) continue;
    grey[cell] = curve.level(stored_value(static_cast<std::uint16_t>(cell), layout), out.image.full_scale());
  }
  std::transform(cells.values.begin(), cells.values.end(), out.image.pixels.begin(),
                 [&](std::uint16_t cell) { return grey[cell]; });
  return out;
}

}  // namespace tagconf::cohort
