#include "tagconf/arms/cover_cells.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/cohort/derived_dicom.hpp"

namespace tagconf::arms {
namespace {

using cohort::CellLayout;
using cohort::GreyCurve;
using cohort::GreyScale;
using cohort::PixelCells;
using cohort::Window;

struct Span {
  int low = std::numeric_limits<int>::max();
  int high = std::numeric_limits<int>::min();

  void take(int value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  [[nodiscard]] bool empty() const { return high < low; }
  [[nodiscard]] int distance(int value) const { return std::max({low - value, value - high, 0}); }
};

std::set<int> values_of(const PixelCells& cells, const CellLayout& layout) {
  std::vector<bool> present(std::size_t{1} << 16U);
  for (const auto cell : cells.values) present[cell] = true;
  std::set<int> out;
  for (std::size_t cell = 0; cell < present.size(); ++cell) {
    if (present[cell]) out.insert(stored_value(static_cast<std::uint16_t>(cell), layout));
  }
  return out;
}

// Without padding, unless there is nothing else.
Span film_of(const std::set<int>& values, const GreyScale& scale) {
  Span film;
  Span all;
  for (const int value : values) {
    all.take(value);
    if (!is_padding(value, scale)) film.take(value);
  }
  return film.empty() ? all : film;
}

int choose_fill(const GreyCurve& curve, const CellLayout& layout, const GreyScale& scale, const Span& film,
                bool white) {
  const int lowest = layout.is_signed ? -(1 << (layout.stored - 1)) : 0;
  const int highest = lowest + (1 << layout.stored) - 1;
  const bool upwards = (curve.brightness(highest) >= curve.brightness(lowest)) == white;
  const auto rank = [&](int value) {
    const double b = curve.brightness(value);
    // Of the film's own values that look alike the outermost stays so under any other window.
    return std::tuple(is_padding(value, scale), white ? 1 - b : b, film.distance(value),
                      upwards ? -value : value);
  };
  int best = lowest;
  for (int value = lowest + 1; value <= highest; ++value) {
    if (rank(value) < rank(best)) best = value;
  }
  return best;
}

int count_changed(const std::set<int>& values, const GreyCurve& before, const GreyCurve& after) {
  constexpr int kByte = 255;
  constexpr int kWord = 65535;
  return static_cast<int>(std::count_if(values.begin(), values.end(), [&](int value) {
    return before.level(value, kByte) != after.level(value, kByte) ||
           before.level(value, kWord) != after.level(value, kWord);
  }));
}

double as_written(double value) {
  return parse_double(cohort::decimal_string(value)).value_or(value);
}

// The linear function with the range's ends at 0 and 1. Where a grey lies on a half, the two ways of
// computing it may round apart: the centre is then moved by less than any other grey notices.
Window window_for(const GreyCurve& before, const PixelCells& cells, const CellLayout& layout,
                  const GreyScale& scale) {
  const std::set<int> values = values_of(cells, layout);
  const double width = before.high() - before.low();
  const double nudge = width * 1e-11;
  Window best;
  int fewest = std::numeric_limits<int>::max();
  for (const double move : {0.0, -nudge, nudge}) {
    GreyScale windowed = scale;
    windowed.function = cohort::WindowFunction::linear;
    windowed.window = {as_written(before.low() + width / 2 + 0.5 + move), as_written(width + 1)};
    const int changed = count_changed(values, before, GreyCurve(cells, layout, windowed));
    if (changed < fewest) {
      fewest = changed;
      best = *windowed.window;
    }
  }
  return best;
}

}  // namespace

CellCover cover_cells(PixelCells& cells, const CellLayout& layout, const GreyScale& scale,
                      std::span<const Rect> boxes, tags::Fill fill) {
  if (fill != tags::Fill::black && fill != tags::Fill::white) {
    throw_config("fill " + std::string(name_of(fill)) + " is not for DICOM files", "take black or white");
  }
  const GreyCurve before(cells, layout, scale);
  CellCover out;
  out.fill =
      choose_fill(before, layout, scale, film_of(values_of(cells, layout), scale), fill == tags::Fill::white);
  const std::vector<std::uint8_t> inside = tags::box_mask(boxes, cells.width, cells.height);
  for (std::size_t i = 0; i < cells.values.size(); ++i) {
    const int value = inside[i] != 0 ? out.fill : stored_value(cells.values[i], layout);
    cells.values[i] = cell_of(value, layout);
    out.pixels += inside[i];
  }
  const GreyCurve after(cells, layout, scale);
  if (count_changed(values_of(cells, layout), before, after) > 0) {
    out.window = window_for(before, cells, layout, scale);
  }
  return out;
}

}  // namespace tagconf::arms
