// From estimates and variances to intervals and tests. All intervals are 95 %; all tests two-sided. What
// cannot be estimated has no value and a reason.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "tagconf/stats/reason.hpp"

namespace tagconf::stats {

inline constexpr double kZ95 = 1.959963984540054;

struct Interval {
  double low = 0;
  double high = 0;
};

// An AUC's uncertainty. `reason` says why the intervals (or all of it) are missing.
struct AucInference {
  std::optional<double> variance;
  std::optional<double> se;
  std::optional<Interval> wald;     // A -+ z SE, may leave [0, 1]
  std::optional<Interval> clipped;  // the same cut to [0, 1]
  std::optional<Interval> logit;    // on ln(A / (1 - A)), mapped back
  Reason reason = Reason::none;
};

[[nodiscard]] AucInference infer_auc(double auc, double variance);

struct DifferenceInference {
  std::optional<double> covariance;
  std::optional<double> correlation;  // also missing where one variance is 0
  std::optional<double> variance;
  std::optional<double> se;
  std::optional<double> z;
  std::optional<double> p;
  std::optional<Interval> ci;
  Reason reason = Reason::none;
};

[[nodiscard]] DifferenceInference infer_difference(double difference, double variance_of_difference,
                                                   double variance_a, double variance_b, double covariance);

// erfc(|z| / sqrt 2): keeps its digits in the far tail, where 2 (1 - Phi) has none.
[[nodiscard]] double two_sided_p(double z);

// Wald test that a vector of contrasts is 0.
struct GlobalTest {
  std::size_t df = 0;
  std::optional<double> chi2;
  std::optional<double> p;
  Reason reason = Reason::none;
};

// `contrasts`: k values; `covariance`: their k x k covariance matrix, row major. A matrix whose correlation
// form has a pivot below 1e-12 counts as singular.
[[nodiscard]] GlobalTest global_test(std::span<const double> contrasts, std::span<const double> covariance);

// Holm's step-down adjustment (Scand J Stat 1979;6:65-70). The family counts the estimable p only.
[[nodiscard]] std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p);

// Standard error of an AUC from its value and the class counts alone (Hanley & McNeil, Radiology
// 1982;143:29-36).
[[nodiscard]] double hanley_mcneil_se(double auc, double positives, double negatives);
// Test of two AUCs of one sample with an assumed correlation r between them (Radiology 1983;148:839-843):
// variance = se_a^2 + se_b^2 - 2 r se_a se_b.
[[nodiscard]] DifferenceInference hanley_mcneil_difference(double auc_a, double auc_b, double positives,
                                                           double negatives, double r);

// Wilson's score interval for k of n, n > 0; exactly 0 or 1 at the ends.
[[nodiscard]] Interval wilson(std::size_t k, std::size_t n);

}  // namespace tagconf::stats
