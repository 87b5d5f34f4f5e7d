#include "finder_choice.hpp"

#include "learned_scores.hpp"

namespace tagconf::stages {

bool learned_by_default() {
  return !shipped_scores_digest().empty();
}

tags::Finder classical_finder(std::optional<double> min_score, int pad) {
  tags::ClassicalOptions classical;
  classical.min_score = min_score.value_or(classical.min_score);
  classical.pad = pad;
  return [classical](const imaging::GreyImage& image) { return tags::find_classical(image, classical); };
}

tags::Finder learned_finder(const std::optional<std::filesystem::path>& weights,
                            const tags::LearnedOptions& options, nn::Precision precision) {
  const tags::TagScores scores = weights ? read_scores(*weights, precision) : shipped_scores(precision);
  return [options, scores](const imaging::GreyImage& image) {
    return tags::find_learned(image, scores, options);
  };
}

}  // namespace tagconf::stages
