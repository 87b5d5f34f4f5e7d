#include "tagconf/phantom/tag_model.hpp"

#include <cmath>

namespace tagconf::phantom {

TagProbabilities tag_probabilities(const Knobs& knobs, int label) {
  const double s = label == 1 ? 1.0 : -1.0;
  return {0.60 + 0.38 * knobs.presence * s, 0.50 + 0.48 * knobs.letter * s, 0.50 + 0.48 * knobs.position * s,
          0.50 + 0.48 * knobs.style * s};
}

double probability(const TagTraits& traits, const Knobs& knobs, int label) {
  const TagProbabilities p = tag_probabilities(knobs, label);
  if (!traits.present) return 1.0 - p.present;
  const auto pick = [](double chance, bool yes) { return yes ? chance : 1.0 - chance; };
  return p.present * pick(p.right, traits.right) * pick(p.upper, traits.upper) *
         pick(p.on_plate, traits.on_plate);
}

double log_likelihood_ratio(const TagTraits& traits, const Knobs& knobs) {
  return std::log(probability(traits, knobs, 1)) - std::log(probability(traits, knobs, 0));
}

std::array<TagTraits, 9> all_traits() {
  std::array<TagTraits, 9> out{};
  for (unsigned i = 0; i < 8; ++i) out[i + 1] = {true, (i & 1U) != 0, (i & 2U) != 0, (i & 4U) != 0};
  return out;
}

double ideal_observer_auc(const Knobs& knobs) {
  double wins = 0;
  double pairs = 0;
  for (const auto& positive : all_traits()) {
    for (const auto& negative : all_traits()) {
      const double a = log_likelihood_ratio(positive, knobs);
      const double b = log_likelihood_ratio(negative, knobs);
      const double share = probability(positive, knobs, 1) * probability(negative, knobs, 0);
      // Equal ratios may differ by rounding: what lies closer than this is a tie.
      wins += share * (std::abs(a - b) < 1e-9 ? 0.5 : (a > b ? 1.0 : 0.0));
      pairs += share;
    }
  }
  // Dividing by the sum of the shares (1 but for rounding) makes all ties exactly one half.
  return wins / pairs;
}

}  // namespace tagconf::phantom
