// A set with what several results need, computed once: clusters, rankings, placements, sums by cluster.
#pragma once

#include <optional>
#include <vector>

#include "tagconf/stats/analysis.hpp"
#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::stats {

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
  // What each cluster adds (cluster_influence).
  [[nodiscard]] std::vector<double> influence(Of x) const {
    return cluster_influence(contrast(sums_, x), labels_, *clusters_);
  }
  // What stands in the way of every variance.
  [[nodiscard]] Reason obstacle(bool by_cluster) const {
    return by_cluster ? clustered_reason() : delong_reason();
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

// As analyse, of a set that is prepared.
[[nodiscard]] SetAnalysis analyse_prepared(const Prepared& data, const AnalysisPlan& plan);
// Fills parts and heterogeneity.
void analyse_parts(const Prepared& whole, const AnalysisPlan& plan, SetAnalysis& out);
[[nodiscard]] std::vector<SeedSpread> analyse_seeds(const Prepared& data, const AnalysisPlan& plan,
                                                    const std::vector<Comparison>& comparisons);
// The bootstrap's settings; error input when it draws clusters that the set has not.
[[nodiscard]] BootstrapPlan bootstrap_plan(const Prepared& data, const AnalysisPlan& plan);

}  // namespace tagconf::stats
