// Boxes from a map of probabilities, with a network whose answer is known: it takes what is bright for a tag.
#include <algorithm>
#include <set>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/tags/learned.hpp"
#include "tagconf/tags/self_label.hpp"
#include "tagconf/tags/stretch.hpp"

using namespace tagconf;
using namespace tagconf::tags;

namespace {

// Probability = mean grey of each 4 x 4 cell.
std::vector<float> mean_grey(std::span<const float> grey, std::span<const std::uint8_t>, int width,
                             int height) {
  std::vector<float> out;
  for (int y = 0; y < height; y += 4) {
    for (int x = 0; x < width; x += 4) {
      float sum = 0;
      for (int v = 0; v < 4; ++v) {
        for (int u = 0; u < 4; ++u) sum += grey[static_cast<std::size_t>((y + v) * width + x + u)];
      }
      out.push_back(sum / 16);
    }
  }
  return out;
}

void fill(imaging::GreyImage& image, const Rect& box, int value) {
  for (int y = box.y; y < box.bottom(); ++y) {
    for (int x = box.x; x < box.right(); ++x) image.at(x, y) = static_cast<std::uint16_t>(value);
  }
}

LearnedOptions at_native_size() {
  LearnedOptions o;
  o.sides = {512};
  return o;
}

// A network that is sure of `core`, less so of the rest of `loose`, and of nothing else, whatever it sees.
TagScores believing(const Rect& loose, const Rect& core) {
  return [loose, core](std::span<const float>, std::span<const std::uint8_t>, int width, int height) {
    std::vector<float> out;
    for (int y = 2; y < height; y += 4) {
      for (int x = 2; x < width; x += 4)
        out.push_back(core.contains(x, y) ? 0.95F : loose.contains(x, y) ? 0.6F : 0.0F);
    }
    return out;
  };
}

void add_noise(imaging::GreyImage& image, double sigma, std::uint64_t seed) {
  Rng rng(seed, "noise");
  for (auto& v : image.pixels)
    v = static_cast<std::uint16_t>(std::clamp(v + sigma * rng.normal(), 0.0, 255.0));
}

// Black and white, so that stretching leaves the levels between them as they are.
imaging::GreyImage film(int grey) {
  imaging::GreyImage image(512, 512, 8, static_cast<std::uint16_t>(grey));
  fill(image, {0, 0, 512, 30}, 0);
  fill(image, {0, 482, 512, 30}, 255);
  return image;
}

Rect only_box(const imaging::GreyImage& image, const TagScores& scores, int pad) {
  LearnedOptions options = at_native_size();
  options.pad = pad;
  const auto found = find_learned(image, scores, options);
  REQUIRE(found.size() == 1);
  return found[0].box;
}

}  // namespace

TEST_CASE("a region becomes a padded box at the place where it is") {
  imaging::GreyImage image(512, 384, 8, 10);
  fill(image, {200, 100, 60, 40}, 250);
  const auto found = find_learned(image, mean_grey, at_native_size());
  REQUIRE(found.size() == 1);
  const Rect& box = found[0].box;
  const Rect mark{200, 100, 60, 40};
  CHECK(bounding(box, mark) == box);
  // 5 px of padding, and the blur of enlarging the map by 4.
  CHECK(box.w <= mark.w + 2 * (5 + 4));
  CHECK(box.h <= mark.h + 2 * (5 + 4));
  CHECK(found[0].source == TagSource::learned);
  CHECK(*found[0].score > 0.95);
  CHECK_FALSE(found[0].clipped.value());
}

TEST_CASE("a box near the border is taken to it") {
  imaging::GreyImage image(512, 512, 8, 10);
  fill(image, {8, 300, 40, 40}, 250);
  const auto found = find_learned(image, mean_grey, at_native_size());
  REQUIRE(found.size() == 1);
  CHECK(found[0].box.x == 0);
  CHECK(found[0].box.y > 280);
}

TEST_CASE("a region needs a sure place, may be doubtful round it, and must not be a speck") {
  imaging::GreyImage image(512, 512, 8, 0);
  fill(image, {100, 100, 40, 40}, 150);  // 0.59: never sure
  fill(image, {300, 100, 40, 40}, 150);  // doubtful, with a sure half
  fill(image, {300, 100, 20, 40}, 250);
  fill(image, {100, 300, 4, 4}, 255);  // a speck
  fill(image, {400, 400, 40, 40}, 255);
  LearnedOptions options = at_native_size();
  const auto found = find_learned(image, mean_grey, options);
  REQUIRE(found.size() == 2);
  CHECK(found[0].box.x < 300);
  CHECK(found[0].box.right() >= 340);
  CHECK(found[1].box.x < 400);
  options.min_score = 0.5;
  CHECK(find_learned(image, mean_grey, options).size() == 3);
  // A tag reaches no less far than what makes it one.
  fill(image, {40, 40, 40, 40}, 100);
  fill(image, {100, 300, 4, 4}, 0);
  options.min_score = 0.3;
  CHECK(find_learned(image, mean_grey, options).size() == 4);
}

TEST_CASE("scales that meet in a corner get a box each, what lies between them stays free") {
  imaging::GreyImage image(512, 512, 8, 0);
  fill(image, {40, 400, 400, 24}, 255);
  fill(image, {416, 60, 24, 364}, 255);
  const auto found = find_learned(image, mean_grey, at_native_size());
  REQUIRE(found.size() == 2);
  CHECK(found[0].box.contains(420, 62));
  CHECK(found[1].box.contains(42, 420));
  for (const TagBox& tag : found) CHECK_FALSE(tag.box.contains(230, 230));
  // A ring is one mark: no cut makes its boxes much smaller.
  imaging::GreyImage ring(512, 512, 8, 0);
  fill(ring, {100, 100, 100, 100}, 255);
  fill(ring, {115, 115, 70, 70}, 0);
  CHECK(find_learned(ring, mean_grey, at_native_size()).size() == 1);
}

TEST_CASE("a loose box is drawn in to the mark over even ground, noise and shading or not") {
  const Rect loose{160, 140, 160, 120};
  const Rect core{216, 176, 40, 40};
  const Rect mark{200, 168, 80, 64};
  for (const double sigma : {0.0, 2.0, 4.0}) {
    for (const int step : {40, -40, 120}) {
      INFO("noise " << sigma << ", step " << step);
      imaging::GreyImage image = film(60);
      for (int y = 30; y < 482; ++y) {
        for (int x = 0; x < 512; ++x) image.at(x, y) = static_cast<std::uint16_t>(50 + x / 16);
      }
      fill(image, mark, 66 + step);
      add_noise(image, sigma, 5);
      const Rect box = only_box(image, believing(loose, core), 0);
      CHECK(bounding(box, mark) == box);
      CHECK(box.w <= mark.w + 2 * 6);
      CHECK(box.h <= mark.h + 2 * 6);
    }
  }
}

TEST_CASE("a box is drawn in no further than to what is clearly a tag") {
  const Rect core{200, 160, 80, 80};
  const Rect box = only_box(film(60), believing({160, 140, 160, 120}, core), 0);
  CHECK(bounding(box, core) == box);
  CHECK(box.w < 100);
  // Where nothing is clear, all of it stays.
  LearnedOptions options = at_native_size();
  options.min_score = 0.5;
  options.pad = 0;
  const auto found = find_learned(film(60), believing({160, 140, 160, 120}, {}), options);
  REQUIRE(found.size() == 1);
  CHECK(found[0].box.w >= 156);
}

TEST_CASE("a box that cuts through strokes, or lies over texture, stays as it is") {
  const Rect loose{160, 140, 160, 120};
  const Rect core{216, 176, 40, 40};
  imaging::GreyImage strokes = film(60);
  fill(strokes, {180, 80, 16, 240}, 200);  // upright, through top and bottom
  Rect box = only_box(strokes, believing(loose, core), 0);
  CHECK(box.y <= loose.y + 2);
  CHECK(box.bottom() >= loose.bottom() - 2);
  CHECK(box.x <= 180);
  imaging::GreyImage texture = film(60);
  for (int y = 30; y < 482; ++y) {
    for (int x = 0; x < 512; ++x) texture.at(x, y) = (x / 8 + y / 8) % 2 == 0 ? 60 : 110;
  }
  box = only_box(texture, believing(loose, core), 0);
  CHECK(bounding(box, {164, 144, 152, 112}) == box);
}

TEST_CASE("probabilities come at the stored size whatever the sides, and their mean counts") {
  imaging::GreyImage image(300, 200, 16, 1000);
  fill(image, {100, 50, 80, 80}, 60000);
  std::set<std::pair<int, int>> asked;
  const TagScores spy = [&](auto grey, auto inside, int w, int h) {
    asked.emplace(w, h);
    CHECK(std::count(inside.begin(), inside.end(), 1) > 0);
    return mean_grey(grey, inside, w, h);
  };
  const auto map = tag_probabilities(image, spy, std::vector{300, 480});
  CHECK(map.width == 300);
  CHECK(map.height == 200);
  CHECK(asked == std::set<std::pair<int, int>>{{320, 224}, {480, 320}});
  CHECK(map.at(140, 90) == Approx(1).margin(0.01));
  CHECK(map.at(20, 20) == Approx(0).margin(0.01));
}

TEST_CASE(
    "small pictures are not enlarged beyond what a network learned, and sizes alike are looked at once") {
  const std::vector<int> sides{704, 512};
  CHECK(sides_for(1024, sides) == std::vector{512, 704});
  CHECK(sides_for(512, sides) == std::vector{512, 704});
  CHECK(sides_for(320, sides) == std::vector{512});  // 544 is too near
  CHECK(sides_for(200, sides) == std::vector{340});
  CHECK(sides_for(1, sides) == std::vector{32});
}

TEST_CASE("empty and even pictures have no tags") {
  CHECK(find_learned({}, mean_grey, {}).empty());
  CHECK(find_learned(imaging::GreyImage(64, 48, 8, 200), mean_grey, {}).empty());
}

TEST_CASE("a picture is stretched between its percentiles, and an even one is black") {
  imaging::GreyImage image(100, 100, 16);
  for (std::size_t i = 0; i < image.pixels.size(); ++i)
    image.pixels[i] = static_cast<std::uint16_t>(1000 + i);
  const auto out = stretched(image);
  CHECK(out.bits == 8);
  CHECK(out.pixels.front() == 0);
  CHECK(out.pixels.back() == 255);
  CHECK(out.pixels[5000] == Approx(127.5).margin(1));
  CHECK(out.pixels[40] == 0);  // below the 0.5th percentile
  CHECK(stretched(imaging::GreyImage(5, 5, 8, 77)).pixels == std::vector<std::uint16_t>(25, 0));
}

TEST_CASE("a finder labels what it is sure of, leaves open what it doubts, and says no to the rest") {
  imaging::GreyImage image(512, 400, 8, 0);
  fill(image, {50, 50, 60, 60}, 255);    // sure
  fill(image, {300, 60, 60, 60}, 205);   // 0.80: doubtful
  fill(image, {100, 250, 60, 60}, 150);  // 0.59: no
  fill(image, {400, 300, 6, 6}, 255);    // too small
  SelfLabelOptions options;
  options.sides = {512};
  const auto known = self_labels(image, mean_grey, options);
  const auto at = [&](int x, int y) {
    return static_cast<Known>(known[static_cast<std::size_t>(y) * 512 + x]);
  };
  CHECK(at(80, 80) == Known::tag);
  CHECK(at(30, 80) == Known::unknown);  // half its side away: it may be half of a mark
  CHECK(at(10, 80) == Known::no_tag);
  CHECK(at(330, 90) == Known::unknown);
  CHECK(at(130, 280) == Known::no_tag);
  CHECK(at(403, 303) != Known::tag);
  CHECK(at(250, 200) == Known::no_tag);
}
