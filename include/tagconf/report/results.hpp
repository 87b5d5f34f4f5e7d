// results.json (schema tagconf.evaluate/1) as values. Whatever is null or absent has no value here; nothing
// is recomputed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/report/text.hpp"

namespace tagconf::report {

// One way to say how uncertain an AUC is. `reason`: why a value is missing, as evaluate names it.
struct Uncertainty {
  std::optional<double> se;
  std::optional<Interval> ci;
  std::optional<Interval> ci_logit;
  std::string reason;
};

struct OperatingPoint {
  std::string rule;
  std::string score;      // the scale of the threshold: logit, probability or a column; empty: not told
  std::string chosen_on;  // test or valid: where a chosen threshold comes from; empty: fixed
  bool optimistic = false;
  std::optional<double> threshold;
  std::optional<double> sensitivity;
  std::optional<double> specificity;
  std::optional<Interval> sensitivity_ci;
  std::optional<Interval> specificity_ci;
  std::string reason;  // why there is no threshold
};

struct ModelResult {
  std::string name;
  std::string train_arm;  // empty when not known
  std::string test_arm;
  std::optional<std::int64_t> seed;  // none = one model, or the ensemble of an arm's seeds
  std::int64_t n = 0;
  std::int64_t n_pos = 0;
  std::optional<std::int64_t> clusters;
  std::optional<double> auc;
  Uncertainty delong;
  std::optional<Uncertainty> clustered;
  std::optional<Interval> bootstrap;
  std::int64_t bootstrap_replicates = 0;
  std::optional<double> average_precision;
  std::optional<double> brier;
  std::optional<double> ece;
  std::vector<OperatingPoint> operating_points;
  std::string reason;  // why there is no AUC

  // Trained on one arm and tested on another.
  [[nodiscard]] bool crossed() const;
};

struct Test {
  std::optional<double> se;
  std::optional<double> z;
  std::optional<double> p;
  std::optional<Interval> ci;
  std::string reason;
};

struct Comparison {
  std::string a;
  std::string b;
  std::string family;                // arms, matrix, matrix_test_arm; may be empty
  std::optional<double> difference;  // auc(a) - auc(b)
  Test delong;
  std::optional<Test> clustered;
  std::optional<double> p_holm;
  std::optional<double> p_holm_clustered;
  std::string reason;
};

struct GlobalResult {
  std::optional<double> chi2;
  std::int64_t df = 0;
  std::optional<double> p;
  std::string reason;
};

// One test that all parts have the same AUC, or the same difference.
struct PartsTest {
  std::optional<double> chi2;
  std::int64_t df = 0;
  std::optional<double> p;
  std::string reason;
  std::vector<std::string> left_out;  // "HAND (one class)"
};
struct Heterogeneity {
  std::string what;  // "covered", or "covered minus original"
  bool is_difference = false;
  PartsTest delong;
  std::optional<PartsTest> clustered;
};

struct PartResult {
  std::string body_part;
  std::vector<ModelResult> models;
  std::vector<Comparison> comparisons;
};

// One quantity over the seeds of training.
struct SeedSpread {
  std::string what;  // "covered", or "covered minus original"
  bool is_difference = false;
  std::vector<double> values;
  std::optional<double> mean;
  std::optional<double> sd;
  std::string reason;
  std::optional<Interval> two_way;  // of the mean, with seeds and clusters both drawn anew
};

struct UnitResult {
  std::string unit;    // image or study
  std::string subset;  // all or tagged
  std::vector<ModelResult> models;
  std::vector<Comparison> comparisons;
  std::optional<GlobalResult> global;
  std::vector<PartResult> by_body_part;
  std::vector<Heterogeneity> heterogeneity;
  std::optional<std::int64_t> tagged;  // how many of them carry a tag, where that is known
  std::optional<std::int64_t> untagged;
  std::vector<SeedSpread> seeds;

  [[nodiscard]] const ModelResult* find(std::string_view model) const;
  // The comparison of the two, turned round if it was written the other way.
  [[nodiscard]] std::optional<Comparison> compare(std::string_view a, std::string_view b) const;
  // What the study is about: models tested on the arm they were trained on, ensembles in place of seeds.
  [[nodiscard]] std::vector<ModelResult> headline() const;
};

struct Results {
  std::string split;
  std::string cluster;      // patient_id or study_id; empty: rows were taken as independent only
  std::string aggregation;  // how a study's score follows from its images': mean or max
  std::string by;           // the column that the parts come from
  bool optimistic = false;
  std::vector<UnitResult> units;

  [[nodiscard]] const UnitResult* find(std::string_view unit, std::string_view subset) const;
  // "patient" or "study": what the clustered values take as independent. Empty without clusters.
  [[nodiscard]] std::string cluster_word() const;
};

// Error input naming `source` and the JSON pointer on another schema or a value of the wrong type.
[[nodiscard]] Results parse_results(const Json& json, const std::string& source);
[[nodiscard]] Results read_results(const std::filesystem::path& path);

}  // namespace tagconf::report
