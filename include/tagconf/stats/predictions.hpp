// Prediction tables: what `predict` writes and `evaluate` reads. Any CSV with an id, a label and a score will
// do.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/names.hpp"
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

enum class ScoreKind { probability, logit, column };

// One model's predictions. Vectors of optional columns are empty where the file has no such column, or
// nothing in it.
struct PredictionTable {
  std::string model;
  std::string source;  // the file, for messages
  std::vector<std::string> image_id;
  Labels labels;
  std::vector<double> logit;
  std::vector<double> probability;
  std::vector<double> column;  // of a score asked for by the column's name
  ScoreKind kind = ScoreKind::probability;
  std::string score_name;               // "logit", "probability" or the column's name
  bool score_asked = false;             // or taken by default: logit where there is one
  std::vector<std::string> study_id;    // cells may be empty
  std::vector<std::string> patient_id;  // cells may be empty
  std::vector<std::string> part;        // cells may be empty
  std::string part_column;              // what the parts are: "body_part"
  std::vector<std::uint8_t> tagged;
  std::vector<Split> split;
  std::vector<std::size_t> file_row;  // 0-based, in its own file
  std::vector<std::size_t> line;      // of the file

  // What ranks. By default the logit where there is one: float32 sigmoids tie.
  [[nodiscard]] const std::vector<double>& score() const;
  // "a.csv:17: model a row 15 (0-based)"
  [[nodiscard]] std::string where(std::size_t row) const;
};

// Names of columns that are called otherwise in the file: {"image_id": "filename"}.
using ColumnNames = std::map<std::string, std::string>;

// How a file is to be read.
struct TableForm {
  ColumnNames columns;
  std::string score;             // logit, probability or any column with numbers; empty: the default
  std::string by = "body_part";  // any column: its values are the parts. "none": no parts
};

// Numbers are read as correctly rounded float64; inf and -inf are numbers. Error input naming file, line and
// column: missing column, duplicate image_id, reason=empty, label_not_binary, nan_score, length_mismatch (an
// empty score). A column of parts may be missing.
[[nodiscard]] PredictionTable parse_predictions(const CsvTable& table, std::string model,
                                                const TableForm& form = {});
[[nodiscard]] PredictionTable read_predictions(const std::filesystem::path& path, std::string model,
                                               const TableForm& form = {});

// Brings every table into the first one's row order. Ids and labels must be the same in all; studies,
// patients, parts, tags and splits must agree where two tables have them, and are filled in where one has
// not. Error input naming the first difference: reason=length_mismatch (other number of rows), id_mismatch,
// label_mismatch, study_mismatch, patient_mismatch, body_part_mismatch (part_mismatch of another column),
// tagged_mismatch, split_mismatch.
[[nodiscard]] std::vector<PredictionTable> join_predictions(std::vector<PredictionTable> tables);

}  // namespace tagconf::stats

namespace tagconf {

template <>
struct EnumNames<stats::ScoreKind> {
  static constexpr std::array kNames{std::pair{stats::ScoreKind::probability, "probability"},
                                     std::pair{stats::ScoreKind::logit, "logit"},
                                     std::pair{stats::ScoreKind::column, "column"}};
};

}  // namespace tagconf
