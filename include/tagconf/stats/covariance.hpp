// Variances and covariances of AUCs and of differences between AUCs, with rows as independent (DeLong) or
// with clusters as independent (Obuchowski).
//
// A variance of a difference is taken from the differences of the placements, not from va + vb - 2 cov: where
// two models rank alike it is exactly 0.
#pragma once

#include <vector>

#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"
#include "tagconf/stats/reason.hpp"

namespace tagconf::stats {

// AUC(plus), or AUC(plus) - AUC(minus). T is Placements or ClusterSums.
template <class T>
struct Contrast {
  const T* plus;
  const T* minus = nullptr;
};

// The value of the contrast.
[[nodiscard]] double difference_of_auc(const Placements& a, const Placements& b, const Labels& labels);

// What stands in the way of a variance: fewer than two positives, negatives, or clusters with them; or none.
[[nodiscard]] Reason delong_obstacle(const Labels& labels);
[[nodiscard]] Reason clustered_obstacle(const Clusters& clusters);

// cov(x, y) = S10/m + S01/n (DeLong et al. 1988), from exact integer sums. Needs delong_obstacle == none.
[[nodiscard]] double delong_covariance(Contrast<Placements> x, Contrast<Placements> y, const Labels& labels);

// Obuchowski (Biometrics 1997;53:567-578), the between-cluster estimator with its three corrections I/(I -
// 1). With every cluster of one row it equals DeLong. It cannot be negative: a variance below 1e-12 of its
// (S10 + S01) part is rounding noise and returned as 0. Needs clustered_obstacle == none.
[[nodiscard]] double clustered_covariance(Contrast<ClusterSums> x, Contrast<ClusterSums> y,
                                          const Labels& labels, const Clusters& clusters);

// What each cluster adds to the value of the contrast: sqrt(I / (I - 1)) (D / m + E / n) with Obuchowski's D
// and E. Their sum is 0, their sum of squares at most the clustered variance.
[[nodiscard]] std::vector<double> cluster_influence(Contrast<ClusterSums> x, const Labels& labels,
                                                    const Clusters& clusters);

}  // namespace tagconf::stats
