#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Training";

using Value = std::optional<double> Epoch::*;

LinePlot lines(const std::vector<TrainingRun>& runs, Value value, bool mark) {
  LinePlot plot;
  plot.x_axis = "epoch";
  for (std::size_t i = 0; i < runs.size(); ++i) {
    Series s;
    s.label = spoken(runs[i].name);
    s.style = style_of(runs[i].name, i);
    for (const auto& e : runs[i].epochs) {
      if (e.*value) s.points.push_back({static_cast<double>(e.epoch), *(e.*value)});
    }
    const Epoch* best = runs[i].best();
    if (mark && best != nullptr && best->valid_auc)
      s.mark = Point{static_cast<double>(best->epoch), *best->valid_auc};
    if (!s.points.empty()) plot.series.push_back(std::move(s));
  }
  return plot;
}

Html runs_table(const std::vector<TrainingRun>& runs) {
  bool recorded = false;
  bool kept = true;
  for (const auto& run : runs) {
    recorded = recorded || run.record.has_value();
    kept = kept && run.record && run.record->kept_epoch;
  }
  Table t;
  t.columns = {{"Model", false},
               {"Epochs", true},
               {kept ? "Kept epoch" : "Best epoch", true},
               {"Its validation AUC", true}};
  if (recorded) {
    for (const char* title :
         {"Training images", "Validation images", "Input, pixels", "Loss weight, abnormal"}) {
      t.columns.push_back({title, true});
    }
    t.columns.push_back({"Started from", false});
  }
  const auto count = [](const std::optional<std::int64_t>& n) {
    return cell(n ? format_count(*n) : "\u2013");
  };
  for (const auto& run : runs) {
    const Epoch* best = run.best();
    std::vector<Html> row{cell(spoken(run.name)),
                          cell(format_count(static_cast<std::int64_t>(run.epochs.size()))),
                          cell(best != nullptr ? std::to_string(best->epoch) : "\u2013"),
                          cell(best != nullptr ? format_value(best->valid_auc) : "\u2013")};
    if (recorded) {
      const TrainingRecord r = run.record.value_or(TrainingRecord{});
      row.push_back(count(r.train_images));
      row.push_back(count(r.valid_images));
      row.push_back(count(r.input_size));
      row.push_back(cell(r.pos_weight ? format_value(r.pos_weight, 2) : "\u2013"));
      row.push_back(r.start.size() == 64 ? code(r.start.substr(0, 8))
                                         : cell(r.start.empty() ? "\u2013" : r.start));
    }
    t.rows.push_back(std::move(row));
  }
  return table(t);
}

}  // namespace

Section training_section(const std::vector<TrainingRun>& runs) {
  std::vector<Html> drawings;
  LinePlot auc = lines(runs, &Epoch::valid_auc, true);
  auc.words = {"valid-auc", "AUC on the validation images by epoch", ""};
  auc.y_axis = "AUC, validation";
  LinePlot loss = lines(runs, &Epoch::train_loss, false);
  loss.words = {"train-loss", "Training loss by epoch", "One line per model."};
  loss.y_axis = "loss, training";
  LinePlot valid = lines(runs, &Epoch::valid_loss, false);
  valid.words = {"valid-loss", "Validation loss by epoch", "One line per model."};
  valid.y_axis = "loss, validation";
  for (const auto& run : runs) {
    const Epoch* best = run.best();
    if (best == nullptr) continue;
    auc.words.description += spoken(run.name) + ": " + format_value(best->valid_auc) + " at epoch " +
                             std::to_string(best->epoch) + ". ";
  }
  if (!auc.series.empty())
    drawings.push_back(
        figure(line_plot(auc), "Validation AUC; a ring marks the best epoch, or the one that was kept."));
  if (!loss.series.empty()) drawings.push_back(figure(line_plot(loss), "Training loss."));
  if (!valid.series.empty()) drawings.push_back(figure(line_plot(valid), "Validation loss."));
  if (drawings.empty()) {
    return empty_section(
        "training", kTitle,
        "Not given: the records of train fill this section (--epochs covered=epochs.jsonl).");
  }
  return {"training", kTitle, pair(drawings) + runs_table(runs)};
}

}  // namespace tagconf::report
