// Covering and stripping against a pixel-by-pixel statement of what they promise, over random pictures.
#include <algorithm>
#include <vector>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/tags/cover.hpp"

using namespace tagconf;
using imaging::GreyImage;
using tags::CoverOptions;
using tags::Fill;

namespace {

struct Case {
  GreyImage image;
  std::vector<Rect> boxes;  // may overlap, touch or leave the image
};

Case random_case(std::uint64_t number) {
  Rng rng(11, "cover_case", number);
  const int width = 1 + static_cast<int>(rng.below(60));
  const int height = 1 + static_cast<int>(rng.below(60));
  Case c{GreyImage(width, height, rng.chance(0.5) ? 16 : 8), {}};
  for (auto& p : c.image.pixels)
    p = static_cast<std::uint16_t>(rng.below(std::uint64_t{c.image.full_scale()} + 1));
  const auto count = rng.below(6);
  for (std::uint64_t i = 0; i < count; ++i) {
    c.boxes.push_back({static_cast<int>(rng.below(80)) - 10, static_cast<int>(rng.below(80)) - 10,
                       static_cast<int>(rng.below(30)), static_cast<int>(rng.below(30))});
  }
  return c;
}

bool in_any(const std::vector<Rect>& boxes, int x, int y) {
  return std::any_of(boxes.begin(), boxes.end(), [&](const Rect& b) { return b.contains(x, y); });
}

constexpr std::uint64_t kCases = 300;

}  // namespace

TEST_CASE("covering changes the boxes alone, and all of them") {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const Case c = random_case(n);
    for (const Fill fill : {Fill::black, Fill::white, Fill::border_median, Fill::inpaint}) {
      const GreyImage out = tags::cover(c.image, c.boxes, fill);
      REQUIRE(out.width == c.image.width);
      REQUIRE(out.height == c.image.height);
      REQUIRE(out.bits == c.image.bits);
      bool exact = true;
      for (int y = 0; y < out.height; ++y) {
        for (int x = 0; x < out.width; ++x) {
          if (!in_any(c.boxes, x, y))
            exact = exact && out.at(x, y) == c.image.at(x, y);
          else if (fill == Fill::black)
            exact = exact && out.at(x, y) == 0;
          else if (fill == Fill::white)
            exact = exact && out.at(x, y) == out.full_scale();
        }
      }
      REQUIRE(exact);
      REQUIRE(tags::cover(out, c.boxes, fill) == out);
    }
  }
}

TEST_CASE("stripping keeps the boxes alone; with covering it makes up the original") {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const Case c = random_case(n);
    const GreyImage tags_only = tags::strip(c.image, c.boxes);
    const GreyImage covered = tags::cover(c.image, c.boxes, Fill::black);
    REQUIRE(tags_only.bits == c.image.bits);
    bool complements = true;
    for (std::size_t i = 0; i < c.image.pixels.size(); ++i) {
      complements = complements && covered.pixels[i] + tags_only.pixels[i] == c.image.pixels[i];
    }
    REQUIRE(complements);
    REQUIRE(tags::strip(tags_only, c.boxes) == tags_only);
  }
}

TEST_CASE("the mask and its count are those of the pixels in any box") {
  for (std::uint64_t n = 0; n < kCases; ++n) {
    const Case c = random_case(n);
    const auto mask = tags::box_mask(c.boxes, c.image.width, c.image.height);
    REQUIRE(mask.size() == c.image.pixels.size());
    std::int64_t count = 0;
    bool same = true;
    for (int y = 0; y < c.image.height; ++y) {
      for (int x = 0; x < c.image.width; ++x) {
        const bool inside = in_any(c.boxes, x, y);
        count += inside ? 1 : 0;
        const auto i = static_cast<std::size_t>(y) * static_cast<std::size_t>(c.image.width) +
                       static_cast<std::size_t>(x);
        same = same && mask[i] == (inside ? 1 : 0);
      }
    }
    REQUIRE(same);
    REQUIRE(tags::covered_pixels(c.boxes, c.image.width, c.image.height) == count);
  }
}

TEST_CASE("the median fill is the lower median of the free ring") {
  GreyImage image(20, 20, 8, 10);
  // The 3 px ring of a 4 x 4 box holds 10 x 10 - 16 = 84 pixels: 42 of them 50 or more, and a bright letter
  // inside.
  const Rect box{8, 8, 4, 4};
  for (int y = 8; y < 12; ++y)
    for (int x = 8; x < 12; ++x) image.at(x, y) = 255;
  int painted = 0;
  for (int y = 5; y < 15; ++y) {
    for (int x = 5; x < 15; ++x) {
      if (!box.contains(x, y) && painted < 42) {
        image.at(x, y) = 50;
        ++painted;
      }
    }
  }
  const std::vector<Rect> boxes{box};
  CHECK(tags::cover(image, boxes, Fill::border_median).at(9, 9) == 10);  // the 42nd of 84 in order
  image.at(14, 14) = 50;
  CHECK(tags::cover(image, boxes, Fill::border_median).at(9, 9) == 50);

  SECTION("a box inside another takes the grey from beyond both") {
    GreyImage nested(40, 40, 16, 7000);
    const std::vector<Rect> both{{10, 10, 20, 20}, {15, 15, 4, 4}};
    for (int y = 10; y < 30; ++y)
      for (int x = 10; x < 30; ++x) nested.at(x, y) = 60000;
    CHECK(tags::cover(nested, both, Fill::border_median) == GreyImage(40, 40, 16, 7000));
  }
  SECTION("a box over the whole picture leaves no ring: black") {
    const std::vector<Rect> all{{0, 0, 20, 20}};
    CHECK(tags::cover(image, all, Fill::border_median) == GreyImage(20, 20, 8));
  }
}

TEST_CASE("boxes of the wanted kinds are padded and cut to the image") {
  const auto tag = [](Rect box, TagKind kind) {
    TagBox t;
    t.box = box;
    t.kind = kind;
    return t;
  };
  const std::vector<TagBox> found{
      tag({2, 3, 10, 5}, TagKind::laterality), tag({50, 50, 10, 10}, TagKind::text),
      tag({-30, 0, 10, 10}, TagKind::marker), tag({5, 5, 0, 4}, TagKind::laterality)};
  CoverOptions options;
  options.pad = 4;
  CHECK(tags::cover_boxes(found, options, 64, 64) == std::vector<Rect>{{0, 0, 16, 12}, {46, 46, 18, 18}});
  options.kinds = {TagKind::text};
  options.pad = 0;
  CHECK(tags::cover_boxes(found, options, 64, 64) == std::vector<Rect>{{50, 50, 10, 10}});
  options.kinds = {};
  CHECK(tags::cover_boxes(found, options, 64, 64).empty());
}
