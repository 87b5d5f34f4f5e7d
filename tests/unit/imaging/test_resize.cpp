#include <cmath>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/resize.hpp"

using namespace tagconf;
using namespace tagconf::imaging;

namespace {

Plane random_plane(int width, int height, std::uint64_t seed) {
  Plane plane(width, height);
  Rng rng(seed, "test.resize");
  for (auto& v : plane.values) v = static_cast<float>(rng.uniform());
  return plane;
}

// The weight of input j for output i, straight from the formula.
double weight_of(int i, int j, int n_in, int n_out) {
  const double scale = static_cast<double>(n_in) / n_out;
  const double support = std::max(scale, 1.0);
  const double centre = (i + 0.5) * scale;
  const int low = std::max(static_cast<int>(centre - support + 0.5), 0);
  const int high = std::min(static_cast<int>(centre + support + 0.5), n_in);
  double sum = 0;
  double own = 0;
  for (int k = low; k < high; ++k) {
    const double w = std::max(0.0, 1.0 - std::abs(k - centre + 0.5) / support);
    sum += w;
    if (k == j) own = w;
  }
  return own / sum;
}

}  // namespace

TEST_CASE("resizing is the double sum of the formula's weights") {
  for (const auto& [w, h, w2, h2] : {std::array{13, 7, 5, 5}, std::array{4, 9, 11, 3}, std::array{1, 1, 3, 2},
                                     std::array{8, 8, 8, 8}, std::array{50, 3, 1, 1}}) {
    const Plane plane = random_plane(w, h, 1);
    const auto found = resize_exact(plane.values, w, h, w2, h2);
    REQUIRE(found.size() == static_cast<std::size_t>(w2) * static_cast<std::size_t>(h2));
    for (int y = 0; y < h2; ++y) {
      for (int x = 0; x < w2; ++x) {
        double expected = 0;
        for (int j = 0; j < h; ++j) {
          for (int i = 0; i < w; ++i) {
            expected += weight_of(y, j, h, h2) * weight_of(x, i, w, w2) * plane.at(i, j);
          }
        }
        REQUIRE(found[static_cast<std::size_t>(y * w2 + x)] == Approx(expected).margin(1e-12));
      }
    }
  }
}

TEST_CASE("a constant stays constant and the same size is the same picture") {
  const GreyImage flat(37, 91, 16, 40000);
  CHECK(resize(flat, 20, 150) == GreyImage(20, 150, 16, 40000));
  const Plane plane = random_plane(19, 23, 2);
  CHECK(resize(plane, 19, 23).values == plane.values);
  CHECK(upsample(plane, 19, 23).values == plane.values);
  GreyImage full(5, 5, 8, 255);
  CHECK(resize(full, 3, 9) == GreyImage(3, 9, 8, 255));
}

TEST_CASE("enlarging is linear between pixel centres and flat beyond the outer ones") {
  Plane plane(2, 1);
  plane.values = {0.0F, 1.0F};
  const Plane wide = upsample(plane, 8, 3);
  const std::vector<float> row{0.0F, 0.0F, 0.125F, 0.375F, 0.625F, 0.875F, 1.0F, 1.0F};
  for (int y = 0; y < 3; ++y) {
    for (int x = 0; x < 8; ++x) CHECK(wide.at(x, y) == Approx(row[static_cast<std::size_t>(x)]).margin(1e-7));
  }
  CHECK(upsample(Plane(1, 1, 0.5F), 4, 4).values == std::vector<float>(16, 0.5F));
}

TEST_CASE("a size of nothing is refused") {
  CHECK_THROWS_AS(resize(Plane(3, 3), 0, 3), Error);
  CHECK_THROWS_AS(resize(GreyImage(), 3, 3), Error);
  CHECK_THROWS_AS(upsample(Plane(), 3, 3), Error);
}
