// Published (or otherwise expected) values to hold results against: the targets file, schema
// tagconf.targets/1.
//
//   {"schema": "tagconf.targets/1", "source": {"citation": "..."}, "note": "...", "unit": "image",
//    "targets": [
//      {"name": "AUC original", "model": "original", "metric": "auc", "value": 0.844, "tolerance": 0.02},
//      {"name": "gain", "comparison": ["covered", "original"], "metric": "difference", "direction":
//      "positive"},
//      {"name": "learned something", "model": "original", "metric": "ci_low", "min": 0.5},
//      {"name": "no more than the tags tell", "model": "tags_only", "metric": "auc", "interval": "clustered",
//       "interval_contains": {"truth": "/valid/ideal_auc"}},
//      {"name": "p", "comparison": ["covered", "original"], "metric": "p_delong", "value": 0.02, "judged":
//      false}]}
//
// A judged target needs something to be judged by: value with tolerance, min, max, direction or
// interval_contains; all that are given must hold. A number may stand in the phantom's truth.json instead:
// {"truth": "<JSON pointer>"}. `unit` and `subset` may be set for all targets and for one.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/base/names.hpp"

namespace tagconf::report {

enum class Metric {
  auc,
  average_precision,
  brier,
  ece,
  n,
  n_pos,
  clusters,
  difference,
  p_delong,
  p_clustered,
  p_holm,
  p_holm_clustered,
  ci_low,
  ci_high
};

enum class IntervalKind { delong, clustered, bootstrap };
enum class Direction { positive, negative };

// A number, or where in truth.json it stands.
struct Expected {
  std::optional<double> number;
  std::string truth_pointer;
};

struct Target {
  std::string name;
  std::string model;                                              // empty for a comparison
  std::optional<std::pair<std::string, std::string>> comparison;  // a, b: the difference is a minus b
  Metric metric = Metric::auc;
  std::string unit = "image";
  std::string subset = "all";
  IntervalKind interval = IntervalKind::delong;  // for ci_low, ci_high and interval_contains
  std::optional<Expected> value;
  std::optional<double> tolerance;
  std::optional<double> min;
  std::optional<double> max;
  std::optional<Direction> direction;  // the sign of a difference
  std::optional<Expected> interval_contains;
  bool judged = true;
};

struct Targets {
  Json source = Json::object();  // citation and the like, texts
  std::string note;
  std::vector<Target> targets;
};

// Error config naming `source` and the JSON pointer on an unknown key, a wrong type, a value out of range, a
// target that cannot be judged, or two of one name.
[[nodiscard]] Targets parse_targets(const Json& json, const std::string& source);
[[nodiscard]] Targets read_targets(const std::filesystem::path& path);

}  // namespace tagconf::report

namespace tagconf {

template <>
struct EnumNames<report::Metric> {
  using M = report::Metric;
  static constexpr std::array kNames{std::pair{M::auc, "auc"},
                                     std::pair{M::average_precision, "average_precision"},
                                     std::pair{M::brier, "brier"},
                                     std::pair{M::ece, "ece"},
                                     std::pair{M::n, "n"},
                                     std::pair{M::n_pos, "n_pos"},
                                     std::pair{M::clusters, "clusters"},
                                     std::pair{M::difference, "difference"},
                                     std::pair{M::p_delong, "p_delong"},
                                     std::pair{M::p_clustered, "p_clustered"},
                                     std::pair{M::p_holm, "p_holm"},
                                     std::pair{M::p_holm_clustered, "p_holm_clustered"},
                                     std::pair{M::ci_low, "ci_low"},
                                     std::pair{M::ci_high, "ci_high"}};
};

template <>
struct EnumNames<report::IntervalKind> {
  using K = report::IntervalKind;
  static constexpr std::array kNames{std::pair{K::delong, "delong"}, std::pair{K::clustered, "clustered"},
                                     std::pair{K::bootstrap, "bootstrap"}};
};

template <>
struct EnumNames<report::Direction> {
  using D = report::Direction;
  static constexpr std::array kNames{std::pair{D::positive, "positive"}, std::pair{D::negative, "negative"}};
};

}  // namespace tagconf
