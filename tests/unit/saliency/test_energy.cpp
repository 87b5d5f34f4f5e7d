// Energy in boxes: closed forms, brute force, and the null's distribution.
#include <cmath>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "tagconf/saliency/energy.hpp"

using namespace tagconf;
using namespace tagconf::saliency;

namespace {

std::vector<float> random_map(int width, int height, std::uint64_t seed) {
  Rng rng(seed, "map");
  std::vector<float> out(static_cast<std::size_t>(width * height));
  for (float& v : out) v = static_cast<float>(rng.uniform());
  return out;
}

std::vector<Rect> random_boxes(Rng& rng, int n, int width, int height) {
  std::vector<Rect> out;
  for (int i = 0; i < n; ++i) {
    const auto below = [&](int m) { return static_cast<int>(rng.below(static_cast<std::uint64_t>(m))); };
    out.push_back({below(width) - 3, below(height) - 3, 1 + below(12), 1 + below(9)});
  }
  return out;
}

}  // namespace

TEST_CASE("the energy of overlapping and protruding boxes equals a count by pixels") {
  constexpr int kWidth = 31;
  constexpr int kHeight = 23;
  const auto values = random_map(kWidth, kHeight, 1);
  const EnergyMap map(values, kWidth, kHeight);
  CHECK(map.total() == Approx(std::accumulate(values.begin(), values.end(), 0.0)));
  Rng rng(1, "boxes");
  for (int round = 0; round < 50; ++round) {
    const auto boxes = random_boxes(rng, 1 + round % 6, kWidth, kHeight);
    double wanted = 0;
    std::int64_t area = 0;
    for (int y = 0; y < kHeight; ++y) {
      for (int x = 0; x < kWidth; ++x) {
        bool inside = false;
        for (const Rect& box : boxes) inside = inside || box.contains(x, y);
        if (!inside) continue;
        wanted += static_cast<double>(values[static_cast<std::size_t>(y * kWidth + x)]);
        ++area;
      }
    }
    CHECK(map.sum_of_union(boxes) == Approx(wanted).margin(1e-12));
    const InTagEnergy energy = in_tag_energy(map, boxes, 0, Rng(1, "n"));
    if (area == 0) {
      CHECK_FALSE(energy.share);
    } else {
      CHECK(*energy.share == Approx(wanted / map.total()));
      CHECK(*energy.area_share == Approx(static_cast<double>(area) / (kWidth * kHeight)));
    }
  }
}

TEST_CASE("on an even map the share is the area's, and chance does as well") {
  const std::vector<float> even(50 * 40, 0.5F);
  const EnergyMap map(even, 50, 40);
  const std::vector<Rect> boxes{{2, 3, 10, 8}};
  const InTagEnergy energy = in_tag_energy(map, boxes, 99, Rng(1, "n"));
  CHECK(*energy.share == Approx(80.0 / 2000));
  CHECK(*energy.area_share == Approx(80.0 / 2000));
  CHECK(*energy.null_mean == Approx(80.0 / 2000));
  CHECK(*energy.null_p == 1);
}

TEST_CASE("energy that lies in the tag alone is beyond chance, and outside it is not") {
  std::vector<float> spot(64 * 64, 0.0F);
  for (int y = 4; y < 8; ++y) {
    for (int x = 5; x < 9; ++x) spot[static_cast<std::size_t>(y * 64 + x)] = 1;
  }
  const EnergyMap map(spot, 64, 64);
  const InTagEnergy hit = in_tag_energy(map, std::vector<Rect>{{5, 4, 4, 4}}, 199, Rng(1, "n"));
  CHECK(*hit.share == Approx(1));
  CHECK(*hit.null_p < 0.02);
  // 4x4 boxes over 61 x 61 places: a place covers a bright pixel with mean weight 16 / 61^2
  CHECK(*hit.null_mean == Approx(16.0 / (61 * 61)).margin(0.02));
  const InTagEnergy miss = in_tag_energy(map, std::vector<Rect>{{40, 40, 4, 4}}, 199, Rng(1, "n"));
  CHECK(*miss.share == 0);
  CHECK(*miss.null_p == 1);
}

TEST_CASE("p values of boxes placed at random are uniform") {
  const auto values = random_map(40, 40, 3);
  const EnergyMap map(values, 40, 40);
  Rng rng(4, "places");
  double sum = 0;
  int small = 0;
  constexpr int kRounds = 400;
  for (int i = 0; i < kRounds; ++i) {
    const std::vector<Rect> box{{static_cast<int>(rng.below(35)), static_cast<int>(rng.below(33)), 6, 8}};
    const double p = *in_tag_energy(map, box, 99, Rng(5, "n", static_cast<std::uint64_t>(i))).null_p;
    sum += p;
    small += p <= 0.1 ? 1 : 0;
  }
  CHECK(sum / kRounds == Approx(0.505).margin(4 * std::sqrt(1.0 / 12 / kRounds)));
  CHECK(small == Approx(40).margin(4 * std::sqrt(kRounds * 0.1 * 0.9)));
}

TEST_CASE("an empty map and an image without tags have no share") {
  const std::vector<float> none(20 * 10, 0.0F);
  const InTagEnergy empty =
      in_tag_energy(EnergyMap(none, 20, 10), std::vector<Rect>{{1, 1, 4, 4}}, 9, Rng(1, "n"));
  CHECK(empty.empty);
  CHECK_FALSE(empty.share);
  CHECK_FALSE(empty.null_p);
  CHECK(*empty.area_share == Approx(0.08));
  const InTagEnergy bare =
      in_tag_energy(EnergyMap(std::vector<float>(200, 1.0F), 20, 10), {}, 9, Rng(1, "n"));
  CHECK_FALSE(bare.empty);
  CHECK_FALSE(bare.share);
  CHECK_FALSE(bare.area_share);
}

TEST_CASE("the same stream gives the same null, and boxes as large as the image stay where they are") {
  const auto values = random_map(30, 30, 6);
  const EnergyMap map(values, 30, 30);
  const std::vector<Rect> boxes{{3, 4, 7, 5}, {20, 20, 8, 8}};
  const auto a = in_tag_energy(map, boxes, 50, Rng(1, "n", 7));
  const auto b = in_tag_energy(map, boxes, 50, Rng(1, "n", 7));
  CHECK(*a.null_mean == *b.null_mean);
  CHECK(*a.null_p == *b.null_p);
  const auto whole = in_tag_energy(map, std::vector<Rect>{{-5, -5, 60, 60}}, 9, Rng(1, "n"));
  CHECK(*whole.share == Approx(1));
  CHECK(*whole.null_p == 1);
}
