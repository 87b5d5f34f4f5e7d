// Several models' scores on one set of observations (images or studies), ready to be analysed: predictions of
// several seeds made into one ensemble, images reduced to studies, subsets cut out.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/predictions.hpp"
#include "tagconf/stats/studies.hpp"

namespace tagconf::stats {

enum class Unit { image, study };
enum class ClusterBy { patient_id, study_id, none };

// What a model's name says: "covered", "covered.s1" (one seed), "covered@original" (trained on one arm,
// tested on another), "covered.s1@original". A name without '@' was tested on its own arm.
struct ModelName {
  std::string train_arm;
  std::string test_arm;
  std::optional<std::uint64_t> seed;

  // Without the seed: "covered", "covered@original".
  [[nodiscard]] std::string headline() const;
};
[[nodiscard]] ModelName parse_model_name(std::string_view name);

struct ModelScores {
  std::string name;
  std::string train_arm;
  std::string test_arm;
  ScoreKind kind = ScoreKind::probability;  // what `score` is
  std::string score_name;                   // "logit", "probability", or the column
  bool score_asked = false;                 // then seeds and images are averaged on it, not on probability
  std::vector<double> score;                // ranks
  std::vector<double> probability;          // calibrates; empty where there is none

  [[nodiscard]] bool diagonal() const { return train_arm == test_arm; }
};

// One seed of a model.
struct SeedScores {
  std::size_t model = 0;  // index into EvaluationSet::models
  std::uint64_t seed = 0;
  ModelScores scores;
};

struct EvaluationSet {
  Unit unit = Unit::image;
  Labels labels;
  std::vector<std::string> study;  // empty vectors where unknown
  std::vector<std::string> cluster;
  std::vector<std::string> part;     // body part, as a rule; "" for a study whose images show several
  std::vector<std::uint8_t> tagged;  // of a study: has any tagged image
  std::vector<ModelScores> models;   // in order of first appearance
  std::vector<SeedScores> seeds;     // ascending within a model; only of models given as ARM.sSEED
};

// `tables` as join_predictions returns them. Files ARM.s1, ARM.s2 ... become the model ARM whose score is the
// mean of their probabilities, or of the score that was asked for (seeds ascending); a single file keeps its
// own score. Error input: a model
// given twice, seeds mixed with a file without a seed, an ensemble without probabilities, a cluster column
// with gaps (reason=length_mismatch), one class only (reason=one_class, naming the first file and model)
// unless that is allowed.
[[nodiscard]] EvaluationSet make_image_set(std::span<const PredictionTable> tables, ClusterBy cluster,
                                           bool allow_one_class = false);

[[nodiscard]] EvaluationSet select_rows(const EvaluationSet& set, std::span<const std::size_t> rows);

// A study's score is the mean (or largest) probability of its images; of the score that was asked for, or of
// the logits where there are no probabilities. Errors of group_studies.
[[nodiscard]] EvaluationSet reduce_to_studies(const EvaluationSet& images, Aggregation aggregation);

// Rows with tagged == 1.
[[nodiscard]] std::vector<std::size_t> tagged_rows(const EvaluationSet& set);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::Unit> {
  static constexpr std::array kNames{std::pair{stats::Unit::image, "image"},
                                     std::pair{stats::Unit::study, "study"}};
};

template <>
struct EnumNames<stats::ClusterBy> {
  static constexpr std::array kNames{std::pair{stats::ClusterBy::patient_id, "patient_id"},
                                     std::pair{stats::ClusterBy::study_id, "study_id"},
                                     std::pair{stats::ClusterBy::none, "none"}};
};

}  // namespace tagconf
