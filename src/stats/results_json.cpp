#include <fmt/format.h>

#include "tagconf/stats/equivalence.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stats {
namespace {

Json number(const std::optional<double>& value) {
  return value ? finite_or_null(*value) : Json(nullptr);
}

Json interval(const std::optional<Interval>& ci) {
  return ci ? Json::array({finite_or_null(ci->low), finite_or_null(ci->high)}) : Json(nullptr);
}

std::string text(Reason reason) {
  return std::string(name_of(reason));
}

// Collects what is missing and why.
class Missing {
 public:
  void add(const std::string& what, Reason reason) {
    if (reason != Reason::none) reasons_[what] = text(reason);
  }
  // Whole object missing, or only the interval of a known variance.
  void add(const std::string& what, const AucInference& inference) {
    add(inference.variance ? what + ".ci" : what, inference.reason);
  }
  void write(Json& into) const {
    if (!reasons_.empty()) into["not_estimable"] = reasons_;
  }

 private:
  Json reasons_ = Json::object();
};

Json auc_inference(const AucInference& inference) {
  return {{"se", number(inference.se)},
          {"var", number(inference.variance)},
          {"ci", interval(inference.wald)},
          {"ci_clipped", interval(inference.clipped)},
          {"ci_logit", interval(inference.logit)}};
}

// "< 1e-300" where the number is smaller than that, as its digits would mislead.
Json p_or_bound(const std::optional<double>& p) {
  return p ? Json(p_text(*p)) : Json(nullptr);
}

Json difference_inference(const DifferenceInference& inference) {
  return {{"se", number(inference.se)},
          {"z", number(inference.z)},
          {"p", number(inference.p)},
          {"p_text", p_or_bound(inference.p)},
          {"ci", interval(inference.ci)},
          {"var", number(inference.variance)},
          {"cov", number(inference.covariance)},
          {"corr", number(inference.correlation)}};
}

// With a margin every test also says whether a is not worse than b, and whether they are equivalent.
Json difference_inference(const DifferenceInference& inference, const std::optional<double>& difference,
                          const std::optional<double>& margin) {
  Json out = difference_inference(inference);
  if (!margin) return out;
  const MarginTests tests = test_margin(difference, inference, *margin);
  const auto yes_or_no = [](const std::optional<bool>& answer) {
    return answer ? Json(*answer) : Json(nullptr);
  };
  out["margin"] = {{"margin", tests.margin},
                   {"alpha", tests.alpha},
                   {"ci", interval(tests.ci)},
                   {"p_non_inferiority", number(tests.p_non_inferiority)},
                   {"non_inferior", yes_or_no(tests.non_inferior)},
                   {"p_equivalence", number(tests.p_equivalence)},
                   {"equivalent", yes_or_no(tests.equivalent)}};
  return out;
}

Json bootstrap(const BootstrapEstimate& estimate) {
  const auto& summary = estimate.summary;
  return {{"ci", summary ? interval(summary->ci) : Json(nullptr)},
          {"se", summary ? finite_or_null(summary->se) : Json(nullptr)},
          {"replicates", summary ? summary->replicates : 0},
          {"discarded", estimate.discarded},
          {"resampling", std::string(name_of(estimate.resampling))}};
}

void bootstrap(const std::optional<BootstrapEstimate>& estimate, Json& into, Missing& missing) {
  if (!estimate) return;
  into["bootstrap"] = bootstrap(*estimate);
  if (!estimate->summary) missing.add("bootstrap", Reason::no_usable_replicates);
}

Json operating_point(const NamedPoint& named) {
  Json out{{"rule", named.rule},
           {"score", named.score},
           {"chosen_on", named.chosen_on == ChosenOn::nothing ? Json(nullptr)
                                                              : Json(std::string(name_of(named.chosen_on)))},
           {"optimistic", named.optimistic}};
  for (const char* key : {"threshold", "tp", "fp", "tn", "fn", "sensitivity", "specificity", "sensitivity_ci",
                          "specificity_ci", "j"})
    out[key] = nullptr;
  if (!named.point) {
    out["not_estimable"] = {{"threshold", text(named.reason)}};
    return out;
  }
  const OperatingPoint& point = *named.point;
  out["threshold"] = finite_or_null(point.threshold);
  out["tp"] = point.true_positives;
  out["fp"] = point.false_positives;
  out["tn"] = point.true_negatives;
  out["fn"] = point.false_negatives;
  out["sensitivity"] = point.sensitivity;
  out["specificity"] = point.specificity;
  out["sensitivity_ci"] = interval(point.sensitivity_ci);
  out["specificity_ci"] = interval(point.specificity_ci);
  out["j"] = point.sensitivity + point.specificity - 1.0;
  return out;
}

void calibration(const ModelEstimate& model, Json& into, Missing& missing) {
  const auto& c = model.calibration;
  into["brier"] = c ? Json(c->brier) : Json(nullptr);
  into["ece"] = c ? Json(c->ece) : Json(nullptr);
  into["mce"] = c ? Json(c->mce) : Json(nullptr);
  if (!c) missing.add("calibration", Reason::scores_not_probabilities);
}

Json clustered(const ModelEstimate& model, const ClusterCounts& counts) {
  Json out = auc_inference(*model.clustered);
  out["design_effect"] = number(model.design_effect);
  out["clusters"] = counts.clusters;
  out["clusters_with_positives"] = counts.with_positives;
  out["clusters_with_negatives"] = counts.with_negatives;
  out["clusters_with_both"] = counts.with_both;
  out["largest_cluster"] = counts.largest;
  return out;
}

Json model_json(const ModelEstimate& model, const SetAnalysis& set) {
  Missing missing;
  Json out{{"name", model.name},
           {"train_arm", model.train_arm},
           {"test_arm", model.test_arm},
           {"seed", nullptr},
           {"score", model.score},
           {"n", set.n},
           {"n_pos", set.positives},
           {"state", model.auc ? "estimable" : "not_estimable"},
           {"auc", number(model.auc)},
           {"delong", auc_inference(model.delong)},
           {"hanley_mcneil", {{"se", number(model.hanley_mcneil_se)}}},
           {"average_precision", number(model.average_precision)}};
  if (!model.auc) missing.add("auc", Reason::one_class);
  missing.add("delong", model.delong);
  if (model.clustered && set.clusters) {
    out["clusters"] = set.clusters->clusters;
    out["clustered"] = clustered(model, *set.clusters);
    missing.add("clustered", *model.clustered);
    if (!model.clustered->variance && model.delong.variance) {
      out["warnings"] =
          Json::array({"the unclustered interval treats rows of one cluster as independent, and no clustered "
                       "interval can be "
                       "estimated to check it"});
    }
  }
  bootstrap(model.bootstrap, out, missing);
  calibration(model, out, missing);
  out["operating_points"] = Json::array();
  for (const NamedPoint& point : model.operating_points)
    out["operating_points"].push_back(operating_point(point));
  missing.write(out);
  return out;
}

Json comparison_json(const Comparison& c, const SetAnalysis& set, const std::optional<double>& margin) {
  Missing missing;
  const bool estimable = c.delong.p || (c.clustered && c.clustered->p);
  Json out{{"a", set.models[c.pair.a].name},
           {"b", set.models[c.pair.b].name},
           {"family", std::string(name_of(c.pair.family))},
           {"primary", c.pair.primary},
           {"difference", number(c.difference)},
           {"state", estimable ? "estimable" : "not_estimable"},
           {"delong", difference_inference(c.delong, c.difference, margin)},
           {"p_holm", number(c.p_holm)}};
  if (!c.difference) missing.add("difference", Reason::one_class);
  missing.add("delong", c.delong.reason);
  if (c.clustered) {
    out["clustered"] = difference_inference(*c.clustered, c.difference, margin);
    out["p_holm_clustered"] = number(c.p_holm_clustered);
    missing.add("clustered", c.clustered->reason);
  }
  bootstrap(c.bootstrap, out, missing);
  missing.write(out);
  return out;
}

Json global_json(const GlobalTest& test, const char* name = "global") {
  Json out{
      {"chi2", number(test.chi2)}, {"df", test.df}, {"p", number(test.p)}, {"p_text", p_or_bound(test.p)}};
  if (test.reason != Reason::none) out["not_estimable"] = {{name, text(test.reason)}};
  return out;
}

Json heterogeneity_test(const HeterogeneityTest& found) {
  Json out = global_json(found.test, "heterogeneity");
  out["parts"] = found.parts;
  out["left_out"] = Json::array();
  for (const auto& [part, reason] : found.left_out)
    out["left_out"].push_back({{"part", part}, {"reason", text(reason)}});
  return out;
}

Json heterogeneity_json(const Heterogeneity& entry, const SetAnalysis& set) {
  Json out = heterogeneity_test(entry.delong);
  if (entry.clustered) out["clustered"] = heterogeneity_test(*entry.clustered);
  if (entry.b) {
    out["a"] = set.models[entry.a].name;
    out["b"] = set.models[*entry.b].name;
  } else {
    out["model"] = set.models[entry.a].name;
  }
  return out;
}

Json seeds_json(const SeedSpread& spread, const SetAnalysis& set) {
  Json out;
  const char* quantity = spread.b ? "difference" : "auc";
  if (spread.b) {
    out["a"] = set.models[spread.a].name;
    out["b"] = set.models[*spread.b].name;
  } else {
    out["model"] = set.models[spread.a].name;
  }
  out["values"] = Json::array();
  for (const auto& [seed, value] : spread.values)
    out["values"].push_back({{"seed", seed}, {quantity, value}});
  out["mean"] = number(spread.mean);
  out["sd"] = number(spread.sd);
  out["low"] = number(spread.low);
  out["high"] = number(spread.high);
  Missing missing;
  missing.add("spread", spread.reason);
  if (spread.two_way) {
    out["two_way"] = bootstrap(*spread.two_way);
    if (!spread.two_way->summary) missing.add("two_way", Reason::no_usable_replicates);
  } else if (spread.reason != Reason::none) {
    out["two_way"] = nullptr;
    missing.add("two_way", spread.reason);
  }
  missing.write(out);
  return out;
}

Json set_json(const SetAnalysis& set, const std::optional<double>& margin) {
  Json out{{"n", set.n}, {"n_pos", set.positives}};
  if (set.clusters) out["clusters"] = set.clusters->clusters;
  out["models"] = Json::array();
  for (const ModelEstimate& model : set.models) out["models"].push_back(model_json(model, set));
  out["comparisons"] = Json::array();
  for (const Comparison& c : set.comparisons) out["comparisons"].push_back(comparison_json(c, set, margin));
  out["global"] = global_json(set.global);
  if (set.global_clustered) out["global"]["clustered"] = global_json(*set.global_clustered);
  return out;
}

}  // namespace

Json results_json(const EvaluationResults& results) {
  Json out{{"schema", "tagconf.evaluate/1"},
           {"split", results.split ? Json(*results.split) : Json(nullptr)},
           {"optimistic", results.optimistic},
           {"cluster",
            results.cluster == ClusterBy::none ? Json(nullptr) : Json(std::string(name_of(results.cluster)))},
           {"aggregation", std::string(name_of(results.aggregation))},
           {"by", results.by.empty() ? Json(nullptr) : Json(results.by)},
           {"bootstrap_seed", results.bootstrap_seed},
           {"units", Json::array()}};
  for (const SubsetResult& subset : results.units) {
    Json unit = set_json(subset.analysis, results.margin);
    unit["unit"] = std::string(name_of(subset.analysis.unit));
    unit["subset"] = subset.subset;
    if (subset.tagged) unit["n_tagged"] = *subset.tagged;
    if (subset.untagged) unit["n_untagged"] = *subset.untagged;
    unit["by_body_part"] = Json::array();
    for (const PartAnalysis& part : subset.analysis.parts) {
      Json entry = set_json(part.analysis, results.margin);
      entry["body_part"] = part.part;
      unit["by_body_part"].push_back(std::move(entry));
    }
    unit["heterogeneity"] = Json::array();
    for (const Heterogeneity& entry : subset.analysis.heterogeneity)
      unit["heterogeneity"].push_back(heterogeneity_json(entry, subset.analysis));
    unit["seeds"] = Json::array();
    for (const SeedSpread& spread : subset.analysis.seeds)
      unit["seeds"].push_back(seeds_json(spread, subset.analysis));
    if (subset.analysis.seeds.empty()) unit["not_estimable"] = {{"seeds", text(Reason::one_seed)}};
    out["units"].push_back(std::move(unit));
  }
  return out;
}

}  // namespace tagconf::stats
