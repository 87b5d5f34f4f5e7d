#include "tagconf/stats/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "prepared.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::stats {
namespace {

AucInference infer_model(const Prepared& data, std::size_t model, bool by_cluster) {
  const Reason reason = data.obstacle(by_cluster);
  if (reason != Reason::none) {
    AucInference missing;
    missing.reason = reason;
    return missing;
  }
  return infer_auc(data.auc_of(model), data.covariance(by_cluster, {model}, {model}));
}

DifferenceInference infer_pair(const Prepared& data, const Pair& pair, bool by_cluster) {
  const Reason reason = data.obstacle(by_cluster);
  if (reason != Reason::none) {
    DifferenceInference missing;
    missing.reason = reason;
    return missing;
  }
  const auto cov = [&](Prepared::Of x, Prepared::Of y) { return data.covariance(by_cluster, x, y); };
  return infer_difference(data.difference(pair.a, pair.b), cov({pair.a, pair.b}, {pair.a, pair.b}),
                          cov({pair.a}, {pair.a}), cov({pair.b}, {pair.b}), cov({pair.a}, {pair.b}));
}

GlobalTest test_all(const Prepared& data, bool by_cluster) {
  std::vector<std::size_t> diagonal;
  for (std::size_t i = 0; i < data.set().models.size(); ++i) {
    if (data.set().models[i].diagonal()) diagonal.push_back(i);
  }
  GlobalTest missing;
  missing.df = diagonal.empty() ? 0 : diagonal.size() - 1;
  missing.reason = data.obstacle(by_cluster);
  if (missing.reason != Reason::none) return missing;
  std::vector<double> contrasts;
  std::vector<double> matrix;
  for (std::size_t i = 1; i < diagonal.size(); ++i) {
    contrasts.push_back(data.difference(diagonal[0], diagonal[i]));
    for (std::size_t j = 1; j < diagonal.size(); ++j) {
      matrix.push_back(data.covariance(by_cluster, {diagonal[0], diagonal[i]}, {diagonal[0], diagonal[j]}));
    }
  }
  return global_test(contrasts, matrix);
}

NamedPoint point_of(const ModelScores& model, const Labels& labels, const ChosenThreshold& chosen,
                    ChosenOn on, bool optimistic) {
  NamedPoint out{chosen.rule, model.score_name, on, optimistic, std::nullopt, chosen.reason};
  if (chosen.threshold) out.point = operating_point(model.score, labels, *chosen.threshold);
  return out;
}

std::vector<NamedPoint> points_of(const ModelScores& model, const Labels& labels, const ThresholdCurve& curve,
                                  const AnalysisPlan& plan) {
  std::vector<NamedPoint> points;
  const auto fixed = [&](const char* rule, const char* score, const std::vector<double>& scores,
                         double threshold) {
    points.push_back({rule, score, ChosenOn::nothing, false, operating_point(scores, labels, threshold), {}});
  };
  if (!model.probability.empty()) {
    fixed("probability>=0.5", "probability", model.probability, 0.5);
  } else if (model.kind == ScoreKind::logit) {
    fixed("logit>=0", "logit", model.score, 0.0);
  }
  for (const ChosenThreshold& chosen : choose_thresholds(curve, plan.rules))
    points.push_back(point_of(model, labels, chosen, ChosenOn::test, true));
  auto valid = plan.valid_thresholds.find(model.name);
  if (valid == plan.valid_thresholds.end()) valid = plan.valid_thresholds.find(model.train_arm);
  if (valid == plan.valid_thresholds.end()) return points;
  for (const ChosenThreshold& chosen : valid->second)
    points.push_back(point_of(model, labels, chosen, ChosenOn::valid, plan.valid_is_test));
  return points;
}

ModelEstimate estimate(const Prepared& data, std::size_t index, const AnalysisPlan& plan) {
  const ModelScores& model = data.set().models[index];
  ModelEstimate out;
  out.name = model.name;
  out.train_arm = model.train_arm;
  out.test_arm = model.test_arm;
  out.score = model.score_name;
  out.delong = infer_model(data, index, false);
  if (data.clusters() != nullptr) out.clustered = infer_model(data, index, true);
  if (!model.probability.empty() && data.labels().size() > 0)
    out.calibration = calibrate(model.probability, data.labels());
  if (!data.two_classes()) return out;
  out.auc = data.auc_of(index);
  if (out.clustered && out.clustered->variance && out.delong.variance.value_or(0.0) > 0.0)
    out.design_effect = *out.clustered->variance / *out.delong.variance;
  out.hanley_mcneil_se = hanley_mcneil_se(*out.auc, static_cast<double>(data.labels().positives()),
                                          static_cast<double>(data.labels().negatives()));
  const ThresholdCurve curve = threshold_curve(data.rankings()[index], model.score, data.labels());
  out.average_precision = average_precision(curve);
  out.operating_points = points_of(model, data.labels(), curve, plan);
  return out;
}

void add_bootstrap(const Prepared& data, const AnalysisPlan& plan, SetAnalysis& out) {
  if (plan.replicates == 0 || !data.two_classes()) return;
  const BootstrapPlan bootstrap = bootstrap_plan(data, plan);
  const BootstrapDraws draws = bootstrap_auc(data.rankings(), data.labels(), data.clusters(), bootstrap);
  for (std::size_t i = 0; i < out.models.size(); ++i)
    out.models[i].bootstrap = {summarise(draws.auc[i]), draws.discarded, bootstrap.resampling};
  for (Comparison& c : out.comparisons)
    c.bootstrap = {summarise_difference(draws, c.pair.a, c.pair.b), draws.discarded, bootstrap.resampling};
}

void adjust(std::vector<Comparison>& comparisons, Family family) {
  std::vector<std::optional<double>> p;
  std::vector<std::optional<double>> p_clustered;
  std::vector<Comparison*> members;
  for (Comparison& c : comparisons) {
    if (c.pair.family != family) continue;
    members.push_back(&c);
    p.push_back(c.delong.p);
    p_clustered.push_back(c.clustered ? c.clustered->p : std::nullopt);
  }
  const auto adjusted = holm(p);
  const auto adjusted_clustered = holm(p_clustered);
  for (std::size_t i = 0; i < members.size(); ++i) {
    members[i]->p_holm = adjusted[i];
    members[i]->p_holm_clustered = adjusted_clustered[i];
  }
}

}  // namespace

std::vector<Pair> plan_pairs(const std::vector<ModelScores>& models, const std::string& reference) {
  const auto index_of = [&](const std::string& name) {
    return std::find_if(models.begin(), models.end(), [&](const ModelScores& m) { return m.name == name; });
  };
  if (!reference.empty() && index_of(reference) == models.end()) {
    std::vector<std::string> names;
    for (const ModelScores& m : models) names.push_back(m.name);
    throw_config(fmt::format("reference: no model is named '{}'", reference),
                 fmt::format("the models are: {}", fmt::join(names, ", ")));
  }
  std::vector<Pair> pairs;
  for (std::size_t b = 0; b < models.size(); ++b) {
    for (std::size_t a = b + 1; a < models.size(); ++a) {
      if (!models[a].diagonal() || !models[b].diagonal()) continue;
      Pair pair{a, b, Family::arms, false};
      const std::set<std::string> names{models[a].name, models[b].name};
      pair.primary = names == std::set<std::string>{"covered", "original"};
      const bool turned = pair.primary && models[a].name == "original";
      if (models[a].name == reference || (turned && models[b].name != reference)) std::swap(pair.a, pair.b);
      pairs.push_back(pair);
    }
  }
  for (std::size_t cell = 0; cell < models.size(); ++cell) {
    if (models[cell].diagonal()) continue;
    const auto against = [&](const std::string& arm, Family family) {
      const auto diagonal = index_of(arm);
      if (diagonal != models.end())
        pairs.push_back({cell, static_cast<std::size_t>(diagonal - models.begin()), family, false});
    };
    against(models[cell].train_arm, Family::matrix);
    against(models[cell].test_arm, Family::matrix_test_arm);
  }
  return pairs;
}

BootstrapPlan bootstrap_plan(const Prepared& data, const AnalysisPlan& plan) {
  BootstrapPlan out;
  out.replicates = plan.replicates;
  out.seed = plan.seed;
  out.threads = plan.threads;
  out.resampling = plan.resampling.value_or(data.clusters() != nullptr ? Resampling::cluster
                                                                       : Resampling::observation_stratified);
  if (out.resampling == Resampling::cluster && data.clusters() == nullptr)
    throw_input("a bootstrap over clusters needs a cluster column", "name one with --cluster");
  return out;
}

SetAnalysis analyse(const EvaluationSet& set, const AnalysisPlan& plan) {
  return analyse_prepared(Prepared(set), plan);
}

SetAnalysis analyse_prepared(const Prepared& data, const AnalysisPlan& plan) {
  const EvaluationSet& set = data.set();
  SetAnalysis out;
  out.unit = set.unit;
  out.n = set.labels.size();
  out.positives = set.labels.positives();
  if (const Clusters* c = data.clusters())
    out.clusters = ClusterCounts{c->count(), c->with_positives, c->with_negatives, c->with_both, c->largest};
  for (std::size_t model = 0; model < set.models.size(); ++model)
    out.models.push_back(estimate(data, model, plan));
  for (const Pair& pair : plan_pairs(set.models, plan.reference)) {
    Comparison& c = out.comparisons.emplace_back();
    c.pair = pair;
    c.delong = infer_pair(data, pair, false);
    if (data.clusters() != nullptr) c.clustered = infer_pair(data, pair, true);
    if (data.two_classes()) c.difference = data.difference(pair.a, pair.b);
  }
  for (const Family family : {Family::arms, Family::matrix, Family::matrix_test_arm})
    adjust(out.comparisons, family);
  out.global = test_all(data, false);
  if (data.clusters() != nullptr) out.global_clustered = test_all(data, true);
  add_bootstrap(data, plan, out);
  if (plan.by_part) analyse_parts(data, plan, out);
  out.seeds = analyse_seeds(data, plan, out.comparisons);
  return out;
}

std::map<std::string, std::vector<ChosenThreshold>> thresholds_of(const EvaluationSet& set,
                                                                  const ThresholdRules& rules) {
  std::map<std::string, std::vector<ChosenThreshold>> thresholds;
  for (const ModelScores& model : set.models) {
    thresholds[model.name] =
        set.labels.two_classes()
            ? choose_thresholds(threshold_curve(rank_scores(model.score), model.score, set.labels), rules)
            : no_thresholds(rules, Reason::one_class);
  }
  return thresholds;
}

}  // namespace tagconf::stats
