#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {
constexpr const char* kTitle = "By body part";
}

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
  Html body =
      figure(interval_plot(plot), bars_words(cluster) + " Nothing is adjusted for the number of body parts.");
  if (!group_of_parts.lines.empty())
    body += comparison_table("Covered minus original, by body part", {group_of_parts}, cluster);
  return {"body-part", kTitle, body};
}

}  // namespace tagconf::report
