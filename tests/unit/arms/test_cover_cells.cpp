// Boxes painted into stored values: what is painted by hand-worked cases, and that nothing else changes its
// value or its grey by rendering before and after.
#include "catch.hpp"
#include "tagconf/arms/cover_cells.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"

using namespace tagconf;
using namespace tagconf::arms;
using namespace tagconf::cohort;

namespace {

constexpr CellLayout kTwelve{12, 11, false, false};

PixelCells row_of(std::vector<std::uint16_t> values) {
  const int width = static_cast<int>(values.size());
  return {width, 1, std::move(values)};
}

// A row, its first `n` pixels painted.
CellCover paint(PixelCells& cells, const GreyScale& scale, int n, const CellLayout& layout = kTwelve,
                tags::Fill fill = tags::Fill::black) {
  return cover_cells(cells, layout, scale, std::vector<Rect>{{0, 0, n, 1}}, fill);
}

int fill_of(const std::vector<std::uint16_t>& values, const GreyScale& scale,
            const CellLayout& layout = kTwelve, tags::Fill fill = tags::Fill::black) {
  PixelCells cells = row_of(values);
  return paint(cells, scale, 1, layout, fill).fill;
}

// As a file with the window written into it is rendered.
Rendered rendered_after(const PixelCells& cells, const CellLayout& layout, GreyScale scale,
                        const CellCover& cover, int bits) {
  if (cover.window) {
    scale.window = cover.window;
    scale.function = WindowFunction::linear;
  }
  return render_grey(cells, layout, scale, bits);
}

std::vector<Rect> some_boxes(Rng& rng, int width, int height) {
  std::vector<Rect> boxes;
  for (auto count = rng.below(4); count > 0; --count) {
    const auto x = static_cast<int>(rng.below(static_cast<std::uint64_t>(width)));
    const auto y = static_cast<int>(rng.below(static_cast<std::uint64_t>(height)));
    boxes.push_back({x, y, 1 + static_cast<int>(rng.below(9)), 1 + static_cast<int>(rng.below(9))});
  }
  return boxes;
}

GreyScale some_scale(Rng& rng) {
  GreyScale scale;
  scale.inverted = rng.below(2) == 1;
  scale.slope = rng.below(3) == 0 ? -0.37 : 1;
  scale.intercept = rng.below(2) == 0 ? 0 : -1024;
  if (rng.below(3) == 0) scale.padding = std::pair(0, 40);
  const auto voi = rng.below(4);
  if (voi == 0) scale.window = Window{200, 900};
  if (voi == 1) scale.voi = LookupTable{100, 8, {3, 9, 20, 40, 90, 250}};
  if (voi == 0) scale.function = static_cast<WindowFunction>(rng.below(3));
  return scale;
}

}  // namespace

TEST_CASE("black is what is shown darkest, and lies in the film's range where it can") {
  GreyScale scale;
  CHECK(fill_of({500, 20, 900}, scale) == 20);
  CHECK(fill_of({3, 20, 900}, scale) == 3);
  CHECK(fill_of({500, 20, 900}, scale, kTwelve, tags::Fill::white) == 900);
  scale.inverted = true;  // MONOCHROME1
  CHECK(fill_of({500, 20, 900}, scale) == 900);
  CHECK(fill_of({500, 20, 900}, scale, kTwelve, tags::Fill::white) == 20);
  scale.inverted = false;
  scale.slope = -1;
  CHECK(fill_of({500, 20, 900}, scale) == 900);
  scale.slope = 1;
  scale.window = Window{500.5, 101};  // 450 is black, 550 white
  CHECK(fill_of({500, 520, 900}, scale) == 450);
  CHECK(fill_of({500, 20, 900}, scale) == 20);
  CHECK(fill_of({500, 20, 530}, scale, kTwelve, tags::Fill::white) == 550);
  scale.window = Window{0, 1001};  // nothing that can be stored is black
  CHECK(fill_of({500, 20, 900}, scale) == 0);
  scale.window.reset();
  CHECK(fill_of({0x0FFF, 5, 9}, scale, {12, 11, true, false}) == -1);
  scale.voi = LookupTable{0, 8, {80, 7, 200}};
  CHECK(fill_of({500, 20, 900}, scale) == 1);
}

TEST_CASE("padding is never painted") {
  GreyScale scale;
  scale.padding = {0, 10};
  CHECK(fill_of({500, 0, 20, 900}, scale) == 20);
  scale.window = Window{10.5, 12};  // 5 is black, 16 white
  CHECK(fill_of({500, 0, 20, 900}, scale) == 11);
  scale.padding = {0, 4095};
  CHECK(fill_of({500, 0, 20, 900}, scale) == 0);  // nothing else is left
}

TEST_CASE("where the brightest pixel lies in a box a window keeps the greys") {
  GreyScale scale;
  PixelCells cells = row_of({4000, 100, 500, 900});
  const auto before = render_grey(cells, kTwelve, scale, 8).image;
  const CellCover cover = paint(cells, scale, 1);
  CHECK(cover.pixels == 1);
  REQUIRE(cover.window.has_value());
  CHECK(cover.window->centre == 2050.5);
  CHECK(cover.window->width == 3901);
  CHECK(cells.values == std::vector<std::uint16_t>{100, 100, 500, 900});
  const auto after = rendered_after(cells, kTwelve, scale, cover, 8).image;
  CHECK(after.pixels == std::vector<std::uint16_t>{0, before.pixels[1], before.pixels[2], before.pixels[3]});

  PixelCells kept = row_of({300, 100, 500, 4000});
  CHECK_FALSE(paint(kept, scale, 1).window.has_value());
  scale.window = Window{500, 900};
  PixelCells windowed = row_of({4000, 100, 500, 900});
  CHECK_FALSE(paint(windowed, scale, 1).window.has_value());
}

TEST_CASE("greys on a half are rounded as before") {
  GreyScale scale;
  int changed = 0;
  int largest = 0;
  for (const int range : {510, 30, 170, 1530, 3570, 1270}) {
    std::vector<std::uint16_t> values{static_cast<std::uint16_t>(7 + range)};
    for (int i = 0; i < range; ++i) values.push_back(static_cast<std::uint16_t>(7 + i));
    for (const int bits : {8, 16}) {
      PixelCells cells = row_of(values);
      const auto before = render_grey(cells, kTwelve, scale, bits).image.pixels;
      const CellCover cover = paint(cells, scale, 1);
      REQUIRE(cover.window.has_value());
      const auto after = rendered_after(cells, kTwelve, scale, cover, bits).image.pixels;
      for (std::size_t i = 1; i < before.size(); ++i) {
        changed += before[i] != after[i] ? 1 : 0;
        largest = std::max(largest, std::abs(before[i] - after[i]));
      }
    }
  }
  CHECK(changed == 0);
  CHECK(largest == 0);
}

TEST_CASE("overlays and dirt beside the values are cleared everywhere") {
  PixelCells cells = row_of({0x1123, 0xF456, 0x0789});
  (void)paint(cells, {}, 1);
  CHECK(cells.values == std::vector<std::uint16_t>{0x0123, 0x0456, 0x0789});
  PixelCells high = row_of({0x1235, 0x4561, 0x789F});
  (void)cover_cells(high, {12, 15, false, false}, {}, {}, tags::Fill::black);
  CHECK(high.values == std::vector<std::uint16_t>{0x1230, 0x4560, 0x7890});
  // A lossy decoder's overshoot is the white that it is read as.
  PixelCells overshot = row_of({0, 1024});
  (void)cover_cells(overshot, {10, 9, false, true}, {}, {}, tags::Fill::black);
  CHECK(overshot.values == std::vector<std::uint16_t>{0, 1023});
}

TEST_CASE("fills that need grey neighbours are refused") {
  PixelCells cells = row_of({1, 2});
  for (const auto fill : {tags::Fill::border_median, tags::Fill::inpaint}) {
    try {
      (void)paint(cells, {}, 1, kTwelve, fill);
      FAIL("not refused");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::config);
    }
  }
}

TEST_CASE("any boxes on any picture: outside them values and greys stay, inside one value") {
  int changed = 0;
  for (std::uint64_t round = 0; round < 400; ++round) {
    Rng rng(11, "cover_cells", round);
    const CellLayout layout = rng.below(2) == 0 ? kTwelve : CellLayout{11, 12, true, false};
    const GreyScale scale = some_scale(rng);
    PixelCells cells{23, 17, {}};
    for (int i = 0; i < 23 * 17; ++i) cells.values.push_back(static_cast<std::uint16_t>(rng.below(65536)));
    const PixelCells source = cells;
    const auto boxes = some_boxes(rng, 23, 17);
    const auto fill = rng.below(2) == 0 ? tags::Fill::black : tags::Fill::white;
    const CellCover cover = cover_cells(cells, layout, scale, boxes, fill);
    INFO("round " << round);
    for (const int bits : {8, 16}) {
      const auto before = render_grey(source, layout, scale, bits).image;
      const auto after = rendered_after(cells, layout, scale, cover, bits).image;
      const auto [darkest, brightest] = std::minmax_element(before.pixels.begin(), before.pixels.end());
      std::int64_t inside = 0;
      bool exact = true;
      for (int y = 0; y < 17; ++y) {
        for (int x = 0; x < 23; ++x) {
          const auto i = static_cast<std::size_t>(y * 23 + x);
          const bool hit =
              std::any_of(boxes.begin(), boxes.end(), [&](const Rect& b) { return b.contains(x, y); });
          inside += hit ? 1 : 0;
          const int value = stored_value(cells.values[i], layout);
          exact = exact && value == (hit ? cover.fill : stored_value(source.values[i], layout));
          if (!hit) changed += after.pixels[i] != before.pixels[i] ? 1 : 0;
          if (!hit) CHECK(std::abs(after.pixels[i] - before.pixels[i]) <= 1);
          if (!hit || scale.padding) continue;
          exact = exact &&
                  (fill == tags::Fill::black ? after.pixels[i] <= *darkest : after.pixels[i] >= *brightest);
        }
      }
      CHECK(exact);
      CHECK(inside == cover.pixels);
    }
  }
  CHECK(changed == 0);
}
