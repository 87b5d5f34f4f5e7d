// The whole analysis of an evaluation set: every model, every comparison, the global test, parts and their
// heterogeneity, seeds.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/stats/bootstrap.hpp"
#include "tagconf/stats/calibration.hpp"
#include "tagconf/stats/evaluation_set.hpp"
#include "tagconf/stats/heterogeneity.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/thresholds.hpp"

namespace tagconf::stats {

struct AnalysisPlan {
  std::string reference;  // becomes model b of its pairs; empty = the earlier model is b
  std::size_t replicates = 2000;
  std::optional<Resampling> resampling;  // default: clusters where there are any, else observation_stratified
  std::uint64_t seed = 0;
  int threads = 0;
  bool by_part = true;
  ThresholdRules rules;
  std::map<std::string, std::vector<ChosenThreshold>>
      valid_thresholds;        // by model, chosen on validation data
  bool valid_is_test = false;  // the validation data hold rows that are analysed here
};

enum class ChosenOn { nothing, test, valid };

struct NamedPoint {
  std::string rule;   // "probability>=0.5", "logit>=0", or a rule of choose_thresholds
  std::string score;  // what the threshold is compared with
  ChosenOn chosen_on = ChosenOn::nothing;
  bool optimistic = false;              // chosen on the data it is reported for
  std::optional<OperatingPoint> point;  // missing: no threshold follows the rule
  Reason reason = Reason::none;
};

struct ClusterCounts {
  std::size_t clusters = 0;
  std::size_t with_positives = 0;
  std::size_t with_negatives = 0;
  std::size_t with_both = 0;
  std::size_t largest = 0;
};

struct BootstrapEstimate {
  std::optional<BootstrapSummary> summary;
  std::size_t discarded = 0;
  Resampling resampling = Resampling::observation;
};

struct ModelEstimate {
  std::string name;
  std::string train_arm;
  std::string test_arm;
  std::string score;          // what ranks
  std::optional<double> auc;  // missing: one class only
  AucInference delong;
  std::optional<AucInference> clustered;  // missing: no cluster column
  std::optional<double> design_effect;    // clustered variance / DeLong variance
  std::optional<double> hanley_mcneil_se;
  std::optional<BootstrapEstimate> bootstrap;
  std::optional<double> average_precision;
  std::optional<Calibration> calibration;
  std::vector<NamedPoint> operating_points;
};

// arms: two models on their own arms. matrix: a cell off the diagonal against its model on its own arm (the
// images differ). matrix_test_arm: the cell against the model of the test arm (the same images, the models
// differ).
enum class Family { arms, matrix, matrix_test_arm };

// Indices into the models; difference = auc(a) - auc(b).
struct Pair {
  std::size_t a = 0;
  std::size_t b = 0;
  Family family = Family::arms;
  bool primary = false;
};

struct Comparison {
  Pair pair;
  std::optional<double> difference;
  DifferenceInference delong;
  std::optional<DifferenceInference> clustered;
  std::optional<BootstrapEstimate> bootstrap;
  std::optional<double> p_holm;  // within the family
  std::optional<double> p_holm_clustered;
};

// Values of one quantity over the seeds of training.
struct SeedSpread {
  std::size_t a = 0;             // the model, or a of a comparison
  std::optional<std::size_t> b;  // of a comparison
  std::vector<std::pair<std::uint64_t, double>> values;
  std::optional<double> mean;
  std::optional<double> sd;
  std::optional<double> low;
  std::optional<double> high;
  // Of the mean over seeds, from a two-way bootstrap: seeds and clusters (rows without clusters) are both
  // drawn with replacement; the seeds of a difference are matched. With few seeds it is narrow: S seeds show
  // (S - 1) / S of the variance between seeds.
  std::optional<BootstrapEstimate> two_way;
  Reason reason = Reason::none;
};

// Over the parts, of one model or of a comparison.
struct Heterogeneity {
  std::size_t a = 0;
  std::optional<std::size_t> b;
  HeterogeneityTest delong;
  std::optional<HeterogeneityTest> clustered;
};

struct PartAnalysis;

struct SetAnalysis {
  Unit unit = Unit::image;
  std::size_t n = 0;
  std::size_t positives = 0;
  std::optional<ClusterCounts> clusters;
  std::vector<ModelEstimate> models;
  std::vector<Comparison> comparisons;
  GlobalTest global;  // over the models on their own arms
  std::optional<GlobalTest> global_clustered;
  std::vector<PartAnalysis> parts;           // in alphabetical order
  std::vector<Heterogeneity> heterogeneity;  // every model, then every comparison of the family arms
  std::vector<SeedSpread> seeds;
};

struct PartAnalysis {
  std::string part;
  SetAnalysis analysis;  // without bootstrap, operating points, seeds and further parts
};

// All pairs of diagonal models (a the later, except that covered minus original is always that way round and
// `reference` is always b), then each cell off the diagonal minus its model on its own arm, and minus the
// model of its test arm. Error config when no model has the name `reference`.
[[nodiscard]] std::vector<Pair> plan_pairs(const std::vector<ModelScores>& models,
                                           const std::string& reference);

// One class only is no error here (a body part may have it): estimates are missing with their reason.
[[nodiscard]] SetAnalysis analyse(const EvaluationSet& set, const AnalysisPlan& plan);

// Each model's thresholds; reason one_class where the set has one class only.
[[nodiscard]] std::map<std::string, std::vector<ChosenThreshold>> thresholds_of(const EvaluationSet& set,
                                                                                const ThresholdRules& rules);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::Family> {
  static constexpr std::array kNames{std::pair{stats::Family::arms, "arms"},
                                     std::pair{stats::Family::matrix, "matrix"},
                                     std::pair{stats::Family::matrix_test_arm, "matrix_test_arm"}};
};

template <>
struct EnumNames<stats::ChosenOn> {
  static constexpr std::array kNames{std::pair{stats::ChosenOn::nothing, ""},
                                     std::pair{stats::ChosenOn::test, "test"},
                                     std::pair{stats::ChosenOn::valid, "valid"}};
};

}  // namespace tagconf
