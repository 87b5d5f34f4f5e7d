// Groups of tags that look alike: properties on drawn films. Against the phantom's styles:
// oracle_cluster.cpp.
#include <map>
#include <numeric>

#include "catch.hpp"
#include "films.hpp"
#include "tagconf/tags/cluster.hpp"

using namespace tagconf;
using namespace tagconf::tags;
using test::Film;
using test::Style;

namespace {

Rect box_of(const Film& film, int pad) {
  return padded(film.ink_box(), pad, film.image.width, film.image.height);
}

Appearance look(const Film& film, int pad = 5) {
  return appearance_of(film.image, box_of(film, pad));
}

double distance(const Appearance& a, const Appearance& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += std::pow(double{a[k]} - double{b[k]}, 2);
  return std::sqrt(sum);
}

// The same film with other grain, brighter or darker by `shift` and with `gain`.
Film retaken(const Film& film, std::uint64_t number, double gain, double shift) {
  Film out = film;
  Rng rng(6, "retaken", number);
  for (auto& p : out.image.pixels)
    p = static_cast<std::uint16_t>(std::clamp(std::lround(gain * p + shift + 3 * rng.normal()), 0L, 255L));
  return out;
}

Style plain() {
  return {};
}
Style dark_word() {
  Style style;
  style.text = "PORTABLE";
  style.cap = 14;
  style.level = 0;
  style.at = {150, 250};
  return style;
}

// Letters of random size, place and stroke.
std::vector<Appearance> some_looks(std::uint64_t seed, std::size_t count) {
  std::vector<Appearance> out;
  Rng rng(seed, "some_looks");
  for (std::size_t i = 0; i < count; ++i) {
    Style style;
    style.text = rng.chance(0.5) ? "L" : (rng.chance(0.5) ? "R" : "R JM");
    style.cap = rng.uniform(14, 60);
    style.stroke = rng.uniform(0.08, 0.22);
    style.level = rng.chance(0.3) ? 0 : rng.uniform(150, 255);
    style.at = {static_cast<int>(rng.uniform(10, 300)), static_cast<int>(rng.uniform(80, 480))};
    out.push_back(look(test::film(rng.below(20), style)));
  }
  return out;
}

}  // namespace

TEST_CASE("retaken films and other pads leave a tag in its group; another style falls apart") {
  std::vector<Appearance> looks;
  for (std::uint64_t i = 0; i < 12; ++i) {
    const Film film = test::film(i % 3, plain());
    looks.push_back(look(retaken(film, i, 0.9 + 0.02 * static_cast<double>(i), -8 + static_cast<double>(i)),
                         2 + static_cast<int>(i % 4) * 2));
  }
  for (std::uint64_t i = 0; i < 5; ++i) looks.push_back(look(retaken(test::film(i, dark_word()), i, 1, 0)));
  const std::vector<int> groups = cluster_appearances(looks);
  for (std::size_t i = 0; i < looks.size(); ++i) {
    INFO(i);
    CHECK(groups[i] == (i < 12 ? 1 : 2));
  }
}

TEST_CASE("a 16-bit film looks like its 8-bit copy; a box is cut to the image") {
  const Film film = test::film(1, plain());
  imaging::GreyImage wide(film.image.width, film.image.height, 16);
  for (std::size_t i = 0; i < wide.pixels.size(); ++i)
    wide.pixels[i] = static_cast<std::uint16_t>(257 * film.image.pixels[i]);
  CHECK(distance(look(film), appearance_of(wide, box_of(film, 5))) < 1e-4);
  CHECK(appearance_of(film.image, {-50, -50, 10000, 10000}) ==
        appearance_of(film.image, {0, 0, film.image.width, film.image.height}));
  CHECK(appearance_of(film.image, {-50, -50, 10, 10}) == Appearance{});
  const imaging::GreyImage even(40, 30, 8, 77);
  for (const float v : appearance_of(even, {3, 3, 1, 1})) CHECK(std::isfinite(v));
}

TEST_CASE("the order of the tags does not matter, nor does repeating them") {
  const std::vector<Appearance> looks = some_looks(1, 150);
  const std::vector<int> groups = cluster_appearances(looks);
  std::vector<std::size_t> order(looks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::uint64_t n = 0; n < 5; ++n) {
    Rng rng(n, "shuffle");
    for (std::size_t i = order.size() - 1; i > 0; --i) std::swap(order[i], order[rng.below(i + 1)]);
    std::vector<Appearance> shuffled;
    for (const std::size_t i : order) shuffled.push_back(looks[i]);
    const std::vector<int> again = cluster_appearances(shuffled);
    for (std::size_t i = 0; i < order.size(); ++i) REQUIRE(again[i] == groups[order[i]]);
  }
  std::vector<Appearance> twice = looks;
  twice.insert(twice.end(), looks.begin(), looks.end());
  const std::vector<int> doubled = cluster_appearances(twice);
  for (std::size_t i = 0; i < looks.size(); ++i) {
    REQUIRE(doubled[i] == groups[i]);
    REQUIRE(doubled[i + looks.size()] == groups[i]);
  }
}

TEST_CASE("groups are numbered from 1, the largest first") {
  const std::vector<int> groups = cluster_appearances(some_looks(2, 120));
  std::map<int, int> sizes;
  for (const int g : groups) ++sizes[g];
  CHECK(sizes.begin()->first == 1);
  CHECK(sizes.rbegin()->first == static_cast<int>(sizes.size()));
  for (int g = 2; g <= static_cast<int>(sizes.size()); ++g) CHECK(sizes[g] <= sizes[g - 1]);
  CHECK(cluster_appearances({}).empty());
  CHECK(cluster_appearances(some_looks(3, 1)) == std::vector<int>{1});
}

TEST_CASE("groups are those of average linkage, joined one nearest pair at a time") {
  const std::vector<Appearance> looks = some_looks(4, 60);
  // Each tag a prototype of its own: the textbook's algorithm, mean of all pairwise distances.
  std::vector<std::vector<std::size_t>> groups;
  for (std::size_t i = 0; i < looks.size(); ++i) groups.push_back({i});
  const ClusterOptions options{1.1, 0, 4096};
  const auto mean_distance = [&](const auto& a, const auto& b) {
    double sum = 0;
    for (const std::size_t i : a)
      for (const std::size_t j : b) sum += distance(looks[i], looks[j]);
    return sum / static_cast<double>(a.size() * b.size());
  };
  for (;;) {
    double least = options.distance;
    std::pair<std::size_t, std::size_t> best{0, 0};
    for (std::size_t i = 0; i < groups.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        const double d = mean_distance(groups[i], groups[j]);
        if (d <= least) {
          least = d;
          best = {i, j};
        }
      }
    }
    if (best.first == best.second) break;
    auto& into = groups[best.second];
    into.insert(into.end(), groups[best.first].begin(), groups[best.first].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(best.first));
  }
  const std::vector<int> found = cluster_appearances(looks, options);
  CHECK(*std::max_element(found.begin(), found.end()) == static_cast<int>(groups.size()));
  for (const auto& group : groups)
    for (const std::size_t i : group) CHECK(found[i] == found[group[0]]);
  CHECK(groups.size() > 2);
  CHECK(groups.size() < 40);
}

TEST_CASE("many tags are gathered in few prototypes, and the groups stay alike") {
  const std::vector<Appearance> looks = some_looks(5, 200);
  const std::vector<int> all = cluster_appearances(looks, {1.1, 0, 4096});
  const std::vector<int> gathered = cluster_appearances(looks);
  const std::vector<int> few = cluster_appearances(looks, {1.1, 0.25, 20});
  const auto agreement = [&](const std::vector<int>& a, const std::vector<int>& b) {
    std::size_t same = 0;
    std::size_t pairs = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) {
        same += (a[i] == a[j]) == (b[i] == b[j]) ? 1 : 0;
        ++pairs;
      }
    }
    return static_cast<double>(same) / static_cast<double>(pairs);
  };
  CHECK(agreement(all, gathered) > 0.95);
  CHECK(agreement(all, few) > 0.8);
  CHECK(*std::max_element(few.begin(), few.end()) <= 20);
}
