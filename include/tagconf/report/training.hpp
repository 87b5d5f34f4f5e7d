// A training run as its epochs tell it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"

namespace tagconf::report {

struct Epoch {
  std::int64_t epoch = 0;
  std::optional<double> train_loss;
  std::optional<double> valid_loss;
  std::optional<double> valid_auc;
};

struct TrainingRun {
  std::string name;  // arm, or arm.sSEED
  std::vector<Epoch> epochs;

  // The epoch with the largest validation AUC, the first of equals.
  [[nodiscard]] const Epoch* best() const;
};

// From the lines of epochs.jsonl. Lines without an epoch number are other events and left out; a later line
// of the same epoch replaces the earlier one (a run that was stopped and went on).
[[nodiscard]] TrainingRun read_training(std::string name, const std::vector<Json>& lines);

}  // namespace tagconf::report
