// Pairs of models, the global test, clusters, and the bootstrap.
#include <algorithm>
#include <cmath>
#include <functional>

#include "catch.hpp"
#include "oracle_case.hpp"
#include "tagconf/stats/bootstrap.hpp"
#include "tagconf/stats/covariance.hpp"

namespace tagconf::test {
namespace {

using stats::Clusters;
using stats::ClusterSums;
using stats::Contrast;
using stats::Placements;

// The covariance of two contrasts between models, in either of its two kinds.
using ModelPair = std::pair<std::string, std::string>;
using CovarianceOf = std::function<double(const ModelPair&, const ModelPair&)>;

CovarianceOf delong_of(const Level& level) {
  return [&level](const ModelPair& x, const ModelPair& y) {
    const auto contrast = [&](const ModelPair& pair) {
      return Contrast<Placements>{&level.placements.at(pair.first),
                                  pair.second.empty() ? nullptr : &level.placements.at(pair.second)};
    };
    return stats::delong_covariance(contrast(x), contrast(y), level.labels);
  };
}

void check_covariance(double found, double expected, double variance_a, double variance_b) {
  INFO("found " << found << " expected " << expected);
  const double zero = expected == 0.0 ? 1e-15 : 0.0;
  const double scale = std::max(std::abs(expected), std::sqrt(variance_a * variance_b));
  CHECK(std::abs(found - expected) <= std::max(zero, 1e-12 * scale));
}

void check_matrix(const Level& level, const Json& expected, const CovarianceOf& covariance) {
  for (std::size_t i = 0; i < level.models.size(); ++i) {
    for (std::size_t j = 0; j < level.models.size(); ++j) {
      check_covariance(covariance({level.models[i], ""}, {level.models[j], ""}),
                       expected.at(i).at(j).get<double>(), expected.at(i).at(i).get<double>(),
                       expected.at(j).at(j).get<double>());
    }
  }
}

void check_pairs(const Level& level, const Json& expected, const CovarianceOf& covariance) {
  std::vector<std::optional<double>> p;
  std::vector<double> z;
  for (const Json& e : expected) {
    const std::string a = e.at("a");
    const std::string b = e.at("b");
    INFO("pair " << a << " " << b);
    const double difference =
        stats::difference_of_auc(level.placements.at(a), level.placements.at(b), level.labels);
    check_number(difference, e.at("diff").get<double>(), level);
    if (!e.contains("var_diff")) continue;
    const double variance_a = covariance({a, ""}, {a, ""});
    const double variance_b = covariance({b, ""}, {b, ""});
    const auto found = stats::infer_difference(difference, covariance({a, b}, {a, b}), variance_a, variance_b,
                                               covariance({a, ""}, {b, ""}));
    check_covariance(*found.covariance, e.at("cov").get<double>(), variance_a, variance_b);
    check_optional(found.variance, e.at("var_diff"), level);
    check_optional(found.se, e.at("se_diff"), level);
    REQUIRE(found.correlation.has_value() == !e.at("corr").is_null());
    if (found.correlation) CHECK(std::abs(*found.correlation - e.at("corr").get<double>()) <= 1e-12);
    check_optional(found.z, e.at("z"), level);
    z.push_back(found.z.value_or(0.0));
    check_p(found.p, e.at("p_two_sided"), z.back() * z.back());
    check_interval(found.ci, e.at("ci95_diff"), level);
    CHECK((found.reason == stats::Reason::zero_variance_of_difference) == !found.p);
    p.push_back(found.p);
  }
  const auto adjusted = stats::holm(p);
  for (std::size_t i = 0; i < adjusted.size(); ++i) {
    if (expected.at(i).contains("p_holm")) check_p(adjusted[i], expected.at(i).at("p_holm"), z[i] * z[i]);
  }
}

void check_global(const Level& level, const Json& expected, const CovarianceOf& covariance) {
  const std::string& first = level.models.front();
  std::vector<double> contrasts;
  std::vector<double> matrix;
  for (std::size_t i = 1; i < level.models.size(); ++i) {
    contrasts.push_back(stats::difference_of_auc(level.placements.at(first),
                                                 level.placements.at(level.models[i]), level.labels));
    for (std::size_t j = 1; j < level.models.size(); ++j)
      matrix.push_back(covariance({first, level.models[i]}, {first, level.models[j]}));
  }
  const auto found = stats::global_test(contrasts, matrix);
  CHECK(found.df == expected.at("df").get<std::size_t>());
  check_optional(found.chi2, expected.at("chi2"), level);
  check_p(found.p, expected.at("p"), found.chi2.value_or(0.0));
  CHECK((found.reason == stats::Reason::singular_contrast_covariance) == expected.at("chi2").is_null());
}

void check_cluster_counts(const Clusters& clusters, const Json& expected) {
  CHECK(clusters.count() == expected.at("n_clusters").get<std::size_t>());
  CHECK(clusters.with_positives == expected.at("n_clusters_with_positives").get<std::size_t>());
  CHECK(clusters.with_negatives == expected.at("n_clusters_with_negatives").get<std::size_t>());
  CHECK(clusters.with_both == expected.at("n_clusters_with_both").get<std::size_t>());
  CHECK(clusters.largest == expected.at("max_cluster_size").get<std::size_t>());
}

void check_replicates(const std::optional<stats::BootstrapSummary>& found, const Json& expected) {
  REQUIRE(found);
  const Json& ci = expected.at("ci95_percentile");
  const Json& tolerance = expected.at("tol_endpoint_b2000");
  CHECK(std::abs(found->ci.low - ci.at(0).get<double>()) <= tolerance.at(0).get<double>());
  CHECK(std::abs(found->ci.high - ci.at(1).get<double>()) <= tolerance.at(1).get<double>());
  CHECK(std::abs(found->se - expected.at("se").get<double>()) <= expected.at("tol_se_b2000").get<double>());
}

}  // namespace

void check_delong_pairs(const Level& level, const Json& expected) {
  if (expected.at("delong_cov").is_null()) {
    CHECK(stats::delong_obstacle(level.labels) != stats::Reason::none);
    CHECK(name_of(stats::delong_obstacle(level.labels)) ==
          expected.at("not_estimable").at("delong").get<std::string>());
    return;
  }
  const CovarianceOf covariance = delong_of(level);
  check_matrix(level, expected.at("delong_cov"), covariance);
  if (expected.contains("delong_pairs")) check_pairs(level, expected.at("delong_pairs"), covariance);
  if (expected.contains("delong_global")) check_global(level, expected.at("delong_global"), covariance);
}

void check_clustered(const Level& level, const Json& expected) {
  if (!expected.contains("clustered")) return;
  for (const auto& [column, e] : expected.at("clustered").items()) {
    INFO("clustered by " << column);
    const Clusters clusters = stats::cluster_rows(level.ids.at(column), level.labels);
    check_cluster_counts(clusters, e);
    const stats::Reason obstacle = stats::clustered_obstacle(clusters);
    REQUIRE((obstacle == stats::Reason::none) == e.contains("models"));
    if (obstacle != stats::Reason::none) {
      CHECK(name_of(obstacle) == expected.at("not_estimable").at("clustered." + column).get<std::string>());
      continue;
    }
    std::map<std::string, ClusterSums> sums;
    for (const auto& model : level.models)
      sums[model] = stats::sum_by_cluster(level.placements.at(model), level.labels, clusters);
    const CovarianceOf covariance = [&](const ModelPair& x, const ModelPair& y) {
      const auto contrast = [&](const ModelPair& pair) {
        return Contrast<ClusterSums>{&sums.at(pair.first),
                                     pair.second.empty() ? nullptr : &sums.at(pair.second)};
      };
      return stats::clustered_covariance(contrast(x), contrast(y), level.labels, clusters);
    };
    for (const auto& [model, m] : e.at("models").items()) {
      INFO("model " << model);
      const double variance = covariance({model, ""}, {model, ""});
      const auto found = stats::infer_auc(stats::auc(level.placements.at(model), level.labels), variance);
      check_optional(found.variance, m.at("var"), level);
      check_optional(found.se, m.at("se"), level);
      check_interval(found.wald, m.at("ci95_wald"), level);
      check_interval(found.clipped, m.at("ci95_wald_clipped"), level);
      check_interval(found.logit, m.at("ci95_logit"), level);
      const Json& effect = e.at("design_effect").at(model);
      if (!effect.is_null())
        check_number(variance / delong_of(level)({model, ""}, {model, ""}), effect.get<double>(), level);
    }
    check_matrix(level, e.at("cov"), covariance);
    check_pairs(level, e.at("pairs"), covariance);
    if (e.contains("global")) check_global(level, e.at("global"), covariance);
  }
}

void check_bootstrap(const Level& level, const Json& expected) {
  if (!expected.contains("bootstrap")) return;
  std::vector<stats::Ranking> rankings;
  for (const auto& model : level.models) rankings.push_back(level.rankings.at(model));
  const auto index = [&](const std::string& model) {
    return static_cast<std::size_t>(std::find(level.models.begin(), level.models.end(), model) -
                                    level.models.begin());
  };
  for (const auto& [kind, e] : expected.at("bootstrap").items()) {
    INFO("bootstrap " << kind);
    stats::BootstrapPlan plan;
    plan.seed = 20220119;
    plan.resampling = kind == "observation"              ? stats::Resampling::observation
                      : kind == "observation_stratified" ? stats::Resampling::observation_stratified
                                                         : stats::Resampling::cluster;
    std::optional<Clusters> clusters;
    if (plan.resampling == stats::Resampling::cluster)
      clusters = stats::cluster_rows(level.ids.at(kind.substr(std::string("cluster_").size())), level.labels);
    const auto draws = stats::bootstrap_auc(rankings, level.labels, clusters ? &*clusters : nullptr, plan);
    // The share of one-class draws: a binomial proportion, 6 standard errors.
    const double share =
        e.at("replicates_discarded_one_class").get<double>() / e.at("replicates").get<double>();
    CHECK(std::abs(static_cast<double>(draws.discarded) / 2000.0 - share) <=
          6.0 * std::sqrt(std::max(share, 1e-4) * (1.0 - share) *
                          (1.0 / 2000.0 + 1.0 / e.at("replicates").get<double>())));
    for (const auto& [model, m] : e.at("models").items()) {
      INFO("model " << model);
      check_replicates(stats::summarise(draws.auc[index(model)]), m);
    }
    for (const Json& pair : e.at("pairs")) {
      INFO("pair " << pair.at("a") << " " << pair.at("b"));
      check_replicates(stats::summarise_difference(draws, index(pair.at("a")), index(pair.at("b"))), pair);
    }
  }
}

}  // namespace tagconf::test
