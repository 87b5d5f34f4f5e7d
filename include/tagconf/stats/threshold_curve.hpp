// What follows from the counts at every threshold: ROC curve, average precision, operating points. The rule
// is "positive if score >= threshold".
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::stats {

// Counts at each observed score, highest first.
struct ThresholdCurve {
  std::vector<double> threshold;
  std::vector<std::uint32_t> true_positives;
  std::vector<std::uint32_t> false_positives;
  std::size_t positives = 0;
  std::size_t negatives = 0;
};

[[nodiscard]] ThresholdCurve threshold_curve(const Ranking& ranking, std::span<const double> scores,
                                             const Labels& labels);

// Sum over the thresholds, highest first, of (step of recall) x precision.
[[nodiscard]] double average_precision(const ThresholdCurve& curve);
// Trapezoids through the same points and (recall 0, precision 1): optimistic, for comparison with tools that
// use it.
[[nodiscard]] double pr_auc_trapezoid(const ThresholdCurve& curve);

struct OperatingPoint {
  double threshold = 0;
  std::size_t true_positives = 0;
  std::size_t false_positives = 0;
  std::size_t true_negatives = 0;
  std::size_t false_negatives = 0;
  double sensitivity = 0;
  double specificity = 0;
  Interval sensitivity_ci;  // Wilson
  Interval specificity_ci;
};

// Labels must hold both classes.
[[nodiscard]] OperatingPoint operating_point(std::span<const double> scores, const Labels& labels,
                                             double threshold);

struct Youden {
  OperatingPoint point;            // of the highest maximising threshold
  double j = 0;                    // sensitivity + specificity - 1
  std::vector<double> thresholds;  // all that reach it, highest first
};

// Candidates are the observed scores; J is compared as the whole number TP n - FP m, so equal J stay equal.
[[nodiscard]] Youden youden(const ThresholdCurve& curve);

struct RocPoint {
  double threshold = 0;
  double fpr = 0;
  double tpr = 0;
  Interval tpr_ci;  // pointwise, Wilson
};

// From (0, 0) at threshold infinity to (1, 1). Points in the middle of a straight piece are left out.
[[nodiscard]] std::vector<RocPoint> roc_points(const ThresholdCurve& curve);

}  // namespace tagconf::stats
