// The library against published data sets, which are read from the folder named by TAGCONF_SHARED.
#include <cmath>

#include "catch.hpp"
#include "oracle_case.hpp"
#include "support.hpp"
#include "tagconf/stats/covariance.hpp"

namespace tagconf::test {

TEST_CASE("the library gives the reference results of the published data sets") {
  const auto folder = shared_folder_or_skip() / "oracles/stats/cases";
  for (const char* name : {"published_delong_1988_ovarian", "ties_hanley_mcneil_1982"}) {
    DYNAMIC_SECTION(name) {
      check_case(read_case(folder / (std::string(name) + ".json")));
    }
  }
}

TEST_CASE("the ovarian cancer example agrees with the printed values to their four decimals") {
  const auto folder = shared_folder_or_skip() / "oracles/stats/cases";
  const OracleCase oracle = read_case(folder / "published_delong_1988_ovarian.json");
  const Level level = make_level(oracle, "image");
  const Json& printed = oracle.json.at("published");
  for (const auto& [model, auc] : printed.at("auc").items()) {
    INFO(model);
    const stats::Contrast<stats::Placements> self{&level.placements.at(model)};
    CHECK(std::abs(stats::auc(level.placements.at(model), level.labels) - auc.get<double>()) < 5.1e-5);
    CHECK(std::abs(std::sqrt(stats::delong_covariance(self, self, level.labels)) -
                   printed.at("se").at(model).get<double>()) < 5.1e-5);
  }
}

}  // namespace tagconf::test
