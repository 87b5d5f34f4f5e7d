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

// What train.json says beyond the epochs. Missing where the file does not say it.
struct TrainingRecord {
  std::optional<std::int64_t> input_size;  // pixels, the side
  std::string start;                       // "random", or the SHA-256 of the weights started from
  std::optional<std::int64_t> train_images;
  std::optional<std::int64_t> valid_images;
  std::optional<double> pos_weight;  // weight of abnormal images in the loss
  std::optional<std::int64_t> kept_epoch;
  std::string precision;
};

struct TrainingRun {
  std::string name;  // arm, or arm.sSEED
  std::vector<Epoch> epochs;
  std::optional<TrainingRecord> record;

  // The epoch that was kept where the record says it, else that with the largest validation AUC, the first of
  // equals.
  [[nodiscard]] const Epoch* best() const;
};

// From the lines of epochs.jsonl. Lines without an epoch number are other events and left out; a later line
// of the same epoch replaces the earlier one (a run that was stopped and went on).
[[nodiscard]] TrainingRun read_training(std::string name, const std::vector<Json>& lines);

// train.json, schema tagconf.train/1. Error input naming `source` and the JSON pointer.
[[nodiscard]] TrainingRecord parse_training_record(const Json& json, const std::string& source);

}  // namespace tagconf::report
