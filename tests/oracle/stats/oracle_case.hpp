// Reading the statistics oracles (tagconf-stats-oracle/1), and comparing within their stated tolerances.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/observations.hpp"
#include "tagconf/stats/placements.hpp"

namespace tagconf::test {

struct OracleCase {
  std::string name;
  std::string kind;  // auc, generator, error, holm, summary
  std::vector<double> labels;
  std::map<std::string, std::vector<double>> scores;
  std::map<std::string, std::vector<std::string>> ids;  // "clusters", "studies"
  Json json;
};

// Makes the data of a `generator` case and checks them against its checksum.
[[nodiscard]] OracleCase read_case(const std::filesystem::path& path);
[[nodiscard]] std::vector<std::filesystem::path> case_files(const std::filesystem::path& folder);

// Observations of one level (images or studies) with what each model makes of them.
struct Level {
  stats::Labels labels;
  std::map<std::string, std::vector<std::string>> ids;
  std::vector<std::string> models;  // the oracle's model_order
  std::map<std::string, std::vector<double>> scores;
  std::map<std::string, stats::Ranking> rankings;
  std::map<std::string, stats::Placements> placements;
};
// `level`: image, study_mean or study_max.
[[nodiscard]] Level make_level(const OracleCase& oracle, const std::string& level);

// Relative 1e-12 (1e-11 from 5001 rows on); below 1e-15 counts as 0 where 0 is expected.
void check_number(double found, double expected, const Level& level);
// Null where the oracle says null.
void check_optional(const std::optional<double>& found, const Json& expected, const Level& level);
void check_interval(const std::optional<stats::Interval>& found, const Json& expected, const Level& level);
// p values: relative 1e-12 x (1 + statistic), where the statistic is z^2 or chi2.
void check_p(const std::optional<double>& found, const Json& expected, double statistic);

// One level against `expected`: everything said about single models ...
void check_models(const Level& level, const Json& expected);
// ... and about pairs, the global test, clusters and the bootstrap.
void check_delong_pairs(const Level& level, const Json& expected);
void check_clustered(const Level& level, const Json& expected);
void check_bootstrap(const Level& level, const Json& expected);

// All of a case of kind auc, generator, error, holm or summary.
void check_case(const OracleCase& oracle);

}  // namespace tagconf::test
