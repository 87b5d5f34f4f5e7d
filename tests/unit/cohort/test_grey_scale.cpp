// The standard grey pipeline by hand-worked values.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "tagconf/cohort/grey_scale.hpp"

using namespace tagconf::cohort;

namespace {

PixelCells row_of(std::vector<std::uint16_t> values) {
  const int width = static_cast<int>(values.size());
  return {width, 1, std::move(values)};
}

std::vector<std::uint16_t> grey(const PixelCells& cells, const GreyScale& scale, int bits = 8,
                                const CellLayout& layout = {12, 11, false, false}) {
  return render_grey(cells, layout, scale, bits).image.pixels;
}

}  // namespace

TEST_CASE("a stored value is taken out of its cell, and its sign extended") {
  CHECK(stored_value(0xF123, {12, 11, false, false}) == 0x123);
  CHECK(stored_value(0x1230, {12, 15, false, false}) == 0x123);
  CHECK(stored_value(0x0FFF, {12, 11, true, false}) == -1);
  CHECK(stored_value(0x0800, {12, 11, true, false}) == -2048);
  CHECK(stored_value(0x07FF, {12, 11, true, false}) == 2047);
  CHECK(stored_value(0xFFFF, {16, 15, true, false}) == -1);
  CHECK(stored_value(0xFFFF, {16, 15, false, false}) == 65535);
  CHECK(stored_value(1, {1, 0, false, false}) == 1);
  // A lossy decoder's 1024 of 10 bits is white, not black.
  CHECK(stored_value(1024, {10, 9, false, false}) == 0);
  CHECK(stored_value(1024, {10, 9, false, true}) == 1023);
}

TEST_CASE("a cell holds its value and nothing else") {
  CHECK(cell_of(0x123, {12, 11, false, false}) == 0x0123);
  CHECK(cell_of(0x123, {12, 15, false, false}) == 0x1230);
  CHECK(cell_of(-1, {12, 11, true, false}) == 0xFFFF);
  CHECK(cell_of(-2048, {12, 11, true, false}) == 0xF800);
  CHECK(cell_of(-1, {12, 14, true, false}) == 0xFFF8);
  CHECK(cell_of(255, {8, 7, false, false}) == 255);
  for (const CellLayout& layout : {CellLayout{1, 0, false, false}, CellLayout{10, 12, true, false},
                                   CellLayout{16, 15, true, false}, CellLayout{12, 15, false, false}}) {
    const int lowest = layout.is_signed ? -(1 << (layout.stored - 1)) : 0;
    bool all = true;
    for (int value = lowest; value < lowest + (1 << layout.stored); ++value)
      all = all && stored_value(cell_of(value, layout), layout) == value;
    CHECK(all);
  }
}

TEST_CASE("a curve tells brightness and range of a picture") {
  GreyScale scale;
  scale.slope = 2;
  scale.intercept = -10;
  scale.inverted = true;
  scale.padding = {0, 0};
  const GreyCurve curve(row_of({0, 20, 30, 40}), {12, 11, false, false}, scale);
  CHECK(curve.scaling() == "min_max");
  CHECK(curve.low() == 30);
  CHECK(curve.high() == 70);
  CHECK(curve.brightness(20) == 1);
  CHECK(curve.brightness(30) == 0.5);
  CHECK(curve.brightness(4095) == 0);
  CHECK(curve.level(30, 255) == 127);  // 255 - floor(127.5 + 0.5)
  CHECK(is_padding(0, scale));
  CHECK_FALSE(is_padding(20, scale));
}

TEST_CASE("windows: linear, linear exact and sigmoid") {
  GreyScale scale;
  scale.window = Window{50, 101};
  CHECK(grey(row_of({0, 50, 100, 4000}), scale) == std::vector<std::uint16_t>{1, 129, 255, 255});
  scale.window = Window{2, 1};  // a step at 1.5
  CHECK(grey(row_of({0, 1, 2, 3}), scale) == std::vector<std::uint16_t>{0, 0, 255, 255});
  scale.function = WindowFunction::linear_exact;
  scale.window = Window{50, 100};
  CHECK(grey(row_of({0, 25, 50, 100}), scale) == std::vector<std::uint16_t>{0, 64, 128, 255});
  CHECK(render_grey(row_of({1}), {}, scale, 8).scaling == "window_linear_exact");
  scale.function = WindowFunction::sigmoid;
  const auto expected = static_cast<std::uint16_t>(std::floor(255 / (1 + std::exp(1.0)) + 0.5));
  CHECK(grey(row_of({25, 50}), scale) == std::vector<std::uint16_t>{expected, 128});
  CHECK(render_grey(row_of({1}), {}, scale, 8).scaling == "window_sigmoid");
}

TEST_CASE("a window of no width gives way to min-max, and that is told") {
  GreyScale scale;
  scale.window = Window{50, 0};
  for (const auto function :
       {WindowFunction::linear, WindowFunction::linear_exact, WindowFunction::sigmoid}) {
    scale.function = function;
    const Rendered out = render_grey(row_of({10, 20, 30}), {}, scale, 8);
    CHECK(out.window_ignored);
    CHECK(out.scaling == "min_max");
    CHECK(out.image.pixels == std::vector<std::uint16_t>{0, 128, 255});
  }
  scale.function = WindowFunction::linear_exact;
  scale.window = Window{20, 0.5};
  CHECK_FALSE(render_grey(row_of({10, 20, 30}), {}, scale, 8).window_ignored);
}

TEST_CASE("min-max leaves padding out, and one value is black") {
  GreyScale scale;
  scale.padding = std::pair{0, 10};
  CHECK(grey(row_of({3, 100, 150, 200}), scale) == std::vector<std::uint16_t>{0, 0, 128, 255});
  CHECK(grey(row_of({3, 3}), scale) == std::vector<std::uint16_t>{0, 0});
  CHECK(grey(row_of({777, 777}), {}) == std::vector<std::uint16_t>{0, 0});
  scale.inverted = true;
  CHECK(grey(row_of({3, 100, 200}), scale) == std::vector<std::uint16_t>{255, 255, 0});
}

TEST_CASE("lookup tables: the modality's before slope, the VOI's before the window, ends clamped") {
  GreyScale scale;
  scale.slope = 3;
  scale.modality = LookupTable{10, 12, {4, 5, 6}};
  scale.window = Window{5.5, 1};
  CHECK(grey(row_of({0, 11, 12, 4000}), scale) == std::vector<std::uint16_t>{0, 0, 255, 255});
  scale.voi = LookupTable{4, 8, {0, 51, 255}};
  CHECK(grey(row_of({0, 11, 12, 4000}), scale) == std::vector<std::uint16_t>{0, 51, 255, 255});
  CHECK(render_grey(row_of({1}), {}, scale, 8).scaling == "voi_lut");
  scale.modality.reset();
  scale.slope = 0.5;
  scale.intercept = -0.25;  // 11 -> 5.25, which reads as 5
  CHECK(grey(row_of({11}), scale) == std::vector<std::uint16_t>{51});
}

TEST_CASE("16 bits keep what 8 round away; MONOCHROME1 is inverted once") {
  GreyScale scale;
  scale.window = Window{0.5, 4096};
  scale.function = WindowFunction::linear_exact;
  scale.window = Window{2048, 4096};
  CHECK(grey(row_of({0, 1, 2048, 4095}), scale, 16) == std::vector<std::uint16_t>{0, 16, 32768, 65519});
  scale.inverted = true;
  CHECK(grey(row_of({0, 1, 2048, 4095}), scale, 16) == std::vector<std::uint16_t>{65535, 65519, 32767, 16});
}
