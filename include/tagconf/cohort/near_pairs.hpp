// All pairs of hashes that differ in few bits. Every pair is looked at: 40,561 hashes make 8.2e8 pairs, a
// second of one processor, while the tables of multi-index hashing would hand back a large part of all pairs
// at the distances that matter here.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "tagconf/cohort/fingerprint.hpp"

namespace tagconf::cohort {

struct NearPair {
  std::size_t a = 0;
  std::size_t b = 0;  // > a
  int distance = 0;
  double correlation = 0;
};

// Pairs a < b with hash_distance(hashes[a], others[b]) <= max_distance for which `confirm(a, b)` has a value,
// which becomes the correlation; by a, then b. `others` has the size of `hashes` and may be `hashes`.
// `confirm` is called from the working threads. Error input when more than a million pairs are confirmed;
// error incomplete when stop() turns true.
[[nodiscard]] std::vector<NearPair> find_near_pairs(
    std::span<const LookHash> hashes, std::span<const LookHash> others, int max_distance, int threads,
    const std::function<std::optional<double>(std::size_t, std::size_t)>& confirm,
    const std::function<bool()>& stop);

}  // namespace tagconf::cohort
