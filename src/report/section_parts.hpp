// Words and rows that several sections share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tagconf/report/html.hpp"
#include "tagconf/report/plots.hpp"
#include "tagconf/report/results.hpp"

namespace tagconf::report {

// "Original images", "Tags covered", "Tags only"; any other model by its own name.
[[nodiscard]] std::string arm_title(std::string_view name);
// "Image level", "Study level, tagged images only".
[[nodiscard]] std::string unit_words(const std::string& unit, const std::string& subset);
// The same with counts: "Image level: 3,197 images, 1,530 abnormal, 783 patients".
[[nodiscard]] std::string unit_counts(const UnitResult& unit, const std::string& cluster);

// The interval to lead with: by patient where there is one, else DeLong's.
[[nodiscard]] const Uncertainty& leading(const ModelResult& model);
[[nodiscard]] const Test& leading(const Comparison& comparison);

[[nodiscard]] Html cell(std::string_view text);
[[nodiscard]] Html interval_cell(const std::optional<Interval>& ci, const std::string& reason);

// One row of an AUC plot: DeLong's interval thick, the patient-clustered one thin with caps.
[[nodiscard]] IntervalRow auc_row(const ModelResult& model, const std::string& label, std::size_t index);

// Difference, intervals and p values of comparisons, as a table; `cluster`: what the clustered values take as
// independent, empty without them.
struct ComparisonGroup {
  std::string title;                                      // the unit
  std::vector<std::pair<std::string, Comparison>> lines;  // by name; an empty name is "a minus b"
};
[[nodiscard]] Html comparison_table(const std::string& caption, const std::vector<ComparisonGroup>& groups,
                                    const std::string& cluster);
// What the bars of auc_row mean.
[[nodiscard]] std::string bars_words(const std::string& cluster);
[[nodiscard]] std::string plural(const std::string& word);

}  // namespace tagconf::report
