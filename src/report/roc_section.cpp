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

}  // namespace

Section roc_section(const std::vector<RocSet>& sets, const Results& results) {
  std::vector<Html> drawings;
  bool band = false;
  for (const auto& set : sets) {
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
  return {"roc", kTitle, body};
}

}  // namespace tagconf::report
