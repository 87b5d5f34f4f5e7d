// Which observations belong together (images of one patient), and sums of placements over each cluster.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::stats {

struct Clusters {
  std::vector<std::uint32_t> of_row;  // cluster of each row, numbered from 0 in order of first appearance
  std::vector<std::uint32_t> positives;
  std::vector<std::uint32_t> negatives;  // of each cluster
  std::size_t with_positives = 0;
  std::size_t with_negatives = 0;
  std::size_t with_both = 0;
  std::size_t largest = 0;

  [[nodiscard]] std::size_t count() const { return positives.size(); }
};

// Error input with reason=length_mismatch when there is not one id a row.
[[nodiscard]] Clusters cluster_rows(std::span<const std::string> ids, const Labels& labels);
[[nodiscard]] Clusters cluster_rows(std::span<const std::uint64_t> ids, const Labels& labels);

// Sums of Placements::twice over the positives and over the negatives of each cluster.
struct ClusterSums {
  std::vector<std::int64_t> positive;
  std::vector<std::int64_t> negative;
  std::int64_t twice_u = 0;
};

[[nodiscard]] ClusterSums sum_by_cluster(const Placements& placements, const Labels& labels,
                                         const Clusters& clusters);

}  // namespace tagconf::stats
