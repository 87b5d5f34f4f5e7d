#include <algorithm>

#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Trained on one arm, tested on another";

void add_new(std::vector<std::string>& list, const std::string& name) {
  if (!name.empty() && std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
}

// "covered, tested on original" for covered@original.
std::string cell_words(const std::string& name) {
  const std::size_t at = name.find('@');
  if (at == std::string::npos) return spoken(name);
  return spoken(name.substr(0, at)) + " tested on " + spoken(name.substr(at + 1));
}

std::string matrix_words(const Comparison& c) {
  return cell_words(c.a) + " minus " + cell_words(c.b);
}

}  // namespace

Section matrix_section(const Results& results) {
  const UnitResult* unit = results.find("image", "all");
  std::vector<std::string> train;
  std::vector<std::string> test;
  bool crossed = false;
  if (unit != nullptr) {
    for (const auto& m : unit->models) {
      if (m.seed) continue;
      add_new(train, m.train_arm);
      add_new(test, m.test_arm);
      crossed = crossed || m.crossed();
    }
  }
  if (!crossed) {
    return empty_section(
        "matrix", kTitle,
        "No model was tested on another arm than its own: predictions named TRAIN@TEST fill this section.");
  }
  Table t;
  t.caption = "AUC (95 % CI) at image level";
  t.columns = {{"Trained on", false}};
  for (const auto& arm : test) t.columns.push_back({"tested on " + spoken(arm), true});
  for (const auto& from : train) {
    std::vector<Html> row{cell(spoken(from))};
    for (const auto& to : test) {
      const auto it = std::find_if(unit->models.begin(), unit->models.end(), [&](const auto& m) {
        return !m.seed && m.train_arm == from && m.test_arm == to;
      });
      if (it == unit->models.end()) {
        row.push_back(cell("\u2013"));
      } else {
        const std::string text =
            format_estimate(it->auc, leading(*it).ci, it->auc ? leading(*it).reason : it->reason);
        row.push_back(from == to ? strong(text) : cell(text));
      }
    }
    t.rows.push_back(std::move(row));
  }
  Html body = table(t);
  ComparisonGroup images{"The same model on other images", {}};
  ComparisonGroup models{"The same images, another model", {}};
  for (const auto& c : unit->comparisons) {
    if (c.a.find('@') == std::string::npos && c.b.find('@') == std::string::npos) continue;
    (c.family == "matrix_test_arm" ? models : images).lines.emplace_back(matrix_words(c), c);
  }
  std::vector<ComparisonGroup> groups;
  for (auto& group : {images, models}) {
    if (!group.lines.empty()) groups.push_back(group);
  }
  if (!groups.empty())
    body += comparison_table("Paired differences at image level, Holm within each group", groups,
                             results.cluster_word());
  body += note(
      "A loss of a model trained on originals when it is tested on covered images can come from the tags it "
      "misses or "
      "from the boxes, which it has never seen.");
  return {"matrix", kTitle, body};
}

}  // namespace tagconf::report
