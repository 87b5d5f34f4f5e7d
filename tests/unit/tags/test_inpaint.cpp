// Inpainting by what it promises: what is outside decides, and plain pictures are continued.
#include <algorithm>
#include <cmath>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/tags/inpaint.hpp"

using namespace tagconf;
using imaging::GreyImage;

namespace {

template <class Grey>
GreyImage picture(int width, int height, int bits, const Grey& grey) {
  GreyImage image(width, height, bits);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) image.at(x, y) = static_cast<std::uint16_t>(std::lround(grey(x, y)));
  return image;
}

// The picture with something else inside the boxes.
GreyImage spoilt(const GreyImage& image, const std::vector<Rect>& boxes, std::uint64_t number) {
  GreyImage out = image;
  Rng rng(5, "spoilt", number);
  for (const Rect& box : boxes) {
    const Rect part = intersect(box, image.frame());
    for (int y = part.y; y < part.bottom(); ++y)
      for (int x = part.x; x < part.right(); ++x)
        out.at(x, y) = static_cast<std::uint16_t>(rng.below(std::uint64_t{image.full_scale()} + 1));
  }
  return out;
}

int largest_difference(const GreyImage& a, const GreyImage& b) {
  int most = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i)
    most = std::max(most, std::abs(a.pixels[i] - b.pixels[i]));
  return most;
}

const std::vector<std::vector<Rect>> kBoxes{{{20, 15, 12, 9}},
                                            {{20, 15, 12, 9}, {28, 20, 15, 15}},
                                            {{10, 10, 6, 6}, {20, 10, 6, 6}, {60, 40, 3, 14}}};

}  // namespace

TEST_CASE("a constant picture stays constant, at the border and in the corner too") {
  for (const int bits : {8, 16}) {
    const auto flat = picture(80, 60, bits, [](int, int) { return 137; });
    auto all = kBoxes;
    all.push_back({{0, 0, 30, 20}, {70, 30, 20, 50}});
    for (const auto& boxes : all) CHECK(tags::inpaint(spoilt(flat, boxes, 1), boxes) == flat);
  }
}

TEST_CASE("a linear gradient is continued") {
  for (const auto& [a, b] : {std::pair{3.0, 0.0}, std::pair{0.0, -2.0}, std::pair{2.0, 1.0}}) {
    const auto slope = picture(80, 60, 16, [&](int x, int y) { return 20000 + 100 * (a * x + b * y); });
    // 16-bit steps of 100 and more: rounding to whole greys is below a hundredth of a step.
    for (const auto& boxes : kBoxes)
      CHECK(largest_difference(tags::inpaint(spoilt(slope, boxes, 2), boxes), slope) <= 1);
  }
}

TEST_CASE("an edge that runs into a box is carried on into it") {
  const auto edge = picture(80, 60, 8, [](int x, int) { return x < 26 ? 40 : 200; });
  const std::vector<Rect> boxes{{20, 25, 12, 6}};
  const auto out = tags::inpaint(spoilt(edge, boxes, 3), boxes);
  for (int y = 25; y < 31; ++y) {
    CHECK(out.at(21, y) < 80);
    CHECK(out.at(30, y) > 160);
  }
}

TEST_CASE("what the boxes hold does not matter, and twice is once") {
  for (std::uint64_t n = 0; n < 40; ++n) {
    Rng rng(6, "inpaint_case", n);
    const int width = 1 + static_cast<int>(rng.below(70));
    const int height = 1 + static_cast<int>(rng.below(70));
    const auto image = picture(width, height, rng.chance(0.5) ? 16 : 8,
                               [&](int, int) { return static_cast<double>(rng.below(256)); });
    std::vector<Rect> boxes;
    for (auto left = rng.below(5); left > 0; --left) {
      boxes.push_back({static_cast<int>(rng.below(80)) - 5, static_cast<int>(rng.below(80)) - 5,
                       static_cast<int>(rng.below(25)), static_cast<int>(rng.below(25))});
    }
    const auto once = tags::inpaint(image, boxes);
    REQUIRE(tags::inpaint(once, boxes) == once);
    REQUIRE(tags::inpaint(spoilt(image, boxes, n), boxes) == once);
  }
}

TEST_CASE("noise does not grow: values stay within those round the box") {
  Rng rng(7, "noise", 0);
  const auto noisy =
      picture(120, 120, 8, [&](int, int) { return 100.0 + static_cast<double>(rng.below(21)); });
  const std::vector<Rect> boxes{{30, 30, 60, 60}};
  const auto out = tags::inpaint(noisy, boxes);
  for (int y = 30; y < 90; ++y)
    for (int x = 30; x < 90; ++x) REQUIRE((out.at(x, y) >= 100 && out.at(x, y) <= 120));
}

TEST_CASE("a picture without a free pixel becomes black") {
  const auto image = picture(9, 7, 8, [](int, int) { return 90; });
  CHECK(tags::inpaint(image, std::vector<Rect>{{0, 0, 9, 7}}) == GreyImage(9, 7, 8));
}
