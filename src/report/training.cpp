#include "tagconf/report/training.hpp"

#include <cmath>
#include <map>

namespace tagconf::report {
namespace {

std::optional<double> number(const Json& line, const char* key) {
  if (!line.contains(key) || !line[key].is_number()) return std::nullopt;
  const double value = line[key].get<double>();
  return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

}  // namespace

const Epoch* TrainingRun::best() const {
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
  TrainingRun run{std::move(name), {}};
  for (const auto& entry : by_number) run.epochs.push_back(entry.second);
  return run;
}

}  // namespace tagconf::report
