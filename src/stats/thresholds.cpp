#include "tagconf/stats/thresholds.hpp"

#include "tagconf/base/number.hpp"

namespace tagconf::stats {
namespace {

// A quotient of counts is correctly rounded, as the wanted share is: equal shares compare equal.
bool reaches(std::size_t count, std::size_t of, double share) {
  return static_cast<double>(count) / static_cast<double>(of) >= share;
}

std::optional<double> at_sensitivity(const ThresholdCurve& curve, double wanted) {
  for (std::size_t i = 0; i < curve.threshold.size(); ++i) {
    if (reaches(curve.true_positives[i], curve.positives, wanted)) return curve.threshold[i];
  }
  return std::nullopt;
}

std::optional<double> at_specificity(const ThresholdCurve& curve, double wanted) {
  for (std::size_t i = curve.threshold.size(); i-- > 0;) {
    if (reaches(curve.negatives - curve.false_positives[i], curve.negatives, wanted))
      return curve.threshold[i];
  }
  return std::nullopt;
}

}  // namespace

std::vector<ChosenThreshold> no_thresholds(const ThresholdRules& rules, Reason reason) {
  return {{"youden", std::nullopt, reason},
          {"sensitivity>=" + format_number(rules.sensitivity), std::nullopt, reason},
          {"specificity>=" + format_number(rules.specificity), std::nullopt, reason}};
}

std::vector<ChosenThreshold> choose_thresholds(const ThresholdCurve& curve, const ThresholdRules& rules) {
  std::vector<ChosenThreshold> out = no_thresholds(rules, Reason::threshold_out_of_reach);
  out[0].threshold = youden(curve).point.threshold;
  out[1].threshold = at_sensitivity(curve, rules.sensitivity);
  out[2].threshold = at_specificity(curve, rules.specificity);
  for (ChosenThreshold& chosen : out) {
    if (chosen.threshold) chosen.reason = Reason::none;
  }
  return out;
}

}  // namespace tagconf::stats
