#include "tagconf/stats/placements.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace tagconf::stats {
namespace {

struct Keyed {
  std::uint64_t key;
  std::uint32_t row;
};

// A whole number that falls as the score rises, the same for equal scores: the bits of a double order like
// the number once the sign is dealt with. -0.0 becomes 0.0 first.
std::uint64_t falling_key(double score) {
  const auto bits = std::bit_cast<std::uint64_t>(score + 0.0);
  const std::uint64_t rising = bits ^ ((bits >> 63U) != 0 ? ~std::uint64_t{0} : std::uint64_t{1} << 63U);
  return ~rising;
}

constexpr unsigned kDigitBits = 11;
constexpr std::size_t kDigits = 6;  // 6 x 11 >= 64 bits
constexpr std::size_t kBuckets = std::size_t{1} << kDigitBits;
// Below this, filling the counters costs more than a sort by comparison.
constexpr std::size_t kSmall = 2000;

std::size_t digit_of(std::uint64_t key, std::size_t digit) {
  return (key >> (digit * kDigitBits)) & (kBuckets - 1);
}

// Radix sort from the lowest digit up; a digit that all keys share (the low ones of float32 scores) costs
// nothing.
void radix_sort(std::vector<Keyed>& items) {
  std::array<std::vector<std::uint32_t>, kDigits> counts;
  counts.fill(std::vector<std::uint32_t>(kBuckets, 0));
  for (const Keyed& item : items) {
    for (std::size_t digit = 0; digit < kDigits; ++digit) ++counts[digit][digit_of(item.key, digit)];
  }
  std::vector<Keyed> other(items.size());
  for (std::size_t digit = 0; digit < kDigits; ++digit) {
    auto& count = counts[digit];
    if (count[digit_of(items[0].key, digit)] == items.size()) continue;
    std::uint32_t next = 0;
    for (auto& c : count) next += std::exchange(c, next);
    for (const Keyed& item : items) other[count[digit_of(item.key, digit)]++] = item;
    items.swap(other);
  }
}

}  // namespace

Ranking rank_scores(std::span<const double> scores) {
  std::vector<Keyed> keyed(scores.size());
  for (std::size_t row = 0; row < scores.size(); ++row)
    keyed[row] = {falling_key(scores[row]), static_cast<std::uint32_t>(row)};
  if (keyed.size() < kSmall) {
    std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) { return a.key < b.key; });
  } else {
    radix_sort(keyed);
  }
  Ranking ranking;
  ranking.order.resize(scores.size());
  ranking.run_end.reserve(scores.size());
  for (std::size_t i = 0; i < keyed.size(); ++i) {
    ranking.order[i] = keyed[i].row;
    if (i + 1 == keyed.size() || keyed[i + 1].key != keyed[i].key)
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
