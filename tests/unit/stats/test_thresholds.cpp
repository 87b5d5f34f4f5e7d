// Thresholds by rule, against a search over all of them; the seeds' bootstrap against laws known in advance.
#include <cmath>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/analysis.hpp"

namespace tagconf::stats {
namespace {

struct Data {
  std::vector<double> scores;
  std::vector<std::uint8_t> labels;
};

Data data(std::uint64_t seed) {
  Rng rng(seed, "thresholds test");
  Data out;
  for (int i = 0; i < 60; ++i) {
    out.labels.push_back(rng.chance(0.4) || i == 0 ? 1 : 0);
    out.scores.push_back(std::round((out.labels.back() + rng.normal()) * 4.0) / 4.0);
  }
  return out;
}

ThresholdCurve curve_of(const Data& d) {
  return threshold_curve(rank_scores(d.scores), d.scores, Labels(d.labels));
}

ModelScores model(const std::string& name, std::vector<double> scores) {
  ModelScores out;
  out.name = out.train_arm = out.test_arm = name;
  out.score = std::move(scores);
  return out;
}

}  // namespace

TEST_CASE("a fixed sensitivity is reached at the best specificity, and the other way round") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const Data d = data(seed);
    const Labels labels(d.labels);
    for (const double wanted : {0.5, 0.7, 0.9, 1.0}) {
      const auto chosen = choose_thresholds(curve_of(d), {wanted, wanted});
      REQUIRE(chosen.size() == 3);
      REQUIRE(chosen[1].threshold);
      const auto at = operating_point(d.scores, labels, *chosen[1].threshold);
      CHECK(at.sensitivity >= wanted);
      double best_sensitivity = -1.0;
      for (const double candidate : d.scores) {
        const auto p = operating_point(d.scores, labels, candidate);
        if (p.sensitivity >= wanted) CHECK(p.specificity <= at.specificity);
        if (p.specificity >= wanted) best_sensitivity = std::max(best_sensitivity, p.sensitivity);
      }
      if (best_sensitivity < 0.0) {
        CHECK_FALSE(chosen[2].threshold);
        CHECK(chosen[2].reason == Reason::threshold_out_of_reach);
      } else {
        const auto there = operating_point(d.scores, labels, *chosen[2].threshold);
        CHECK(there.specificity >= wanted);
        CHECK(there.sensitivity == best_sensitivity);
      }
    }
  }
}

TEST_CASE("shares are met exactly: 7 of 10 is a sensitivity of 0.7") {
  Data d;
  for (int i = 0; i < 10; ++i) {
    d.scores.push_back(20 - i);
    d.labels.push_back(1);
  }
  for (int i = 0; i < 100; ++i) {
    d.scores.push_back(-i);
    d.labels.push_back(0);
  }
  const auto chosen = choose_thresholds(curve_of(d), {0.7, 0.93});
  CHECK(chosen[0].rule == "youden");
  CHECK(chosen[1].rule == "sensitivity>=0.7");
  CHECK(*chosen[1].threshold == 14.0);
  CHECK(chosen[2].rule == "specificity>=0.93");
  CHECK(*chosen[2].threshold == -6.0);
}

TEST_CASE("the two-way bootstrap of two seeds with AUC 1 and 0 follows the binomial law") {
  EvaluationSet set;
  set.labels = Labels(std::vector<std::uint8_t>{1, 1, 1, 0, 0, 0});
  const std::vector<double> right{3, 4, 5, 0, 1, 2};
  const std::vector<double> wrong{0, 1, 2, 3, 4, 5};
  set.models = {model("a", right), model("b", wrong)};
  set.seeds = {{0, 1, model("a", right)},
               {0, 2, model("a", wrong)},
               {1, 1, model("b", wrong)},
               {1, 2, model("b", right)}};
  AnalysisPlan plan;
  plan.replicates = 4000;
  plan.threads = 1;
  const SetAnalysis one = analyse(set, plan);
  REQUIRE(one.seeds.size() == 3);
  // Of two seeds drawn, k have AUC 1: k / 2 with k binomial (2, 1/2), so the sd is sqrt(1 / 8). A difference
  // of matched seeds is 2 (k / 2) - 1 in size, with twice that sd.
  const auto& summary = *one.seeds[0].two_way->summary;
  CHECK(summary.ci.low == 0.0);
  CHECK(summary.ci.high == 1.0);
  CHECK(summary.se == Approx(std::sqrt(0.125)).epsilon(0.03));
  CHECK(summary.replicates == 4000);
  CHECK(one.seeds[2].two_way->summary->se == Approx(2.0 * std::sqrt(0.125)).epsilon(0.03));
  CHECK(one.seeds[2].two_way->summary->ci.low == -1.0);
  plan.threads = 3;
  CHECK(analyse(set, plan).seeds[0].two_way->summary->se == summary.se);
  set.seeds.resize(1);
  const SetAnalysis single = analyse(set, plan);
  CHECK_FALSE(single.seeds[0].two_way);
  CHECK(single.seeds[0].reason == Reason::one_seed);
}

TEST_CASE("seeds that agree leave the bootstrap over patients") {
  EvaluationSet set;
  std::vector<std::uint8_t> labels;
  std::vector<double> scores;
  Rng rng(4, "two-way test");
  for (int i = 0; i < 120; ++i) {
    labels.push_back(rng.chance(0.5) ? 1 : 0);
    scores.push_back(labels.back() + rng.normal());
    set.cluster.push_back("p" + std::to_string(i / 3));
  }
  set.labels = Labels(labels);
  set.models = {model("a", scores)};
  set.seeds = {{0, 1, model("a", scores)}, {0, 2, model("a", scores)}, {0, 3, model("a", scores)}};
  AnalysisPlan plan;
  plan.replicates = 500;
  const SetAnalysis out = analyse(set, plan);
  const auto& patients = *out.models[0].bootstrap->summary;
  const auto& both = *out.seeds[0].two_way->summary;
  CHECK(both.ci.low == Approx(patients.ci.low).epsilon(1e-12));
  CHECK(both.ci.high == Approx(patients.ci.high).epsilon(1e-12));
  CHECK(both.se == Approx(patients.se).epsilon(1e-10));
  CHECK(out.seeds[0].two_way->resampling == Resampling::cluster);
}

}  // namespace tagconf::stats
