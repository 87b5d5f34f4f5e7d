// Power and sample size: published values, closed forms, the solver's promise, and the way back from a p.
#include <cmath>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/normal.hpp"
#include "tagconf/stats/power.hpp"

namespace tagconf::stats {
namespace {

PairedDesign design(double a, double b, double r) {
  PairedDesign d;
  d.auc_a = a;
  d.auc_b = b;
  d.correlation = r;
  return d;
}

}  // namespace

TEST_CASE("Hanley and McNeil's sample sizes for 0.70 against 0.75 in two groups") {
  // Radiology 1982;143:29-36, table III: 652, 897 and 1131 cases of each class for 80, 90 and 95 % power of a
  // one-sided test at 5 %. They leave out terms of 1/n^2 and round z.
  PairedDesign d = design(0.75, 0.70, 0.0);
  d.sides = 1;
  d.null_variance = true;
  for (const auto& [wanted, published] : {std::pair{0.80, 652.0}, {0.90, 897.0}, {0.95, 1131.0}}) {
    const auto found = sample_size(d, 0.5, wanted);
    REQUIRE(found);
    CHECK(static_cast<double>(found->positives) == Approx(published).epsilon(0.005));
  }
}

TEST_CASE("variances of an AUC") {
  const ClassCounts counts{60, 140};
  CHECK(auc_variance(AucVariance::hanley_mcneil, 0.8, counts) ==
        Approx(std::pow(hanley_mcneil_se(0.8, 60, 140), 2)));
  // AUC 1/2: a = 0 and both binormal forms are (1/m + 1/n) / (4 pi).
  const double at_half = (1.0 / 60 + 1.0 / 140) / (4.0 * M_PI);
  CHECK(auc_variance(AucVariance::binormal, 0.5, counts) == Approx(at_half).epsilon(1e-13));
  CHECK(auc_variance(AucVariance::obuchowski, 0.5, counts) == Approx(at_half).epsilon(1e-13));
  // The printed constants 0.0099 and 1.414 are 1 / (32 pi) and sqrt 2 rounded.
  const double a = 1.414 * normal_quantile(0.8);
  const double printed =
      0.0099 * std::exp(-a * a / 2) * ((5 * a * a + 8) + (a * a + 8) / (140.0 / 60.0)) / 60.0;
  CHECK(auc_variance(AucVariance::obuchowski, 0.8, counts) == Approx(printed).epsilon(0.006));
  // Classes swapped with AUC 1 - AUC: the same curve turned round.
  CHECK(auc_variance(AucVariance::binormal, 0.8, counts) ==
        Approx(auc_variance(AucVariance::binormal, 0.2, {140, 60})).epsilon(1e-12));
}

TEST_CASE("the correlation between two binormal AUCs") {
  const ClassCounts counts{80, 200};
  CHECK(binormal_auc_correlation(0.8, 0.8, 1.0, 1.0, counts) == Approx(1.0).epsilon(1e-13));
  CHECK(binormal_auc_correlation(0.8, 0.7, 0.0, 0.0, counts) == Approx(0.0).margin(1e-15));
  // At AUC 1/2 only the means count: (r_p / m + r_n / n) / (1 / m + 1 / n), plus nothing of the spreads.
  CHECK(binormal_auc_correlation(0.5, 0.5, 0.6, 0.3, counts) ==
        Approx((0.6 / 80 + 0.3 / 200) / (1.0 / 80 + 1.0 / 200)).epsilon(1e-13));
  CHECK(binormal_auc_correlation(0.85, 0.8, 0.6, 0.5, counts) ==
        Approx(binormal_auc_correlation(0.8, 0.85, 0.6, 0.5, counts)).epsilon(1e-13));
}

TEST_CASE("the power of a test for a difference, by hand") {
  const ClassCounts counts{1530, 1667};
  const PairedDesign d = design(0.857, 0.844, 0.68);
  // The reference SE of this pair is 0.005554566667702781.
  CHECK(difference_se(d, counts) == Approx(0.005554566667702781).epsilon(1e-12));
  const double z = 0.013 / 0.005554566667702781;
  CHECK(power_of(d, counts) == Approx(normal_tail(kZ95 - z) + normal_tail(kZ95 + z)).epsilon(1e-12));
  PairedDesign equal = design(0.8, 0.8, 0.5);
  CHECK(power_of(equal, counts) == Approx(0.05).epsilon(1e-12));
  equal.sides = 1;
  CHECK(power_of(equal, counts) == Approx(0.05).epsilon(1e-12));
  PairedDesign clustered = d;
  clustered.design_effect = 2.25;
  CHECK(difference_se(clustered, counts) == Approx(1.5 * difference_se(d, counts)).epsilon(1e-13));
}

TEST_CASE("the power of tests with a margin, by hand") {
  const ClassCounts counts{400, 600};
  PairedDesign d = design(0.80, 0.80, 0.7);
  d.margin = 0.03;
  d.test = PowerTest::non_inferiority;
  const double se = difference_se(d, counts);
  const double one = 1.0 - normal_tail(0.03 / se - 1.6448536269514722);
  CHECK(power_of(d, counts) == Approx(one).epsilon(1e-12));
  d.test = PowerTest::equivalence;
  CHECK(power_of(d, counts) == Approx(std::max(0.0, 2 * one - 1)).epsilon(1e-12));
  // Where the truth lies on the margin, the power of non-inferiority is alpha.
  d = design(0.77, 0.80, 0.7);
  d.margin = 0.03;
  d.test = PowerTest::non_inferiority;
  CHECK(power_of(d, counts) == Approx(0.05).epsilon(1e-10));
  // Too few cases for two one-sided tests: never.
  d.test = PowerTest::equivalence;
  CHECK(power_of(d, {5, 5}) == 0.0);
}

TEST_CASE("the solver's n reaches the power and n - 1 does not") {
  for (const AucVariance form :
       {AucVariance::hanley_mcneil, AucVariance::binormal, AucVariance::obuchowski}) {
    for (const double share : {0.02, 0.3, 0.5, 0.9}) {
      for (const double wanted : {0.5, 0.8, 0.99}) {
        for (PairedDesign d : {design(0.857, 0.844, 0.68), design(0.6, 0.9, 0.0), design(0.81, 0.80, -0.2)}) {
          d.variance = form;
          for (const PowerTest test : {PowerTest::difference, PowerTest::non_inferiority}) {
            d.test = test;
            d.margin = 0.4;
            const auto found = sample_size(d, share, wanted);
            REQUIRE(found);
            CHECK(power_of(d, *found) >= wanted);
            if (found->total() > 4) CHECK(power_of(d, split_by_share(found->total() - 1, share)) < wanted);
          }
        }
      }
    }
  }
}

TEST_CASE("no sample size finds what is not there") {
  CHECK_FALSE(sample_size(design(0.8, 0.8, 0.5), 0.5, 0.8));
  PairedDesign beyond = design(0.7, 0.8, 0.5);
  beyond.test = PowerTest::non_inferiority;
  beyond.margin = 0.05;
  CHECK_FALSE(sample_size(beyond, 0.5, 0.8));
}

TEST_CASE("designs that make no sense are refused") {
  const auto refused = [](auto change) {
    PairedDesign d = design(0.8, 0.7, 0.5);
    check_design(d);
    change(d);
    CHECK_THROWS_AS(check_design(d), Error);
  };
  refused([](PairedDesign& d) { d.auc_a = 1.0; });
  refused([](PairedDesign& d) { d.auc_b = std::nan(""); });
  refused([](PairedDesign& d) { d.correlation = 1.1; });
  refused([](PairedDesign& d) { d.alpha = 0.0; });
  refused([](PairedDesign& d) { d.sides = 3; });
  refused([](PairedDesign& d) { d.design_effect = 0.0; });
  refused([](PairedDesign& d) { d.test = PowerTest::equivalence; });
}

TEST_CASE("a p implies the correlation that it was computed with") {
  for (const double r : {-0.5, 0.0, 0.68, 0.99}) {
    const DifferenceInference test = hanley_mcneil_difference(0.857, 0.844, 1530, 1667, r);
    const auto implied = implied_correlation(0.857, 0.844, 1530, 1667, *test.p);
    REQUIRE(implied);
    CHECK(implied->correlation == Approx(r).margin(1e-9));
    CHECK(implied->possible());
    CHECK(implied->se_difference == Approx(*test.se).epsilon(1e-9));
  }
  // With ten times the cases such a p would need a difference more uncertain than opposite models have.
  const auto impossible = implied_correlation(0.857, 0.844, 20000, 20000, 0.02);
  REQUIRE(impossible);
  CHECK(impossible->correlation < -1.0);
  CHECK_FALSE(impossible->possible());
  CHECK_FALSE(implied_correlation(0.857, 0.844, 20000, 20000, 0.0));
  CHECK_FALSE(implied_correlation(1.0, 0.844, 20000, 20000, 0.02));
  CHECK_FALSE(implied_correlation(0.857, 0.844, 0, 20000, 0.02));
  // Equal AUCs with any p below 1: a difference without spread.
  CHECK(implied_correlation(0.8, 0.8, 100, 100, 0.5)->correlation == Approx(1.0));
}

}  // namespace tagconf::stats
