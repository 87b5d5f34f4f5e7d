// Two models' scores on one simulated cohort, and what the library makes of them.
#pragma once

#include <cstdint>
#include <vector>

#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::test {

struct PairedData {
  std::vector<std::uint8_t> labels;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<std::uint64_t> cluster;  // may be empty
};

struct PairedAnalysis {
  double auc_a = 0;
  double difference = 0;
  stats::AucInference single;         // of a, rows independent
  stats::DifferenceInference paired;  // rows independent
  stats::AucInference single_clustered;
  stats::DifferenceInference paired_clustered;
};

[[nodiscard]] inline PairedAnalysis analyse_pair(const PairedData& data) {
  const stats::Labels labels(data.labels);
  const auto a = stats::place(stats::rank_scores(data.a), labels);
  const auto b = stats::place(stats::rank_scores(data.b), labels);
  PairedAnalysis out;
  out.auc_a = stats::auc(a, labels);
  out.difference = stats::difference_of_auc(a, b, labels);
  const auto infer = [&](const auto& x, const auto& y, auto covariance, stats::AucInference& single,
                         stats::DifferenceInference& paired) {
    using Contrast = stats::Contrast<std::decay_t<decltype(x)>>;
    const Contrast pair{&x, &y};
    const double va = covariance(Contrast{&x}, Contrast{&x});
    single = stats::infer_auc(out.auc_a, va);
    paired = stats::infer_difference(out.difference, covariance(pair, pair), va,
                                     covariance(Contrast{&y}, Contrast{&y}),
                                     covariance(Contrast{&x}, Contrast{&y}));
  };
  infer(
      a, b, [&](auto x, auto y) { return stats::delong_covariance(x, y, labels); }, out.single, out.paired);
  if (data.cluster.empty()) return out;
  const auto clusters = stats::cluster_rows(std::span<const std::uint64_t>(data.cluster), labels);
  infer(
      stats::sum_by_cluster(a, labels, clusters), stats::sum_by_cluster(b, labels, clusters),
      [&](auto x, auto y) { return stats::clustered_covariance(x, y, labels, clusters); },
      out.single_clustered, out.paired_clustered);
  return out;
}

}  // namespace tagconf::test
