#include <algorithm>
#include <utility>

#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "ROC curves";

Html drawing(const RocSet& set, const UnitResult* unit) {
  std::vector<RocCurve> curves;
  std::string description;
  std::size_t index = 0;
  const auto shown = unit != nullptr ? unit->headline() : std::vector<ModelResult>{};
  for (const auto& [name, curve] : set.curves) {
    const ModelResult* model = nullptr;
    for (const auto& m : shown) model = m.name == name ? &m : model;
    if (unit != nullptr && model == nullptr) continue;
    RocCurve c = curve;
    c.style = style_of(name, index++);
    c.label = spoken(name);
    if (model != nullptr) c.label += ": " + format_estimate(model->auc, leading(*model).ci, model->reason);
    description += c.label + ". ";
    curves.push_back(std::move(c));
  }
  if (curves.empty()) return {};
  const std::string id = "roc-" + set.unit + "-" + set.subset;
  std::string caption = unit_words(set.unit, set.subset);
  if (unit != nullptr && !shown.empty()) caption += ", n = " + format_count(shown.front().n);
  return figure(roc_plot({id, "ROC curves, " + unit_words(set.unit, set.subset), description}, curves),
                caption + ".");
}

std::string rule_words(const OperatingPoint& p) {
  if (p.rule == "youden") return "largest sensitivity + specificity (Youden)";
  std::string out = spoken(p.rule);
  for (const auto& [text, words] : {std::pair{"sensitivity>=", "sensitivity of at least "},
                                    std::pair{"specificity>=", "specificity of at least "}}) {
    if (out.rfind(text, 0) == 0) out = words + out.substr(std::string(text).size());
  }
  return out;
}

std::string origin_words(const OperatingPoint& p) {
  std::string out = p.chosen_on.empty() ? "fixed beforehand" : p.chosen_on + " images";
  if (p.chosen_on == "valid") out = "validation images";
  return out + (p.optimistic ? ", optimistic" : "");
}

// The rule for fixed thresholds ranks by probability, the others by what the model gives: the scale is said.
std::string threshold_words(const OperatingPoint& p) {
  if (!p.threshold) return not_estimable(p.reason);
  return format_value(p.threshold) + (p.score.empty() ? "" : " (" + p.score + ")");
}

bool calls_all_abnormal(const OperatingPoint& p) {
  return p.sensitivity == 1.0 && p.specificity == 0.0;
}

// Thresholds that were chosen on the test images are shown only where there are no others.
Html points_table(const Results& results) {
  const UnitResult* unit = results.find("image", "all");
  if (unit == nullptr) return {};
  Table t;
  t.caption = "Operating points at image level (95 % CI by Wilson, images taken as independent)";
  t.columns = {{"Rule", false},
               {"Threshold from", false},
               {"Threshold", true},
               {"Sensitivity", true},
               {"Specificity", true}};
  bool all_abnormal = false;
  for (const auto& m : unit->headline()) {
    const bool valid = std::any_of(m.operating_points.begin(), m.operating_points.end(),
                                   [](const auto& p) { return p.chosen_on == "valid" && p.threshold; });
    RowGroup group{spoken(m.name), {}};
    for (const auto& p : m.operating_points) {
      if (p.chosen_on == (valid ? "test" : "valid")) continue;
      group.rows.push_back({cell(rule_words(p)), cell(origin_words(p)), cell(threshold_words(p)),
                            cell(format_estimate(p.sensitivity, p.sensitivity_ci)),
                            cell(format_estimate(p.specificity, p.specificity_ci))});
      all_abnormal = all_abnormal || calls_all_abnormal(p);
    }
    if (!group.rows.empty()) t.groups.push_back(std::move(group));
  }
  if (t.groups.empty()) return {};
  Html out = table(t);
  if (all_abnormal) {
    out += note(
        "A sensitivity of 1 with a specificity of 0: the threshold calls every image abnormal. That is right "
        "where many images share one score, as images without a tag do in the arm of tags only: no threshold "
        "lies between them.");
  }
  return out;
}

}  // namespace

Section roc_section(const std::vector<RocSet>& sets, const Results& results) {
  std::vector<Html> drawings;
  bool band = false;
  for (const auto& set : sets) {
    if (set.subset != "all") continue;
    Html d = drawing(set, results.find(set.unit, set.subset));
    if (d.bytes.empty()) continue;
    drawings.push_back(std::move(d));
    for (const auto& c : set.curves) band = band || !c.second.band.empty();
  }
  if (drawings.empty()) {
    return empty_section("roc", kTitle,
                         "Not given: the curves of evaluate fill this section (--roc roc.csv).");
  }
  Html body = pair(drawings);
  body += note(std::string("Legend: AUC with 95 % CI") +
               (band ? "; bands: 95 % interval of the sensitivity at each "
                       "threshold (Wilson), images taken as independent."
                     : "."));
  body += points_table(results);
  return {"roc", kTitle, body};
}

}  // namespace tagconf::report
