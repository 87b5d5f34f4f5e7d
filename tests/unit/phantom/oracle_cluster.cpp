// Groups of tags that look alike against the styles that the phantom drew.
#include <map>
#include <set>

#include "catch.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/tags/cluster.hpp"

using namespace tagconf;
using namespace tagconf::phantom;

namespace {

double pairs(double n) {
  return n * (n - 1) / 2;
}

// Hubert L, Arabie P. J Classification 1985;2:193-218.
double adjusted_rand(const std::vector<int>& a, const std::vector<int>& b) {
  std::map<std::pair<int, int>, double> cells;
  std::map<int, double> rows;
  std::map<int, double> columns;
  for (std::size_t i = 0; i < a.size(); ++i) {
    ++cells[{a[i], b[i]}];
    ++rows[a[i]];
    ++columns[b[i]];
  }
  const auto sum = [](const auto& counts) {
    double total = 0;
    for (const auto& [key, n] : counts) total += pairs(n);
    return total;
  };
  const double expected = sum(rows) * sum(columns) / pairs(static_cast<double>(a.size()));
  return (sum(cells) - expected) / (0.5 * (sum(rows) + sum(columns)) - expected);
}

// Share of the tags that are of their group's most frequent style.
double purity(const std::vector<int>& groups, const std::vector<int>& styles) {
  std::map<int, std::map<int, int>> counts;
  for (std::size_t i = 0; i < groups.size(); ++i) ++counts[groups[i]][styles[i]];
  double hits = 0;
  for (const auto& [group, by_style] : counts) {
    int most = 0;
    for (const auto& [style, n] : by_style) most = std::max(most, n);
    hits += most;
  }
  return hits / static_cast<double>(groups.size());
}

struct Drawn {
  std::vector<tags::Appearance> looks;
  std::vector<int> styles;  // of TagStyle; words apart
};

Drawn draw(std::uint64_t seed) {
  PlanOptions options;
  options.seed = seed;
  options.patients_train = 150;
  options.patients_valid = 1;
  options.size = 384;
  Drawn out;
  for (const ImagePlan& item : plan_cohort(options)) {
    const Rendered picture = render_image(item);
    for (std::size_t i = 0; i < picture.tags.size(); ++i) {
      const bool word = picture.tags[i].kind != TagKind::laterality;
      out.looks.push_back(tags::appearance_of(picture.image, picture.tags[i].box));
      out.styles.push_back(word ? -1 : static_cast<int>(picture.looks[i].look.style));
    }
  }
  return out;
}

}  // namespace

TEST_CASE("groups follow the styles of phantom tags that nothing was set on") {
  for (const std::uint64_t seed : {101, 102}) {
    INFO(seed);
    const Drawn drawn = draw(seed);
    REQUIRE(drawn.styles.size() > 200);
    const std::vector<int> groups = tags::cluster_appearances(drawn.looks);
    const double rand = adjusted_rand(groups, drawn.styles);
    const double pure = purity(groups, drawn.styles);
    const std::size_t count = std::set<int>(groups.begin(), groups.end()).size();
    UNSCOPED_INFO(drawn.styles.size()
                  << " tags, " << count << " groups, adjusted Rand " << rand << ", purity " << pure);
    CHECK(rand > 0.45);
    CHECK(pure > 0.8);
    CHECK(count < drawn.styles.size() / 5);
  }
}
