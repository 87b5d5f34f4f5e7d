// Why a value has no number. Such a value is null in files, and `not_estimable` names one of these codes;
// data that admit no analysis at all are an Error whose message ends in "reason=<code>".
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf::stats {

enum class Reason {
  none,
  one_class,
  zero_variance,
  zero_variance_of_difference,
  singular_contrast_covariance,
  fewer_than_two_positives,
  fewer_than_two_negatives,
  fewer_than_two_clusters_with_positives,
  fewer_than_two_clusters_with_negatives,
  fewer_than_two_models,
  fewer_than_two_parts,
  one_seed,
  threshold_out_of_reach,
  scores_not_probabilities,
  no_usable_replicates
};

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::Reason> {
  using R = stats::Reason;
  static constexpr std::array kNames{
      std::pair{R::none, ""},
      std::pair{R::one_class, "one_class"},
      std::pair{R::zero_variance, "zero_variance"},
      std::pair{R::zero_variance_of_difference, "zero_variance_of_difference"},
      std::pair{R::singular_contrast_covariance, "singular_contrast_covariance"},
      std::pair{R::fewer_than_two_positives, "fewer_than_two_positives"},
      std::pair{R::fewer_than_two_negatives, "fewer_than_two_negatives"},
      std::pair{R::fewer_than_two_clusters_with_positives, "fewer_than_two_clusters_with_positives"},
      std::pair{R::fewer_than_two_clusters_with_negatives, "fewer_than_two_clusters_with_negatives"},
      std::pair{R::fewer_than_two_models, "fewer_than_two_models"},
      std::pair{R::fewer_than_two_parts, "fewer_than_two_parts"},
      std::pair{R::one_seed, "one_seed"},
      std::pair{R::threshold_out_of_reach, "threshold_out_of_reach"},
      std::pair{R::scores_not_probabilities, "scores_not_probabilities"},
      std::pair{R::no_usable_replicates, "no_usable_replicates"}};
};

}  // namespace tagconf
