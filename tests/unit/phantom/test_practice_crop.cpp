// Crops that a finder learns from: functions of seed and index, with maps that agree with the pictures.
#include <algorithm>
#include <numeric>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/phantom/practice_crop.hpp"

using namespace tagconf;
using namespace tagconf::phantom;

namespace {

constexpr std::size_t kPixels = std::size_t{kCropSide} * kCropSide;
constexpr std::size_t kCells = std::size_t{kMapSide} * kMapSide;

imaging::GreyImage ramp(int width, int height) {
  imaging::GreyImage image(width, height, 8);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x)
      image.at(x, y) = static_cast<std::uint16_t>((x * 200 / width + y * 55 / height));
  }
  return image;
}

CropSource source_of(std::uint64_t seed, std::vector<std::uint8_t> known = {}) {
  std::vector<Background> backgrounds(1);
  backgrounds[0].image = ramp(400, 300);
  backgrounds[0].known = std::move(known);
  return {std::move(backgrounds), seed};
}

bool equal(const Crop& a, const Crop& b) {
  return a.grey == b.grey && a.inside == b.inside && a.target == b.target && a.weight == b.weight;
}

}  // namespace

TEST_CASE("a crop is a function of seed and index") {
  const CropSource a = source_of(5);
  const CropSource b = source_of(5);
  const CropSource other = source_of(6);
  for (const std::uint64_t i : {0, 7, 123456}) {
    CHECK(equal(a.crop(i), b.crop(i)));
    CHECK_FALSE(equal(a.crop(i), other.crop(i)));
    CHECK_FALSE(equal(a.crop(i), a.crop(i + 1)));
  }
}

TEST_CASE("crops are well-formed, and about half of them hold a tag") {
  const CropSource source = source_of(1);
  int with_tag = 0;
  int clipped = 0;
  constexpr int kCount = 120;
  for (int i = 0; i < kCount; ++i) {
    const Crop crop = source.crop(static_cast<std::uint64_t>(i));
    REQUIRE(crop.grey.size() == kPixels);
    REQUIRE(crop.inside.size() == kPixels);
    REQUIRE(crop.target.size() == kCells);
    REQUIRE(crop.weight.size() == kCells);
    CHECK(std::all_of(crop.grey.begin(), crop.grey.end(), [](float v) { return v >= 0 && v <= 1; }));
    bool tag = false;
    bool at_border = false;
    for (int y = 0; y < kMapSide; ++y) {
      for (int x = 0; x < kMapSide; ++x) {
        const std::size_t cell = static_cast<std::size_t>(y) * kMapSide + x;
        REQUIRE((crop.target[cell] == 0 || crop.target[cell] == 1));
        REQUIRE((crop.weight[cell] == 0 || crop.weight[cell] == 1));
        if (crop.target[cell] == 0) continue;
        REQUIRE(crop.weight[cell] == 1);
        tag = true;
        at_border = at_border || x == 0 || y == 0 || x == kMapSide - 1 || y == kMapSide - 1;
      }
    }
    with_tag += tag ? 1 : 0;
    clipped += at_border ? 1 : 0;
    // Beyond the picture nothing is asked.
    for (std::size_t p = 0; p < kPixels; p += 97) {
      if (crop.inside[p] != 0) continue;
      CHECK(crop.grey[p] == 0);
    }
  }
  CHECK(with_tag > kCount * 2 / 5);
  CHECK(with_tag < kCount * 4 / 5);
  CHECK(clipped > kCount / 12);
}

TEST_CASE("where nothing is known of a background, loss is taken only round what was laid there") {
  const CropSource source =
      source_of(2, std::vector<std::uint8_t>(400 * 300, static_cast<std::uint8_t>(tags::Known::unknown)));
  double weights = 0;
  double targets = 0;
  int lookalikes_alone = 0;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Crop crop = source.crop(i);
    const double here = std::accumulate(crop.target.begin(), crop.target.end(), 0.0);
    const double asked = std::accumulate(crop.weight.begin(), crop.weight.end(), 0.0);
    weights += asked;
    targets += here;
    lookalikes_alone += here == 0 && asked > 0 ? 1 : 0;
  }
  CHECK(lookalikes_alone > 3);
  CHECK(targets > 0);
  CHECK(weights >= targets);
  CHECK(weights < 0.35 * 60 * kCells);
}

TEST_CASE("a background's own tag is a target") {
  std::vector<std::uint8_t> known(400 * 300, 0);
  for (int y = 100; y < 160; ++y)
    std::fill_n(known.begin() + y * 400 + 150, 80, static_cast<std::uint8_t>(tags::Known::tag));
  const CropSource source = source_of(3, known);
  std::ptrdiff_t targets = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Crop crop = source.crop(i);
    targets += std::count(crop.target.begin(), crop.target.end(), 1.0F);
  }
  const CropSource bare = source_of(3);
  std::ptrdiff_t laid = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const Crop crop = bare.crop(i);
    laid += std::count(crop.target.begin(), crop.target.end(), 1.0F);
  }
  CHECK(5 * targets > 6 * laid);
}

TEST_CASE("the frame of a chest film is unknown, its middle is not") {
  const auto frame = unknown_frame(200, 100);
  const auto at = [&](int x, int y) { return frame[static_cast<std::size_t>(y) * 200 + x]; };
  CHECK(at(100, 50) == 0);
  CHECK(at(100, 10) == 1);
  CHECK(at(100, 90) == 1);
  CHECK(at(10, 50) == 1);
  CHECK(at(190, 50) == 1);
  CHECK(at(34, 24) == 0);
  CHECK(at(33, 24) == 1);
}

TEST_CASE("a source without backgrounds is refused") {
  std::vector<Background> none(1);
  none[0].image = ramp(50, 50);
  none[0].weight = 0;
  CHECK_THROWS_AS(CropSource(std::move(none), 1), Error);
}
