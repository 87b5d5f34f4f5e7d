#include "tagconf/stats/placements.hpp"

#include <algorithm>

namespace tagconf::stats {

Ranking rank_scores(std::span<const double> scores) {
  struct Keyed {
    double score;
    std::uint32_t row;
  };
  std::vector<Keyed> keyed(scores.size());
  for (std::size_t row = 0; row < scores.size(); ++row)
    keyed[row] = {scores[row], static_cast<std::uint32_t>(row)};
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) { return a.score > b.score; });
  Ranking ranking;
  ranking.order.resize(scores.size());
  ranking.run_end.reserve(scores.size());
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    ranking.order[i] = keyed[i].row;
    if (i + 1 == keyed.size() || keyed[i + 1].score != keyed[i].score)
      ranking.run_end.push_back(static_cast<std::uint32_t>(i + 1));
  }
  return ranking;
}

Placements place(const Ranking& ranking, const Labels& labels) {
  Placements placements;
  placements.twice.resize(labels.size());
  const auto negatives = static_cast<std::uint32_t>(labels.negatives());
  const auto is_positive = labels.values();
  std::uint32_t positives_above = 0;
  std::uint32_t negatives_above = 0;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ranking.run_end) {
    std::uint32_t positives_here = 0;
    for (std::uint32_t i = begin; i < end; ++i) positives_here += is_positive[ranking.order[i]];
    const std::uint32_t negatives_here = end - begin - positives_here;
    const std::uint32_t of_positive = 2 * (negatives - negatives_above - negatives_here) + negatives_here;
    const std::uint32_t of_negative = 2 * positives_above + positives_here;
    for (std::uint32_t i = begin; i < end; ++i) {
      const std::uint32_t row = ranking.order[i];
      placements.twice[row] = is_positive[row] != 0 ? of_positive : of_negative;
    }
    placements.twice_u += std::int64_t{of_positive} * positives_here;
    positives_above += positives_here;
    negatives_above += negatives_here;
    begin = end;
  }
  return placements;
}

double auc(const Placements& placements, const Labels& labels) {
  const auto pairs =
      static_cast<long double>(labels.positives()) * static_cast<long double>(labels.negatives());
  return static_cast<double>(static_cast<long double>(placements.twice_u) / (2.0L * pairs));
}

}  // namespace tagconf::stats
