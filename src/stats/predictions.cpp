#include "tagconf/stats/predictions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::stats {
namespace {

constexpr std::array<std::string_view, 9> kColumns{
    "image_id", "study_id", "patient_id", "body_part", "label", "logit", "probability", "tagged", "split"};

void require_number(double value, const char* column, const PredictionRow& row) {
  if (std::isnan(value))
    throw Error(ErrorCode::failed, fmt::format("the {} of image {} is NaN", column, row.sample.image_id));
}

// Reads one table; knows how its columns are called.
class Reader {
 public:
  Reader(const CsvTable& table, const TableForm& form) : table_(table), form_(form) {
    for (const auto& [ours, theirs] : form.columns) {
      if (std::find(kColumns.begin(), kColumns.end(), ours) == kColumns.end()) {
        throw_config(fmt::format("columns: '{}' is no column of a prediction table", ours),
                     fmt::format("its columns are: {}", fmt::join(kColumns, ", ")));
      }
      (void)table.require(theirs);
    }
  }

  PredictionTable read(std::string model) {
    out_.model = std::move(model);
    out_.source = table_.source();
    const std::size_t id = table_.require(name_in_file("image_id"));
    const std::size_t label = table_.require(name_in_file("label"));
    if (table_.rows() == 0)
      throw_input(fmt::format("{}: model {} has no rows; reason=empty", out_.source, out_.model));
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      out_.line.push_back(table_.line(row));
      out_.file_row.push_back(row);
    }
    read_ids(id);
    read_labels(label);
    read_scores();
    out_.study_id = texts(name_in_file("study_id"));
    out_.patient_id = texts(name_in_file("patient_id"));
    if (form_.by != "none") out_.part = texts(name_in_file(form_.by));
    out_.part_column = form_.by;
    read_tagged();
    read_split();
    return std::move(out_);
  }

 private:
  [[nodiscard]] std::string name_in_file(const std::string& column) const {
    const auto mapped = form_.columns.find(column);
    return mapped == form_.columns.end() ? column : mapped->second;
  }
  // The column's index, when the file has it and it is not empty throughout.
  [[nodiscard]] std::optional<std::size_t> filled(const std::string& column) const {
    const auto index = table_.find(column);
    if (!index) return std::nullopt;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      if (!table_.at(row, *index).empty()) return index;
    }
    return std::nullopt;
  }

  void read_ids(std::size_t column) {
    std::unordered_map<std::string_view, std::size_t> seen;
    seen.reserve(table_.rows());
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const std::string& id = table_.at(row, column);
      if (id.empty()) throw_input(fmt::format("{}: image_id is empty", out_.where(row)));
      const auto [entry, fresh] = seen.try_emplace(id, row);
      if (!fresh) {
        throw_input(fmt::format("{}: image_id '{}' stands also in line {}", out_.where(row), id,
                                out_.line[entry->second]));
      }
      out_.image_id.push_back(id);
    }
  }

  void read_labels(std::size_t column) {
    std::vector<std::uint8_t> labels;
    labels.reserve(table_.rows());
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const std::string& text = table_.at(row, column);
      const auto value = parse_double(text);
      if (!value || (*value != 0.0 && *value != 1.0)) {
        throw_input(fmt::format("{}:{}: model {} {}", out_.source, out_.line[row], out_.model,
                                label_not_binary_text(text.empty() ? "empty" : text, row)),
                    "1 = abnormal, 0 = normal");
      }
      labels.push_back(*value == 1.0 ? 1 : 0);
    }
    out_.labels = Labels(std::move(labels));
  }

  // The score asked for must be there; else any of the two will do.
  void read_scores() {
    out_.score_name = form_.score;
    out_.score_asked = !form_.score.empty();
    out_.logit = scores(name_in_file("logit"));
    out_.probability = scores(name_in_file("probability"));
    if (!out_.score_asked) out_.score_name = out_.logit.empty() ? "probability" : "logit";
    if (out_.score_name == "logit") {
      out_.kind = ScoreKind::logit;
    } else if (out_.score_name != "probability") {
      out_.kind = ScoreKind::column;
      out_.column = scores(out_.score_name);
    }
    if (!out_.score().empty()) return;
    const std::string hint = fmt::format("its columns are: {}", fmt::join(table_.columns(), ", "));
    if (out_.score_asked) {
      throw_input(fmt::format("{}: model {} has no column '{}' with numbers in it", out_.source, out_.model,
                              out_.kind == ScoreKind::column ? form_.score : name_in_file(form_.score)),
                  hint);
    }
    throw_input(fmt::format("{}: model {} has neither a column 'logit' nor 'probability' with numbers in it",
                            out_.source, out_.model),
                hint);
  }

  // Of a column by its name in the file, as are the following.
  std::vector<double> scores(const std::string& column) {
    const auto index = filled(column);
    std::vector<double> values;
    if (!index) return values;
    values.reserve(table_.rows());
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const std::string& text = table_.at(row, *index);
      if (text.empty()) fail_empty(column, *index, row);
      const auto value = parse_double(text);
      if (!value) {
        throw_input(fmt::format("{}: {} is '{}', expected a number within float64's range", out_.where(row),
                                column, text));
      }
      if (std::isnan(*value)) {
        throw_input(
            fmt::format("{}:{}: {}", out_.source, out_.line[row], nan_score_text(out_.model, column, row)),
            "a row without a prediction must be left out of every file");
      }
      values.push_back(*value);
    }
    return values;
  }

  [[noreturn]] void fail_empty(const std::string& column, std::size_t index, std::size_t first) const {
    std::size_t present = 0;
    for (std::size_t row = 0; row < table_.rows(); ++row) present += table_.at(row, index).empty() ? 0 : 1;
    throw_input(fmt::format("{}: {} is empty; model {} has {} scores for {} labels; reason=length_mismatch",
                            out_.where(first), column, out_.model, present, table_.rows()));
  }

  std::vector<std::string> texts(const std::string& column) {
    std::vector<std::string> values;
    if (const auto index = filled(column)) {
      values.reserve(table_.rows());
      for (std::size_t row = 0; row < table_.rows(); ++row) values.push_back(table_.at(row, *index));
    }
    return values;
  }

  void read_tagged() {
    const auto index = filled(name_in_file("tagged"));
    if (!index) return;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const std::string& text = table_.at(row, *index);
      if (text != "0" && text != "1")
        throw_input(fmt::format("{}: tagged is '{}', expected 0 or 1", out_.where(row), text));
      out_.tagged.push_back(text == "1" ? 1 : 0);
    }
  }

  void read_split() {
    const auto index = filled(name_in_file("split"));
    if (!index) return;
    for (std::size_t row = 0; row < table_.rows(); ++row) {
      const auto split = value_of<Split>(table_.at(row, *index));
      if (!split) {
        throw_input(fmt::format("{}: split is '{}', expected train, valid or test", out_.where(row),
                                table_.at(row, *index)));
      }
      out_.split.push_back(*split);
    }
  }

  const CsvTable& table_;
  const TableForm& form_;
  PredictionTable out_;
};

}  // namespace

std::string predictions_csv(std::span<const PredictionRow> rows) {
  CsvWriter csv(std::vector<std::string>(kColumns.begin(), kColumns.end()));
  for (const PredictionRow& row : rows) {
    require_number(row.logit, "logit", row);
    require_number(row.probability, "probability", row);
    const Sample& s = row.sample;
    csv.row({s.image_id, s.study_id, s.patient_id, s.body_part, s.label ? std::to_string(*s.label) : "",
             format_number(row.logit), format_number(row.probability),
             row.tagged ? (*row.tagged ? "1" : "0") : "", std::string(name_of(s.split))});
  }
  return csv.text();
}

const std::vector<double>& PredictionTable::score() const {
  if (kind == ScoreKind::column) return column;
  return kind == ScoreKind::logit ? logit : probability;
}

std::string PredictionTable::where(std::size_t row) const {
  return fmt::format("{}:{}: model {} row {} (0-based)", source, line[row], model, file_row[row]);
}

PredictionTable parse_predictions(const CsvTable& table, std::string model, const TableForm& form) {
  return Reader(table, form).read(std::move(model));
}

PredictionTable read_predictions(const std::filesystem::path& path, std::string model,
                                 const TableForm& form) {
  return parse_predictions(read_csv(path), std::move(model), form);
}

}  // namespace tagconf::stats
