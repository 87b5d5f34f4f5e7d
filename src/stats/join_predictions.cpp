#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>

#include "tagconf/base/error.hpp"
#include "tagconf/stats/predictions.hpp"

namespace tagconf::stats {
namespace {

using RowOf = std::unordered_map<std::string_view, std::size_t>;

RowOf index_ids(const PredictionTable& table) {
  RowOf rows;
  rows.reserve(table.image_id.size());
  for (std::size_t row = 0; row < table.image_id.size(); ++row) rows.emplace(table.image_id[row], row);
  return rows;
}

// The first id of `table` that `others` lacks, as text; empty when there is none.
std::string first_missing(const PredictionTable& table, const RowOf& others, const PredictionTable& other) {
  for (std::size_t row = 0; row < table.image_id.size(); ++row) {
    if (!others.contains(table.image_id[row]))
      return fmt::format("image {} ({}:{}) is not in {}", table.image_id[row], table.source, table.line[row],
                         other.source);
  }
  return "";
}

// For each row of `first` the row of `other` with the same id.
std::vector<std::size_t> match_rows(const PredictionTable& first, const PredictionTable& other) {
  const RowOf in_first = index_ids(first);
  const RowOf in_other = index_ids(other);
  std::string missing = first_missing(first, in_other, other);
  if (missing.empty()) missing = first_missing(other, in_first, first);
  if (first.image_id.size() != other.image_id.size()) {
    throw_input(fmt::format("{}: model {} has {} rows but model {} ({}) has {}; {}; reason=length_mismatch",
                            other.source, other.model, other.image_id.size(), first.model, first.source,
                            first.image_id.size(), missing),
                "compare models on the same images");
  }
  if (!missing.empty()) {
    throw_input(fmt::format("{}: model {} and model {} ({}) hold different images: {}; reason=id_mismatch",
                            other.source, other.model, first.model, first.source, missing),
                "compare models on the same images");
  }
  std::vector<std::size_t> rows(first.image_id.size());
  for (std::size_t row = 0; row < rows.size(); ++row) rows[row] = in_other.at(first.image_id[row]);
  return rows;
}

template <class T>
std::vector<T> reordered(const std::vector<T>& values, const std::vector<std::size_t>& rows) {
  if (values.empty()) return {};
  std::vector<T> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) out.push_back(values[row]);
  return out;
}

std::string text_of(const std::string& value) {
  return "'" + value + "'";
}
std::string text_of(std::uint8_t value) {
  return std::to_string(value);
}
std::string text_of(Split value) {
  return "'" + std::string(name_of(value)) + "'";
}

// Values of one column, already in the same order.
template <class Values>
void require_equal(const Values& mine, const Values& others, const char* column, const char* reason,
                   const PredictionTable& first, const PredictionTable& other) {
  if (mine.empty() || others.empty()) return;
  for (std::size_t row = 0; row < mine.size(); ++row) {
    if (mine[row] == others[row]) continue;
    throw_input(fmt::format("{}: {} of image {} is {} but {} in model {} ({}:{}); reason={}",
                            other.where(row), column, first.image_id[row], text_of(others[row]),
                            text_of(mine[row]), first.model, first.source, first.line[row], reason),
                "the files must describe the same images");
  }
}

template <class T>
void fill(std::vector<T>& target, const std::vector<T>& source) {
  if (target.empty()) target = source;
}

}  // namespace

std::vector<PredictionTable> join_predictions(std::vector<PredictionTable> tables) {
  if (tables.empty()) return tables;
  PredictionTable& first = tables.front();
  for (std::size_t t = 1; t < tables.size(); ++t) {
    PredictionTable& other = tables[t];
    const std::vector<std::size_t> rows = match_rows(first, other);
    other.image_id = first.image_id;
    other.line = reordered(other.line, rows);
    other.file_row = reordered(other.file_row, rows);
    other.logit = reordered(other.logit, rows);
    other.probability = reordered(other.probability, rows);
    other.study_id = reordered(other.study_id, rows);
    other.patient_id = reordered(other.patient_id, rows);
    other.column = reordered(other.column, rows);
    other.part = reordered(other.part, rows);
    other.tagged = reordered(other.tagged, rows);
    other.split = reordered(other.split, rows);
    const auto labels = other.labels.values();
    other.labels = Labels(reordered(std::vector<std::uint8_t>(labels.begin(), labels.end()), rows));
    require_equal(first.labels.values(), other.labels.values(), "label", "label_mismatch", first, other);
    require_equal(first.study_id, other.study_id, "study_id", "study_mismatch", first, other);
    require_equal(first.patient_id, other.patient_id, "patient_id", "patient_mismatch", first, other);
    const bool body_part = first.part_column == "body_part";
    require_equal(first.part, other.part, first.part_column.c_str(),
                  body_part ? "body_part_mismatch" : "part_mismatch", first, other);
    require_equal(first.tagged, other.tagged, "tagged", "tagged_mismatch", first, other);
    require_equal(first.split, other.split, "split", "split_mismatch", first, other);
    fill(first.study_id, other.study_id);
    fill(first.patient_id, other.patient_id);
    fill(first.part, other.part);
    fill(first.tagged, other.tagged);
    fill(first.split, other.split);
  }
  for (PredictionTable& other : tables) {
    fill(other.study_id, first.study_id);
    fill(other.patient_id, first.patient_id);
    fill(other.part, first.part);
    fill(other.tagged, first.tagged);
    fill(other.split, first.split);
  }
  return tables;
}

}  // namespace tagconf::stats
