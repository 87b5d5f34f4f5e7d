#include "tagconf/stats/clusters.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace tagconf::stats {
namespace {

template <class Key, class Id>
Clusters number_clusters(std::span<const Id> ids, const Labels& labels) {
  require_length("clusters", ids.size(), labels.size());
  Clusters clusters;
  clusters.of_row.resize(ids.size());
  std::unordered_map<Key, std::uint32_t> number;
  number.reserve(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const auto [entry, fresh] = number.try_emplace(Key{ids[row]}, static_cast<std::uint32_t>(number.size()));
    const std::uint32_t cluster = entry->second;
    if (fresh) {
      clusters.positives.push_back(0);
      clusters.negatives.push_back(0);
    }
    clusters.of_row[row] = cluster;
    ++(labels.positive(row) ? clusters.positives : clusters.negatives)[cluster];
  }
  for (std::size_t k = 0; k < clusters.count(); ++k) {
    const std::uint32_t p = clusters.positives[k];
    const std::uint32_t q = clusters.negatives[k];
    clusters.with_positives += p > 0 ? 1 : 0;
    clusters.with_negatives += q > 0 ? 1 : 0;
    clusters.with_both += p > 0 && q > 0 ? 1 : 0;
    clusters.largest = std::max<std::size_t>(clusters.largest, p + q);
  }
  return clusters;
}

}  // namespace

Clusters cluster_rows(std::span<const std::string> ids, const Labels& labels) {
  return number_clusters<std::string_view>(ids, labels);
}

Clusters cluster_rows(std::span<const std::uint64_t> ids, const Labels& labels) {
  return number_clusters<std::uint64_t>(ids, labels);
}

ClusterSums sum_by_cluster(const Placements& placements, const Labels& labels, const Clusters& clusters) {
  ClusterSums sums;
  sums.positive.resize(clusters.count());
  sums.negative.resize(clusters.count());
  sums.twice_u = placements.twice_u;
  for (std::size_t row = 0; row < labels.size(); ++row)
    (labels.positive(row) ? sums.positive : sums.negative)[clusters.of_row[row]] += placements.twice[row];
  return sums;
}

}  // namespace tagconf::stats
