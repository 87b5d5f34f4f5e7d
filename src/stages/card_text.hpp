// The cohort card as JSON and as tables for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/cohort/card.hpp"
#include "tagconf/stats/contingency.hpp"

namespace tagconf::stages {

// How the values of one table go with the label, over labelled images.
struct LabelAssociation {
  cohort::CardTable table;
  stats::IndependenceTest test;

  // More than chance (p < 0.01) and more than a trace (Cramer's V of 0.1 and more).
  [[nodiscard]] bool suspicious() const;
};

struct CardReport {
  cohort::Card card;
  std::vector<LabelAssociation> associations;  // tables in which two values and both labels occur
};

[[nodiscard]] CardReport make_card_report(cohort::Card card);

// tables {table: [{value, images, patients, studies, by_split {split: {normal, abnormal, unlabelled}}}]},
// sizes [{label, images, width, height: [least, middle, greatest]}], associations [{table, df, chi2,
// cramers_v, p, not_estimable, suspicious}].
[[nodiscard]] Json card_json(const CardReport& report);
[[nodiscard]] std::string card_text(const CardReport& report);

}  // namespace tagconf::stages
