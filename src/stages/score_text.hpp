// The figures of `score` as JSON and as a table for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/tags/score_groups.hpp"

namespace tagconf::stages {

struct ScoreReport {
  tags::Scores scores;
  std::size_t left_out = 0;
  std::size_t unexamined = 0;
  std::size_t unreadable = 0;  // marks that the reference calls so: in the groups, under quality alone
  std::vector<std::pair<tags::GroupBy, std::vector<tags::GroupScore>>> groups;
};

// Each figure under its name (null where there is nothing to count), `counts` [hits, of] and Wilson
// `intervals` of the shares, `by` attribute and group.
[[nodiscard]] Json score_json(const ScoreReport& report);
[[nodiscard]] std::string score_text(const ScoreReport& report);
// Marks that are not covered: id, box, class, text, quality, covered (the share).
[[nodiscard]] Json missed_json(const tags::Reference& reference, const std::vector<tags::ImageScore>& scores);

}  // namespace tagconf::stages
