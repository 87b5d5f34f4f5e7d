// Percentile bootstrap of AUCs and their differences. All models share the draws. A replicate's draw is a
// function of (seed, kind, replicate) alone: any number of threads gives the same bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::stats {

// observation: n rows with replacement. observation_stratified: m positives and n negatives. cluster: as many
// whole clusters as there are.
enum class Resampling { observation, observation_stratified, cluster };

struct BootstrapPlan {
  Resampling resampling = Resampling::observation;
  std::size_t replicates = 2000;
  std::uint64_t seed = 0;
  int threads = 0;
};

struct BootstrapDraws {
  // auc[model][replicate]; replicates whose draw had one class only are left out and counted.
  std::vector<std::vector<double>> auc;
  std::size_t discarded = 0;
};

// `clusters` is needed for Resampling::cluster. Labels must hold both classes.
[[nodiscard]] BootstrapDraws bootstrap_auc(std::span<const Ranking> models, const Labels& labels,
                                           const Clusters* clusters, const BootstrapPlan& plan);

struct BootstrapSummary {
  Interval ci;  // quantiles 0.025 and 0.975, linear between order statistics
  double se = 0;
  std::size_t replicates = 0;
};

// Nothing when fewer than two values are left.
[[nodiscard]] std::optional<BootstrapSummary> summarise(std::vector<double> values);
// Of auc[a] - auc[b].
[[nodiscard]] std::optional<BootstrapSummary> summarise_difference(const BootstrapDraws& draws, std::size_t a,
                                                                   std::size_t b);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::Resampling> {
  static constexpr std::array kNames{
      std::pair{stats::Resampling::observation, "observation"},
      std::pair{stats::Resampling::observation_stratified, "observation_stratified"},
      std::pair{stats::Resampling::cluster, "cluster"}};
};

}  // namespace tagconf
