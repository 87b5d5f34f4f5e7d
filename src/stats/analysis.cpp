#include "tagconf/stats/analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/stats/covariance.hpp"

namespace tagconf::stats {
namespace {

// Everything about a set that several results share, computed once.
class Prepared {
 public:
  explicit Prepared(const EvaluationSet& set) : set_(set), labels_(set.labels) {
    if (!set.cluster.empty()) clusters_ = cluster_rows(set.cluster, labels_);
    if (!labels_.two_classes()) return;
    for (const ModelScores& model : set.models) {
      rankings_.push_back(rank_scores(model.score));
      placements_.push_back(place(rankings_.back(), labels_));
      if (clusters_) sums_.push_back(sum_by_cluster(placements_.back(), labels_, *clusters_));
    }
  }

  [[nodiscard]] const EvaluationSet& set() const { return set_; }
  [[nodiscard]] const Labels& labels() const { return labels_; }
  [[nodiscard]] bool two_classes() const { return labels_.two_classes(); }
  [[nodiscard]] const Clusters* clusters() const { return clusters_ ? &*clusters_ : nullptr; }
  [[nodiscard]] const std::vector<Ranking>& rankings() const { return rankings_; }
  [[nodiscard]] double auc_of(std::size_t model) const { return auc(placements_[model], labels_); }
  [[nodiscard]] double difference(std::size_t a, std::size_t b) const {
    return difference_of_auc(placements_[a], placements_[b], labels_);
  }
  [[nodiscard]] Reason delong_reason() const {
    return two_classes() ? delong_obstacle(labels_) : Reason::one_class;
  }
  [[nodiscard]] Reason clustered_reason() const {
    return two_classes() ? clustered_obstacle(*clusters_) : Reason::one_class;
  }

  // Covariance of two contrasts of models; b = kNone for a model alone.
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  struct Of {
    std::size_t a;
    std::size_t b = kNone;
  };
  [[nodiscard]] double delong(Of x, Of y) const {
    return delong_covariance(contrast(placements_, x), contrast(placements_, y), labels_);
  }
  [[nodiscard]] double clustered(Of x, Of y) const {
    return clustered_covariance(contrast(sums_, x), contrast(sums_, y), labels_, *clusters_);
  }
  [[nodiscard]] double covariance(bool by_cluster, Of x, Of y) const {
    return by_cluster ? clustered(x, y) : delong(x, y);
  }

 private:
  template <class T>
  static Contrast<T> contrast(const std::vector<T>& of_model, Of of) {
    return {&of_model[of.a], of.b == kNone ? nullptr : &of_model[of.b]};
  }

  const EvaluationSet& set_;
  const Labels& labels_;
  std::optional<Clusters> clusters_;
  std::vector<Ranking> rankings_;
  std::vector<Placements> placements_;
  std::vector<ClusterSums> sums_;
};

AucInference infer_model(const Prepared& data, std::size_t model, bool by_cluster) {
  const Reason reason = by_cluster ? data.clustered_reason() : data.delong_reason();
  if (reason != Reason::none) {
    AucInference missing;
    missing.reason = reason;
    return missing;
  }
  return infer_auc(data.auc_of(model), data.covariance(by_cluster, {model}, {model}));
}

DifferenceInference infer_pair(const Prepared& data, const Pair& pair, bool by_cluster) {
  const Reason reason = by_cluster ? data.clustered_reason() : data.delong_reason();
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
  missing.reason = by_cluster ? data.clustered_reason() : data.delong_reason();
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

std::vector<NamedPoint> points_of(const ModelScores& model, const Labels& labels, const ThresholdCurve& curve,
                                  const AnalysisPlan& plan) {
  std::vector<NamedPoint> points;
  if (model.probability.empty()) {
    points.push_back(
        {"logit>=0", ScoreKind::logit, false, false, operating_point(model.score, labels, 0.0), {}});
  } else {
    points.push_back({"probability>=0.5",
                      ScoreKind::probability,
                      false,
                      false,
                      operating_point(model.probability, labels, 0.5),
                      {}});
  }
  const Youden best = youden(curve);
  points.push_back({"youden", model.kind, false, true, best.point, best.j});
  auto chosen = plan.valid_thresholds.find(model.name);
  if (chosen == plan.valid_thresholds.end()) chosen = plan.valid_thresholds.find(model.train_arm);
  if (chosen != plan.valid_thresholds.end()) {
    const OperatingPoint point = operating_point(model.score, labels, chosen->second);
    points.push_back({"youden", model.kind, true, false, point, point.sensitivity + point.specificity - 1.0});
  }
  return points;
}

ModelEstimate estimate(const Prepared& data, std::size_t index, const AnalysisPlan& plan) {
  const ModelScores& model = data.set().models[index];
  ModelEstimate out;
  out.name = model.name;
  out.train_arm = model.train_arm;
  out.test_arm = model.test_arm;
  out.score = model.kind;
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
  BootstrapPlan bootstrap;
  bootstrap.replicates = plan.replicates;
  bootstrap.seed = plan.seed;
  bootstrap.threads = plan.threads;
  bootstrap.resampling = plan.resampling.value_or(
      data.clusters() != nullptr ? Resampling::cluster : Resampling::observation_stratified);
  if (bootstrap.resampling == Resampling::cluster && data.clusters() == nullptr)
    throw_input("a bootstrap over clusters needs a cluster column", "name one with --cluster");
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

void spread(SeedSpread& out) {
  if (out.values.size() < 2) {
    out.reason = Reason::fewer_than_two_seeds;
    return;
  }
  double sum = 0.0;
  out.low = out.high = out.values.front().second;
  for (const auto& [seed, value] : out.values) {
    sum += value;
    out.low = std::min(*out.low, value);
    out.high = std::max(*out.high, value);
  }
  out.mean = sum / static_cast<double>(out.values.size());
  double squares = 0.0;
  for (const auto& [seed, value] : out.values) squares += (value - *out.mean) * (value - *out.mean);
  out.sd = std::sqrt(squares / static_cast<double>(out.values.size() - 1));
}

std::vector<SeedSpread> analyse_seeds(const EvaluationSet& set, const std::vector<Comparison>& comparisons) {
  std::vector<SeedSpread> out;
  if (set.seeds.empty() || !set.labels.two_classes()) return out;
  std::vector<std::map<std::uint64_t, double>> of_model(set.models.size());
  for (const SeedScores& s : set.seeds)
    of_model[s.model][s.seed] = auc(place(rank_scores(s.scores.score), set.labels), set.labels);
  for (std::size_t model = 0; model < of_model.size(); ++model) {
    if (of_model[model].empty()) continue;
    SeedSpread& entry = out.emplace_back();
    entry.a = model;
    entry.values.assign(of_model[model].begin(), of_model[model].end());
    spread(entry);
  }
  for (const Comparison& c : comparisons) {
    SeedSpread entry;
    entry.a = c.pair.a;
    entry.b = c.pair.b;
    for (const auto& [seed, value] : of_model[c.pair.a]) {
      const auto other = of_model[c.pair.b].find(seed);
      if (other != of_model[c.pair.b].end()) entry.values.emplace_back(seed, value - other->second);
    }
    if (entry.values.empty()) continue;
    spread(entry);
    out.push_back(std::move(entry));
  }
  return out;
}

std::vector<PartAnalysis> analyse_parts(const EvaluationSet& set, const AnalysisPlan& plan) {
  std::map<std::string, std::vector<std::size_t>> rows_of;
  for (std::size_t row = 0; row < set.body_part.size(); ++row) {
    if (!set.body_part[row].empty()) rows_of[set.body_part[row]].push_back(row);
  }
  AnalysisPlan simple;
  simple.reference = plan.reference;
  simple.replicates = 0;
  simple.by_body_part = false;
  std::vector<PartAnalysis> parts;
  for (const auto& [part, rows] : rows_of) {
    EvaluationSet subset = select_rows(set, rows);
    subset.seeds.clear();
    PartAnalysis& entry = parts.emplace_back(PartAnalysis{part, analyse(subset, simple)});
    for (ModelEstimate& model : entry.analysis.models) model.operating_points.clear();
  }
  return parts;
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
    const auto own = index_of(models[cell].train_arm);
    if (models[cell].diagonal() || own == models.end()) continue;
    pairs.push_back({cell, static_cast<std::size_t>(own - models.begin()), Family::matrix, false});
  }
  return pairs;
}

SetAnalysis analyse(const EvaluationSet& set, const AnalysisPlan& plan) {
  const Prepared data(set);
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
  adjust(out.comparisons, Family::arms);
  adjust(out.comparisons, Family::matrix);
  out.global = test_all(data, false);
  if (data.clusters() != nullptr) out.global_clustered = test_all(data, true);
  add_bootstrap(data, plan, out);
  if (plan.by_body_part) out.parts = analyse_parts(set, plan);
  out.seeds = analyse_seeds(set, out.comparisons);
  return out;
}

std::map<std::string, double> youden_thresholds(const EvaluationSet& set) {
  std::map<std::string, double> thresholds;
  if (!set.labels.two_classes()) return thresholds;
  for (const ModelScores& model : set.models) {
    const Ranking ranking = rank_scores(model.score);
    thresholds[model.name] = youden(threshold_curve(ranking, model.score, set.labels)).point.threshold;
  }
  return thresholds;
}

}  // namespace tagconf::stats
