// Are two AUCs the same for all that matters? Non-inferiority and equivalence with a margin, from a
// difference and its standard error - DeLong's or the clustered one. A large p of the ordinary test shows
// neither.
#pragma once

#include <optional>

#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/reason.hpp"

namespace tagconf::stats {

// difference = auc(a) - auc(b).
struct MarginTests {
  double margin = 0;
  double alpha = 0;                         // level of each one-sided test
  std::optional<Interval> ci;               // level 1 - 2 alpha
  std::optional<double> p_non_inferiority;  // null: difference <= -margin
  std::optional<double> p_equivalence;      // null: |difference| >= margin
  std::optional<bool> non_inferior;         // p < alpha; the same as ci.low > -margin
  std::optional<bool> equivalent;           // p < alpha; the same as ci inside (-margin, margin)
  Reason reason = Reason::none;             // why the tests are missing
};

// One-sided Wald test against -margin, and two one-sided tests (Schuirmann, J Pharmacokinet Biopharm
// 1987;15:657-680): the p of equivalence is the larger of the two. A standard error of 0 gives no test
// (zero_variance_of_difference). Error config unless margin > 0 and 0 < alpha < 0.5.
[[nodiscard]] MarginTests test_margin(double difference, double se, double margin, double alpha = 0.05);

// The same from the inference of a pair: what stood in its way stands in the way here.
[[nodiscard]] MarginTests test_margin(std::optional<double> difference, const DifferenceInference& inference,
                                      double margin, double alpha = 0.05);

}  // namespace tagconf::stats
