// Non-inferiority and equivalence: closed forms, the tie between p and interval, and what stands in the way.
#include <cmath>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/equivalence.hpp"
#include "tagconf/stats/normal.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stats {

TEST_CASE("normal tail and quantile are each other's inverse, far out too") {
  CHECK(normal_quantile(0.975) == Approx(kZ95).epsilon(1e-14));
  CHECK(normal_quantile(0.5) == Approx(0.0).margin(1e-16));
  CHECK(normal_tail(0.0) == 0.5);
  for (const double p : {1e-300, 1e-30, 0.01, 0.3, 0.9}) {
    CHECK(normal_tail(-normal_quantile(p)) == Approx(p).epsilon(1e-12));
    CHECK(two_sided_p(two_sided_quantile(p)) == Approx(p).epsilon(1e-12));
  }
}

TEST_CASE("a difference of 0 is as far from both margins") {
  const MarginTests test = test_margin(0.0, 0.01, 0.02);
  // P(Z > 2)
  CHECK(*test.p_non_inferiority == Approx(0.022750131948179195).epsilon(1e-13));
  CHECK(*test.p_equivalence == *test.p_non_inferiority);
  // z(0.95) = 1.6448536269514722
  CHECK(test.ci->low == Approx(-0.016448536269514722).epsilon(1e-13));
  CHECK(test.ci->high == Approx(0.016448536269514722).epsilon(1e-13));
  CHECK(*test.non_inferior);
  CHECK(*test.equivalent);
}

TEST_CASE("a better model is not inferior, and not equivalent either") {
  const MarginTests test = test_margin(0.03, 0.01, 0.02);
  CHECK(*test.p_non_inferiority == Approx(2.866515718791933e-07).epsilon(1e-10));  // P(Z > 5)
  CHECK(*test.p_equivalence == Approx(0.8413447460685429).epsilon(1e-13));         // P(Z > -1)
  CHECK(*test.non_inferior);
  CHECK_FALSE(*test.equivalent);
}

TEST_CASE("p below alpha and the interval inside the margin say the same") {
  Rng rng(1, "margins");
  int inferior = 0;
  int equivalent = 0;
  for (int i = 0; i < 2000; ++i) {
    const double difference = rng.uniform(-0.05, 0.05);
    const double se = rng.uniform(0.001, 0.03);
    const double margin = rng.uniform(0.001, 0.06);
    const double alpha = rng.uniform(0.001, 0.2);
    const MarginTests test = test_margin(difference, se, margin, alpha);
    CHECK(*test.non_inferior == (test.ci->low > -margin));
    CHECK(*test.equivalent == (test.ci->low > -margin && test.ci->high < margin));
    inferior += *test.non_inferior ? 0 : 1;
    equivalent += *test.equivalent ? 1 : 0;
    // Turned round, non-inferiority of b is asked; equivalence stays.
    CHECK(*test_margin(-difference, se, margin, alpha).p_equivalence ==
          Approx(*test.p_equivalence).epsilon(1e-12));
  }
  CHECK(inferior > 200);
  CHECK(equivalent > 200);
}

TEST_CASE("without a standard error there is no test, and the reason is kept") {
  const MarginTests same = test_margin(0.0, 0.0, 0.02);
  CHECK(same.reason == Reason::zero_variance_of_difference);
  CHECK_FALSE(same.ci);
  CHECK_FALSE(same.equivalent);
  DifferenceInference missing;
  missing.reason = Reason::fewer_than_two_clusters_with_positives;
  CHECK(test_margin(0.1, missing, 0.02).reason == Reason::fewer_than_two_clusters_with_positives);
  const DifferenceInference found = infer_difference(0.01, 1e-4, 2e-4, 2e-4, 1.5e-4);
  CHECK(*test_margin(0.01, found, 0.02).p_equivalence == *test_margin(0.01, 0.01, 0.02).p_equivalence);
  CHECK_THROWS_AS(test_margin(0.0, 0.01, 0.0), Error);
  CHECK_THROWS_AS(test_margin(0.0, 0.01, -0.02), Error);
  CHECK_THROWS_AS(test_margin(0.0, 0.01, 0.02, 0.5), Error);
}

TEST_CASE("results with a margin hold its tests beside DeLong's and the clustered ones") {
  Rng rng(2, "margins");
  EvaluationSet set;
  std::vector<std::uint8_t> labels;
  for (const char* name : {"b", "a"}) {
    ModelScores& model = set.models.emplace_back();
    model.name = model.train_arm = model.test_arm = name;
    model.kind = ScoreKind::logit;
  }
  for (int row = 0; row < 200; ++row) {
    labels.push_back(rng.chance(0.4) ? 1 : 0);
    set.cluster.push_back(std::to_string(row / 3));
    const double shared = labels.back() + rng.normal();
    for (ModelScores& model : set.models) model.score.push_back(shared + 0.3 * rng.normal());
  }
  set.labels = Labels(labels);
  AnalysisPlan plan;
  plan.replicates = 0;
  EvaluationResults results;
  results.units.push_back({"all", std::nullopt, std::nullopt, analyse(set, plan)});
  const auto pair = [&] { return results_json(results).at("units").at(0).at("comparisons").at(0); };
  CHECK_FALSE(pair().at("delong").contains("margin"));
  CHECK(results_text(results).find("margin") == std::string::npos);
  results.margin = 0.05;
  const Comparison& c = results.units[0].analysis.comparisons.at(0);
  for (const auto& [name, inference] : {std::pair{"delong", c.delong}, {"clustered", *c.clustered}}) {
    const MarginTests expected = test_margin(*c.difference, *inference.se, 0.05);
    const Json found = pair().at(name).at("margin");
    CHECK(found.at("margin") == 0.05);
    CHECK(found.at("p_equivalence") == *expected.p_equivalence);
    CHECK(found.at("p_non_inferiority") == *expected.p_non_inferiority);
    CHECK(found.at("equivalent") == *expected.equivalent);
    CHECK(found.at("non_inferior") == *expected.non_inferior);
    CHECK(found.at("ci").at(0) == expected.ci->low);
  }
  CHECK(results_text(results).find("margin 0.05, 90 % CI") != std::string::npos);
  // The same model twice: nothing to test, and said so.
  set.models[1].score = set.models[0].score;
  results.units[0].analysis = analyse(set, plan);
  CHECK(pair().at("delong").at("margin").at("p_equivalence").is_null());
  CHECK(pair().at("not_estimable").at("delong") == "zero_variance_of_difference");
}

}  // namespace tagconf::stats
