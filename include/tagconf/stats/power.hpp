// How many cases does a paired comparison of two AUCs need? Power and sample size from what is expected: both
// AUCs, the correlation between their estimates and the class counts. And the way back: which correlation a
// published p implies.
//
// The test is the one that `evaluate` makes: difference / SE against the normal distribution, with the SE
// that the data show. `null_variance` takes the SE under equal AUCs for the critical value instead, as the
// published sample-size formulae do.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf::stats {

// The variance of an AUC from its value and the class counts m (positive) and n (negative). With
// a = sqrt 2 Phi^-1(AUC) and e = exp(-a^2 / 2) / (32 pi):
enum class AucVariance {
  hanley_mcneil,  // exact for exponential scores and close for others (Hanley & McNeil, Radiology
                  // 1982;143:29-36)
  binormal,       // normal scores of equal spread, delta method: e (a^2 + 8) (1/m + 1/n)
  obuchowski      // as published for rating data, without the covariance of the two binormal parameters and
                  // larger for it: e ((5 a^2 + 8) / m + (a^2 + 8) / n) (Obuchowski, Invest Radiol
                  // 1994;29:238-243)
};

enum class PowerTest { difference, non_inferiority, equivalence };

struct PairedDesign {
  double auc_a = 0.5;
  double auc_b = 0.5;
  double correlation = 0;  // of the two AUC estimates
  AucVariance variance = AucVariance::hanley_mcneil;
  double design_effect = 1;  // of clusters: multiplies both variances
  PowerTest test = PowerTest::difference;
  double alpha = 0.05;         // of the whole test; of each one-sided test of a margin
  int sides = 2;               // of the test for a difference
  double margin = 0;           // of the other two
  bool null_variance = false;  // for a difference: critical value with the SE of two AUCs equal to auc_b
};

struct ClassCounts {
  std::int64_t positives = 0;
  std::int64_t negatives = 0;
  [[nodiscard]] std::int64_t total() const { return positives + negatives; }
};

[[nodiscard]] double auc_variance(AucVariance form, double auc, const ClassCounts& counts);

// The correlation between two AUCs of normal scores of equal spread whose scores correlate by r_positives
// and r_negatives within the classes (Obuchowski & McClish, Stat Med 1997;16:1529-1542). Goes with
// AucVariance::binormal: equal AUCs and r = 1 give 1.
[[nodiscard]] double binormal_auc_correlation(double auc_a, double auc_b, double r_positives,
                                              double r_negatives, const ClassCounts& counts);

// Error config: an AUC outside (0, 1), a correlation outside [-1, 1], alpha outside (0, 0.5), sides other
// than 1 and 2, a design effect that is not above 0, a missing margin.
void check_design(const PairedDesign& design);

// Standard error of the difference.
[[nodiscard]] double difference_se(const PairedDesign& design, const ClassCounts& counts);

// Probability that the test comes out in favour: a difference found (in either direction if two-sided, in
// the expected one if one-sided), a not worse than b by the margin, or a equivalent to b.
[[nodiscard]] double power_of(const PairedDesign& design, const ClassCounts& counts);

// round(share x total) positives and the rest negatives; at least two of each (total >= 4).
[[nodiscard]] ClassCounts split_by_share(std::int64_t total, double share);

// The smallest total whose power reaches `wanted`. Nothing when 10^9 rows do not: a difference of 0, or one
// beyond the margin.
[[nodiscard]] std::optional<ClassCounts> sample_size(const PairedDesign& design, double share, double wanted);

// What a published pair of AUCs, class counts and two-sided p say about the correlation between the models.
struct ImpliedCorrelation {
  double se_a = 0;  // Hanley-McNeil
  double se_b = 0;
  double se_difference = 0;  // |auc_a - auc_b| / z(p)
  double correlation = 0;    // (se_a^2 + se_b^2 - se_difference^2) / (2 se_a se_b), wherever that lies

  [[nodiscard]] bool possible() const { return correlation >= -1.0 && correlation <= 1.0; }
};

// Nothing where no test can be made out: p outside (0, 1), an AUC outside (0, 1), or a class without cases.
[[nodiscard]] std::optional<ImpliedCorrelation> implied_correlation(double auc_a, double auc_b,
                                                                    double positives, double negatives,
                                                                    double p);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::AucVariance> {
  static constexpr std::array kNames{std::pair{stats::AucVariance::hanley_mcneil, "hanley_mcneil"},
                                     std::pair{stats::AucVariance::binormal, "binormal"},
                                     std::pair{stats::AucVariance::obuchowski, "obuchowski"}};
};

template <>
struct EnumNames<stats::PowerTest> {
  static constexpr std::array kNames{std::pair{stats::PowerTest::difference, "difference"},
                                     std::pair{stats::PowerTest::non_inferiority, "non_inferiority"},
                                     std::pair{stats::PowerTest::equivalence, "equivalence"}};
};

}  // namespace tagconf
