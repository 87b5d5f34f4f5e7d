#include <algorithm>

#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "By body part";

// Do the parts differ? One test for each model and each difference.
Html heterogeneity_table(const UnitResult& unit, const std::string& parts, const std::string& cluster) {
  if (unit.heterogeneity.empty()) return {};
  Table t;
  t.caption = "Heterogeneity: one test that all " + parts + " have the same value";
  t.columns = {{"", false}, {"\u03c7\u00b2", true}, {"df", true}, {"p, DeLong", true}};
  if (!cluster.empty()) {
    for (const std::string& title :
         {std::string("\u03c7\u00b2, by ") + cluster, std::string("df"), "p, by " + cluster})
      t.columns.push_back({title, true});
  }
  std::vector<std::string> left_out;
  const auto add = [&](std::vector<Html>& row, const PartsTest& test) {
    row.push_back(cell(test.chi2 ? format_value(test.chi2, 2) : "\u2013"));
    row.push_back(cell(std::to_string(test.df)));
    row.push_back(cell(format_p(test.p, test.reason)));
    for (const auto& part : test.left_out) {
      if (std::find(left_out.begin(), left_out.end(), part) == left_out.end()) left_out.push_back(part);
    }
  };
  for (const auto& h : unit.heterogeneity) {
    if (h.what.find('@') != std::string::npos) continue;
    std::vector<Html> row{cell((h.is_difference ? "" : "AUC, ") + spoken(h.what))};
    add(row, h.delong);
    if (!cluster.empty()) add(row, h.clustered.value_or(PartsTest{}));
    t.rows.push_back(std::move(row));
  }
  Html out = table(t);
  if (!left_out.empty()) out += note("Left out of a test: " + join_words(left_out) + ".");
  return out;
}

std::string adjusted_words(const std::string& parts) {
  return "Holm\u2019s values are adjusted for the comparisons within one of the " + parts +
         "; nothing is adjusted for the number of " + parts + ".";
}

}  // namespace

Section body_part_section(const Results& results) {
  const UnitResult* unit = results.find("image", "all");
  if (unit == nullptr || unit->by_body_part.empty()) {
    return empty_section(
        "body-part", kTitle,
        "No body parts in the results: predictions with a body_part column fill this section.");
  }
  IntervalPlot plot;
  plot.words = {"forest", "AUC by body part", ""};
  plot.axis = "AUC, image level";
  plot.references.push_back({0.5, "chance"});
  ComparisonGroup group_of_parts;
  const std::string cluster = results.cluster_word();
  for (const auto& part : unit->by_body_part) {
    UnitResult rows;
    rows.models = part.models;
    rows.comparisons = part.comparisons;
    const auto models = rows.headline();
    if (models.empty()) continue;
    IntervalGroup group;
    group.title = part.body_part + ", n = " + format_count(models.front().n);
    plot.words.description += part.body_part + ": ";
    for (std::size_t i = 0; i < models.size(); ++i) {
      group.rows.push_back(auc_row(models[i], spoken(models[i].name), i));
      plot.words.description +=
          group.rows.back().label + " " + group.rows.back().text + (i + 1 < models.size() ? ", " : ". ");
    }
    plot.groups.push_back(std::move(group));
    if (const auto c = rows.compare("covered", "original"))
      group_of_parts.lines.emplace_back(part.body_part, *c);
  }
  plot.text_title = cluster.empty() ? "AUC (95 % CI)" : "AUC (95 % CI by " + cluster + ")";
  Html body = figure(interval_plot(plot), bars_words(cluster));
  const std::string parts =
      results.by.empty() || results.by == "body_part" ? "body parts" : "values of " + results.by;
  if (!group_of_parts.lines.empty()) {
    body += comparison_table("Covered minus original, by body part", {group_of_parts}, cluster);
    body += note(adjusted_words(parts));
  }
  body += heterogeneity_table(*unit, parts, cluster);
  return {"body-part", kTitle, body};
}

}  // namespace tagconf::report
