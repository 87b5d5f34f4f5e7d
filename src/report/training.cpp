#include "tagconf/report/training.hpp"

#include <cmath>
#include <map>

#include "tagconf/base/json_place.hpp"

namespace tagconf::report {
namespace {

std::optional<double> number(const Json& line, const char* key) {
  if (!line.contains(key) || !line[key].is_number()) return std::nullopt;
  const double value = line[key].get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

const Epoch* TrainingRun::best() const {
  for (const auto& epoch : epochs) {
    if (record && record->kept_epoch == epoch.epoch) return &epoch;
  }
  const Epoch* out = nullptr;
  for (const auto& epoch : epochs) {
    if (epoch.valid_auc && (out == nullptr || *epoch.valid_auc > *out->valid_auc)) out = &epoch;
  }
  return out;
}

TrainingRun read_training(std::string name, const std::vector<Json>& lines) {
  std::map<std::int64_t, Epoch> by_number;
  for (const auto& line : lines) {
    if (!line.is_object() || !line.contains("epoch") || !line["epoch"].is_number_integer()) continue;
    Epoch epoch;
    epoch.epoch = line["epoch"].get<std::int64_t>();
    epoch.train_loss = number(line, "train_loss");
    epoch.valid_loss = number(line, "valid_loss");
    epoch.valid_auc = number(line, "valid_auc");
    by_number[epoch.epoch] = epoch;
  }
  TrainingRun run{std::move(name), {}, std::nullopt};
  for (const auto& entry : by_number) run.epochs.push_back(entry.second);
  return run;
}

TrainingRecord parse_training_record(const Json& json, const std::string& source) {
  const JsonPlace root(json, source, ErrorCode::input);
  if (root.require("schema").text() != "tagconf.train/1") {
    root.at("schema").fail_expected("\"tagconf.train/1\" (train.json of tagconf train)");
  }
  TrainingRecord out;
  out.input_size = root.integer_or_none("input_size");
  out.start = root.text_or_empty("start");
  out.train_images = root.integer_or_none("train_images");
  out.valid_images = root.integer_or_none("valid_images");
  out.pos_weight = root.number_or_none("pos_weight");
  if (root.given("kept")) out.kept_epoch = root.at("kept").object().integer_or_none("epoch");
  out.precision = root.text_or_empty("precision");
  return out;
}

}  // namespace tagconf::report
