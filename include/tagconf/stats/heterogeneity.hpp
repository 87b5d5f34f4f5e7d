// Does an AUC, or a difference of AUCs, vary between parts of the data (body parts)? A Wald test that all
// parts have one value.
//
// Parts share no rows but may share clusters: a patient's wrist and hand are alike, so their AUCs are
// correlated. The covariance of two parts p and q is the sum over the clusters of I_pk I_qk, where I_pk is
// what cluster k adds to part p (cluster_influence); a part's own variance is Obuchowski's. The matrix is a
// Gram matrix plus a diagonal that is not negative, so it is a covariance matrix. Without shared clusters the
// statistic is Cochran's Q with inverse-variance weights (Biometrics 1954;10:101-129).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/stats/inference.hpp"

namespace tagconf::stats {

// What a cluster of the whole data adds to a part's value.
struct Influence {
  std::uint32_t cluster = 0;
  double value = 0;
};

struct PartEstimate {
  std::string part;
  double value = 0;
  double variance = 0;
  std::vector<Influence> influence;  // clusters ascending; empty: independent of the other parts
  Reason reason = Reason::none;      // why the part has no value or no variance
};

struct HeterogeneityTest {
  GlobalTest test;                 // df = parts - 1
  std::vector<std::string> parts;  // those in the test
  std::vector<std::pair<std::string, Reason>> left_out;
};

// Parts with a reason are left out. Fewer than two parts: reason fewer_than_two_parts.
[[nodiscard]] HeterogeneityTest test_heterogeneity(std::span<const PartEstimate> parts);

}  // namespace tagconf::stats
