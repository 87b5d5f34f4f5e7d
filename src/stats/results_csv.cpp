// The tables of an evaluation as CSV.
#include <algorithm>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stats {
namespace {

using Cells = std::vector<std::string>;

std::string cell(double value) {
  return format_number(value);
}
std::string cell(const std::optional<double>& value) {
  return value ? format_number(*value) : "";
}
std::string cell(std::size_t count) {
  return std::to_string(count);
}
std::string p_cell(const std::optional<double>& p) {
  return p && *p < 1e-300 ? p_text(*p) : cell(p);
}

void add(Cells& row, const std::optional<Interval>& ci) {
  row.push_back(ci ? format_number(ci->low) : "");
  row.push_back(ci ? format_number(ci->high) : "");
}

void add(Cells& row, const AucInference& inference) {
  row.push_back(cell(inference.se));
  add(row, inference.clipped);
  add(row, inference.logit);
}

void add(Cells& row, const DifferenceInference& inference, const std::optional<double>& holm) {
  row.push_back(cell(inference.se));
  add(row, inference.ci);
  row.push_back(cell(inference.z));
  row.push_back(p_cell(inference.p));
  row.push_back(p_cell(holm));
}

void add(Cells& row, const std::optional<BootstrapEstimate>& bootstrap) {
  add(row, bootstrap && bootstrap->summary ? std::optional(bootstrap->summary->ci) : std::nullopt);
}

// "auc=one_class; delong=one_class"
class Missing {
 public:
  void add(const char* what, Reason reason) {
    if (reason == Reason::none) return;
    text_ += (text_.empty() ? "" : "; ") + std::string(what) + "=" + std::string(name_of(reason));
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

// Calls row(unit, subset, part, analysis) for every set, its parts after it.
template <class Row>
void each_set(const EvaluationResults& results, const Row& row) {
  for (const SubsetResult& subset : results.units) {
    const Cells key{std::string(name_of(subset.analysis.unit)), subset.subset, ""};
    row(key, subset.analysis);
    for (const PartAnalysis& part : subset.analysis.parts) row({key[0], key[1], part.part}, part.analysis);
  }
}

Cells model_row(Cells row, const ModelEstimate& m, const SetAnalysis& set) {
  for (const auto& text : {m.name, m.train_arm, m.test_arm, m.score}) row.push_back(text);
  row.push_back(cell(set.n));
  row.push_back(cell(set.positives));
  row.push_back(set.clusters ? cell(set.clusters->clusters) : "");
  row.push_back(cell(m.auc));
  add(row, m.delong);
  add(row, m.clustered.value_or(AucInference{}));
  add(row, m.bootstrap);
  row.push_back(cell(m.hanley_mcneil_se));
  row.push_back(cell(m.average_precision));
  row.push_back(m.calibration ? cell(m.calibration->brier) : "");
  row.push_back(m.calibration ? cell(m.calibration->ece) : "");
  Missing missing;
  missing.add("auc", m.auc ? Reason::none : Reason::one_class);
  missing.add("delong", m.delong.reason);
  if (m.clustered) missing.add("clustered", m.clustered->reason);
  if (!m.calibration) missing.add("calibration", Reason::scores_not_probabilities);
  row.push_back(missing.text());
  return row;
}

Cells comparison_row(Cells row, const Comparison& c, const SetAnalysis& set) {
  row.push_back(set.models[c.pair.a].name);
  row.push_back(set.models[c.pair.b].name);
  row.emplace_back(name_of(c.pair.family));
  row.emplace_back(c.pair.primary ? "1" : "0");
  row.push_back(cell(set.n));
  row.push_back(cell(c.difference));
  add(row, c.delong, c.p_holm);
  add(row, c.clustered.value_or(DifferenceInference{}), c.p_holm_clustered);
  add(row, c.bootstrap);
  Missing missing;
  missing.add("difference", c.difference ? Reason::none : Reason::one_class);
  missing.add("delong", c.delong.reason);
  if (c.clustered) missing.add("clustered", c.clustered->reason);
  row.push_back(missing.text());
  return row;
}

}  // namespace

std::string models_csv(const EvaluationResults& results) {
  CsvWriter csv({"unit",
                 "subset",
                 "part",
                 "model",
                 "train_arm",
                 "test_arm",
                 "score",
                 "n",
                 "n_pos",
                 "clusters",
                 "auc",
                 "delong_se",
                 "delong_low",
                 "delong_high",
                 "delong_logit_low",
                 "delong_logit_high",
                 "clustered_se",
                 "clustered_low",
                 "clustered_high",
                 "clustered_logit_low",
                 "clustered_logit_high",
                 "bootstrap_low",
                 "bootstrap_high",
                 "hanley_mcneil_se",
                 "average_precision",
                 "brier",
                 "ece",
                 "not_estimable"});
  each_set(results, [&](const Cells& key, const SetAnalysis& set) {
    for (const ModelEstimate& m : set.models) csv.row(model_row(key, m, set));
  });
  return csv.text();
}

std::string comparisons_csv(const EvaluationResults& results) {
  CsvWriter csv({"unit",
                 "subset",
                 "part",
                 "a",
                 "b",
                 "family",
                 "primary",
                 "n",
                 "difference",
                 "delong_se",
                 "delong_low",
                 "delong_high",
                 "delong_z",
                 "delong_p",
                 "delong_p_holm",
                 "clustered_se",
                 "clustered_low",
                 "clustered_high",
                 "clustered_z",
                 "clustered_p",
                 "clustered_p_holm",
                 "bootstrap_low",
                 "bootstrap_high",
                 "not_estimable"});
  each_set(results, [&](const Cells& key, const SetAnalysis& set) {
    for (const Comparison& c : set.comparisons) csv.row(comparison_row(key, c, set));
  });
  return csv.text();
}

std::string roc_csv(std::span<const NamedSet> sets) {
  CsvWriter csv({"model", "unit", "subset", "threshold", "fpr", "tpr", "tpr_low", "tpr_high"});
  for (const NamedSet& named : sets) {
    const EvaluationSet& set = named.set;
    if (!set.labels.two_classes()) continue;
    const std::string unit(name_of(set.unit));
    for (const ModelScores& model : set.models) {
      const ThresholdCurve curve = threshold_curve(rank_scores(model.score), model.score, set.labels);
      for (const RocPoint& p : roc_points(curve)) {
        csv.row({model.name, unit, named.subset, format_number(p.threshold), format_number(p.fpr),
                 format_number(p.tpr), format_number(p.tpr_ci.low), format_number(p.tpr_ci.high)});
      }
    }
  }
  return csv.text();
}

}  // namespace tagconf::stats
