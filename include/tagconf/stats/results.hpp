// What an evaluation found, and its file forms: results.json (schema tagconf.evaluate/1), roc.csv, tables as
// CSV and LaTeX, and a table for the terminal. A value that cannot be estimated is null (an empty cell, "not
// estimable" for people), and `not_estimable` beside it names the reason.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/stats/analysis.hpp"
#include "tagconf/stats/evaluation_set.hpp"

namespace tagconf::stats {

struct SubsetResult {
  std::string subset;                 // "all" or "tagged"
  std::optional<std::size_t> tagged;  // rows of the unit with and without a tag, where that is known
  std::optional<std::size_t> untagged;
  SetAnalysis analysis;
};

struct EvaluationResults {
  std::optional<std::string> split;  // where the files tell it
  bool optimistic = false;           // the split was used for selection
  ClusterBy cluster = ClusterBy::none;
  Aggregation aggregation = Aggregation::mean;
  std::string by = "body_part";  // the column of the parts; empty: none
  std::uint64_t bootstrap_seed = 0;
  std::optional<double> margin;  // also test equivalence and non-inferiority of every pair
  std::vector<SubsetResult> units;
};

// results.json. Per model: name, train_arm, test_arm, seed (null: headline), score, n, n_pos, clusters,
// state, auc, delong {se, ci, ci_clipped, ci_logit}, clustered {the same, design_effect, counts},
// hanley_mcneil {se}, bootstrap {ci, se, replicates, discarded, resampling}, average_precision, brier, ece,
// mce, operating_points [{rule, score, chosen_on: null | test | valid, optimistic, threshold, counts,
// sensitivity, specificity with Wilson intervals, j}], not_estimable, warnings. Per comparison: a, b, family,
// primary, difference, state, delong and clustered {se, z, p, p_text, ci, var, cov, corr}, bootstrap, p_holm,
// p_holm_clustered. `global` {chi2, df, p, clustered {...}}. `by_body_part`: the values of the column `by`.
// `heterogeneity` over them: entries with model, or with a and b; chi2, df, p, parts, left_out [{part,
// reason}], clustered {the same}. `seeds`: entries with model, or with a and b; values [{seed, auc |
// difference}], mean, sd, low, high, two_way (bootstrap over seeds and clusters).
[[nodiscard]] Json results_json(const EvaluationResults& results);

// models.csv: one row a model of a unit and subset; comparisons.csv: one row a comparison. Numbers are
// complete; an empty cell has no value and the column not_estimable tells why; p below 1e-300 is "< 1e-300".
[[nodiscard]] std::string models_csv(const EvaluationResults& results);
[[nodiscard]] std::string comparisons_csv(const EvaluationResults& results);
// Both as LaTeX tables (booktabs) for people: three decimals, p as in "< 0.001", "not estimable" with its
// reason.
[[nodiscard]] std::string tables_latex(const EvaluationResults& results);

// AUC (95 % interval) and comparisons for people.
[[nodiscard]] std::string results_text(const EvaluationResults& results);
// Significant digits: "0.0193", "3.5e-41", "< 1e-300".
[[nodiscard]] std::string p_text(double p);

// A set whose curves are wanted.
struct NamedSet {
  std::string subset;
  EvaluationSet set;
};
// model,unit,subset,threshold,fpr,tpr,tpr_low,tpr_high: every headline model of each set; tpr_low and
// tpr_high are Wilson's pointwise interval.
[[nodiscard]] std::string roc_csv(std::span<const NamedSet> sets);

}  // namespace tagconf::stats
