// Do published numbers fit together? Two AUCs, the number of cases and the p value of their difference imply
// how strongly the two models' AUCs correlate; a value outside -1 to 1 means that they cannot belong to one
// test. Shown, never judged: an article need not say which test its p comes from, and Hanley-McNeil's
// standard errors take rows as independent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/report/results.hpp"
#include "tagconf/report/targets.hpp"

namespace tagconf::report {

struct ConsistencyCheck {
  std::string a;  // the difference is auc(a) - auc(b)
  std::string b;
  double auc_a = 0;  // as the targets file has them
  double auc_b = 0;
  double p = 0;
  std::int64_t n = 0;
  std::optional<std::int64_t> n_pos;  // empty: the targets do not hold it, and shares of positives are tried
  bool counts_of_results = false;     // n and n_pos are those of the results, not of the targets
  std::optional<double> correlation;  // where n_pos is known: what the numbers as printed imply
  Interval range;                     // the same over the rounding of AUCs and p, and over the shares tried
  std::vector<Interval> shares;       // of those tried, the ranges in which a correlation from -1 to 1 fits

  // Does some correlation from -1 to 1 fit?
  [[nodiscard]] bool possible() const { return range.low <= 1.0 && range.high >= -1.0; }
};

// The shares of positives that are tried.
inline constexpr double kLeastShare = 0.05;
inline constexpr double kMostShare = 0.95;

// For every p among the targets (once where several targets repeat it) whose two AUCs are there too: with the
// targets' own counts, and with those of the results. Numbers that stand in truth.json are not published ones
// and are left out. A number counts as rounded to the decimals it is written with.
[[nodiscard]] std::vector<ConsistencyCheck> check_consistency(const Targets& targets, const Results& results);

[[nodiscard]] Json to_json(const std::vector<ConsistencyCheck>& checks);
// A few lines for a terminal; empty without checks.
[[nodiscard]] std::string consistency_text(const std::vector<ConsistencyCheck>& checks);

}  // namespace tagconf::report
