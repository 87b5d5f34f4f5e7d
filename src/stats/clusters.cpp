#include "tagconf/stats/clusters.hpp"

#include <algorithm>
#include <functional>
#include <string_view>

namespace tagconf::stats {
namespace {

std::uint64_t hash_of(const std::string& id) {
  return std::hash<std::string_view>{}(id);
}

// SplitMix64's finaliser: ids that differ in a few low bits spread over all of them.
std::uint64_t hash_of(std::uint64_t id) {
  id = (id ^ (id >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  id = (id ^ (id >> 27U)) * 0x94D049BB133111EBULL;
  return id ^ (id >> 31U);
}

// Numbers distinct ids in order of first appearance. Open addressing over the numbers themselves: an id is
// looked at where it first appeared.
template <class Id>
class Numbering {
 public:
  explicit Numbering(std::span<const Id> ids) : ids_(ids), slots_(64, kEmpty) {}

  // The cluster of `row`; rows must come in order.
  std::uint32_t number(std::size_t row) {
    std::size_t slot = slot_of(ids_[row]);
    if (slots_[slot] != kEmpty) return slots_[slot];
    if (2 * (first_row_.size() + 1) > slots_.size()) {
      grow();
      slot = slot_of(ids_[row]);
    }
    slots_[slot] = static_cast<std::uint32_t>(first_row_.size());
    first_row_.push_back(static_cast<std::uint32_t>(row));
    return slots_[slot];
  }

 private:
  static constexpr std::uint32_t kEmpty = 0xFFFFFFFFU;

  std::size_t slot_of(const Id& id) const {
    std::size_t slot = hash_of(id) & (slots_.size() - 1);
    while (slots_[slot] != kEmpty && ids_[first_row_[slots_[slot]]] != id)
      slot = (slot + 1) & (slots_.size() - 1);
    return slot;
  }
  void grow() {
    slots_.assign(4 * slots_.size(), kEmpty);
    for (std::uint32_t k = 0; k < first_row_.size(); ++k) slots_[slot_of(ids_[first_row_[k]])] = k;
  }

  std::span<const Id> ids_;
  std::vector<std::uint32_t> slots_;
  std::vector<std::uint32_t> first_row_;
};

template <class Id>
Clusters number_clusters(std::span<const Id> ids, const Labels& labels) {
  require_length("clusters", ids.size(), labels.size());
  Clusters clusters;
  clusters.of_row.resize(ids.size());
  Numbering<Id> numbering(ids);
  for (std::size_t row = 0; row < ids.size(); ++row) {
    // In most files the rows of a cluster stand together.
    const bool as_before = row > 0 && ids[row] == ids[row - 1];
    const std::uint32_t cluster = as_before ? clusters.of_row[row - 1] : numbering.number(row);
    if (cluster == clusters.count()) {
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
  return number_clusters(ids, labels);
}

Clusters cluster_rows(std::span<const std::uint64_t> ids, const Labels& labels) {
  return number_clusters(ids, labels);
}

ClusterSums sum_by_cluster(const Placements& placements, const Labels& labels, const Clusters& clusters) {
  ClusterSums sums;
  sums.positive.resize(clusters.count());
  sums.negative.resize(clusters.count());
  sums.twice_u = placements.twice_u;
  // Picked by label, not branched on: labels are as good as random to the processor.
  std::int64_t* const of_label[2] = {sums.negative.data(), sums.positive.data()};
  const auto is_positive = labels.values();
  for (std::size_t row = 0; row < labels.size(); ++row)
    of_label[is_positive[row]][clusters.of_row[row]] += placements.twice[row];
  return sums;
}

}  // namespace tagconf::stats
