// Prediction tables: what `predict` writes and `evaluate` reads. Any CSV with an id, a label and a score will
// do.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/sample.hpp"
#include "tagconf/stats/observations.hpp"

namespace tagconf::stats {

struct PredictionRow {
  Sample sample;
  double logit = 0;
  double probability = 0;
  std::optional<bool> tagged;  // does the image carry a tag box?
};

// The text of predictions.csv: image_id,study_id,patient_id,body_part,label,logit,probability,tagged,split,
// rows as given. Error failed, naming the image, when a logit or a probability is NaN.
[[nodiscard]] std::string predictions_csv(std::span<const PredictionRow> rows);

// One model's predictions. Vectors of optional columns are empty where the file has no such column, or
// nothing in it.
struct PredictionTable {
  std::string model;
  std::string source;  // the file, for messages
  std::vector<std::string> image_id;
  Labels labels;
  std::vector<double> logit;
  std::vector<double> probability;
  std::vector<std::string> study_id;    // cells may be empty
  std::vector<std::string> patient_id;  // cells may be empty
  std::vector<std::string> body_part;   // cells may be empty
  std::vector<std::uint8_t> tagged;
  std::vector<Split> split;
  std::vector<std::size_t> file_row;  // 0-based, in its own file
  std::vector<std::size_t> line;      // of the file

  // Ranks by the logit where there is one: float32 sigmoids tie.
  [[nodiscard]] const std::vector<double>& score() const { return logit.empty() ? probability : logit; }
  // "a.csv:17: model a row 15 (0-based)"
  [[nodiscard]] std::string where(std::size_t row) const;
};

// Names of columns that are called otherwise in the file: {"image_id": "filename"}.
using ColumnNames = std::map<std::string, std::string>;

// Numbers are read as correctly rounded float64; inf and -inf are numbers. Error input naming file, line and
// column: missing column, duplicate image_id, reason=empty, label_not_binary, nan_score, length_mismatch (an
// empty score).
[[nodiscard]] PredictionTable parse_predictions(const CsvTable& table, std::string model,
                                                const ColumnNames& columns = {});
[[nodiscard]] PredictionTable read_predictions(const std::filesystem::path& path, std::string model,
                                               const ColumnNames& columns = {});

// Brings every table into the first one's row order. Ids and labels must be the same in all; studies,
// patients, parts, tags and splits must agree where two tables have them, and are filled in where one has
// not. Error input naming the first difference: reason=length_mismatch (other number of rows), id_mismatch,
// label_mismatch, study_mismatch, patient_mismatch, body_part_mismatch, tagged_mismatch, split_mismatch.
[[nodiscard]] std::vector<PredictionTable> join_predictions(std::vector<PredictionTable> tables);

}  // namespace tagconf::stats
