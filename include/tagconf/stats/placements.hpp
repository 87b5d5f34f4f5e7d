// Ranks, placements and the area under the ROC curve, in whole numbers: ties are exact float64 equality
// (0.0 = -0.0, equal infinities tie), and no rounding enters before the last division.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tagconf/stats/observations.hpp"

namespace tagconf::stats {

// Rows from the highest score to the lowest, cut into runs of equal score. 8 bytes a row. O(n log n).
struct Ranking {
  std::vector<std::uint32_t> order;
  std::vector<std::uint32_t> run_end;  // end of each run in `order`, exclusive
};

// `scores` must hold no NaN (require_scores).
[[nodiscard]] Ranking rank_scores(std::span<const double> scores);

// DeLong's placement values as counts (DeLong, DeLong & Clarke-Pearson, Biometrics 1988;44:837-845).
struct Placements {
  // By row. Positive i: 2 #(negatives below) + #(negatives equal) = 2 n V10_i; negative j: 2 #(positives
  // above) +
  // #(positives equal) = 2 m V01_j.
  std::vector<std::uint32_t> twice;
  std::int64_t twice_u = 0;  // sum over the positives = sum over the negatives; AUC = twice_u / (2 m n)
};

[[nodiscard]] Placements place(const Ranking& ranking, const Labels& labels);

// Larger score = more positive; a curve below the diagonal stays below. Labels must hold both classes.
[[nodiscard]] double auc(const Placements& placements, const Labels& labels);

}  // namespace tagconf::stats
