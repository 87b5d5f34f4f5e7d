// Thresholds chosen by a rule on one set of data, to be applied to that set (then the result is optimistic)
// or to another.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tagconf/stats/reason.hpp"
#include "tagconf/stats/threshold_curve.hpp"

namespace tagconf::stats {

struct ThresholdRules {
  double sensitivity = 0.9;  // to be reached, from 0 to 1
  double specificity = 0.9;
};

struct ChosenThreshold {
  std::string rule;  // "youden", "sensitivity>=0.9", "specificity>=0.9"
  std::optional<double> threshold;
  Reason reason = Reason::none;  // why there is none
};

// In this order: Youden's threshold; the highest that reaches the sensitivity (of all that do, it has the
// best specificity); the lowest that reaches the specificity, which no observed score need do
// (threshold_out_of_reach). Candidates are the observed scores.
[[nodiscard]] std::vector<ChosenThreshold> choose_thresholds(const ThresholdCurve& curve,
                                                             const ThresholdRules& rules);
// The same rules without thresholds, for data that admit none.
[[nodiscard]] std::vector<ChosenThreshold> no_thresholds(const ThresholdRules& rules, Reason reason);

}  // namespace tagconf::stats
