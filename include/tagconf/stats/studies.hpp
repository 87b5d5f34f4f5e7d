// From images to studies: which rows form a study, and one score a study.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/stats/observations.hpp"

namespace tagconf::stats {

enum class Aggregation { mean, max };

struct Studies {
  std::vector<std::uint32_t> of_row;  // study of each row
  std::vector<std::string> id;        // in order of first appearance
  std::vector<std::size_t> first_row;
  Labels labels;                     // of the studies: the common label of their images
  std::vector<std::string> cluster;  // of the studies; empty without clusters
};

// Where a row stands, for messages: "a.csv:7: model a row 5 (0-based)".
using RowPlace = std::function<std::string(std::size_t)>;

// `cluster_ids` and `place` may be empty. Error input: reason=length_mismatch, reason=study_label_conflict
// when two images of a study carry different labels, reason=study_in_two_clusters; the latter two begin with
// the place of the row that does not fit.
[[nodiscard]] Studies group_studies(std::span<const std::string> study_ids, const Labels& labels,
                                    std::span<const std::string> cluster_ids = {},
                                    const RowPlace& place = {});

// mean = (sum of the scores in row order) / count; error input reason=nan_score where inf and -inf meet in a
// study.
[[nodiscard]] std::vector<double> aggregate(std::span<const double> scores, const Studies& studies,
                                            Aggregation aggregation);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::Aggregation> {
  static constexpr std::array kNames{std::pair{stats::Aggregation::mean, "mean"},
                                     std::pair{stats::Aggregation::max, "max"}};
};

}  // namespace tagconf
