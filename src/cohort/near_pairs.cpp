#include "tagconf/cohort/near_pairs.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "tagconf/base/error.hpp"
#include "tagconf/base/parallel.hpp"

namespace tagconf::cohort {
namespace {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kMostPairs = 1'000'000;

struct Hit {
  std::size_t b;
  int distance;
};

// Inlined into a function that may use the processor's own bit count, it uses it.
__attribute__((always_inline)) inline void scan_from(const LookHash& one, std::span<const LookHash> others,
                                                     std::size_t from, int limit, std::vector<Hit>& hits) {
  for (std::size_t b = from; b < others.size(); ++b) {
    const int distance =
        __builtin_popcountll(one.across ^ others[b].across) + __builtin_popcountll(one.down ^ others[b].down);
    if (distance <= limit) hits.push_back({b, distance});
  }
}

using Scan = void (*)(const LookHash&, std::span<const LookHash>, std::size_t, int, std::vector<Hit>&);

void scan_anywhere(const LookHash& one, std::span<const LookHash> others, std::size_t from, int limit,
                   std::vector<Hit>& hits) {
  scan_from(one, others, from, limit, hits);
}

#if defined(__x86_64__)
__attribute__((target("popcnt"))) void scan_popcnt(const LookHash& one, std::span<const LookHash> others,
                                                   std::size_t from, int limit, std::vector<Hit>& hits) {
  scan_from(one, others, from, limit, hits);
}
#endif

Scan choose_scan() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("popcnt") != 0) return scan_popcnt;
#endif
  return scan_anywhere;
}

}  // namespace

std::vector<NearPair> find_near_pairs(
    std::span<const LookHash> hashes, std::span<const LookHash> others, int max_distance, int threads,
    const std::function<std::optional<double>(std::size_t, std::size_t)>& confirm,
    const std::function<bool()>& stop) {
  if (hashes.size() != others.size()) throw Error(ErrorCode::bug, "two lists of hashes of different lengths");
  const Scan scan = choose_scan();
  const std::size_t blocks = (hashes.size() + kBlock - 1) / kBlock;
  std::vector<std::vector<NearPair>> found(blocks);
  std::atomic<std::size_t> total{0};
  parallel_for(blocks, threads, [&](std::size_t block) {
    if (stop()) throw Error(ErrorCode::incomplete, "stopped while comparing images", "run again to go on");
    std::vector<Hit> hits;
    const std::size_t end = std::min(hashes.size(), (block + 1) * kBlock);
    for (std::size_t a = block * kBlock; a < end; ++a) {
      hits.clear();
      scan(hashes[a], others, a + 1, max_distance, hits);
      for (const Hit& hit : hits) {
        const auto correlation = confirm(a, hit.b);
        if (!correlation) continue;
        found[block].push_back({a, hit.b, hit.distance, *correlation});
        if (++total > kMostPairs) {
          throw_input("more than a million pairs of images look alike",
                      "raise --min-correlation, or lower --max-distance");
        }
      }
    }
  });
  std::vector<NearPair> out;
  for (const auto& pairs : found) out.insert(out.end(), pairs.begin(), pairs.end());
  return out;
}

}  // namespace tagconf::cohort
