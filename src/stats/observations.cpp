#include "tagconf/stats/observations.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::stats {

Labels::Labels(std::vector<std::uint8_t> values) : values_(std::move(values)) {
  if (values_.size() > std::numeric_limits<std::int32_t>::max())
    throw_input(fmt::format("{} rows: more than an analysis can hold (2147483647)", values_.size()));
  for (const auto value : values_) {
    if (value > 1) throw Error(ErrorCode::bug, "a label is neither 0 nor 1");
    positives_ += value;
  }
}

Labels Labels::parse(std::span<const double> values) {
  if (values.empty()) throw_input("there are no observations; reason=empty");
  std::vector<std::uint8_t> checked(values.size());
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (values[row] != 0.0 && values[row] != 1.0)
      throw_input(label_not_binary_text(format_number(values[row]), row));
    checked[row] = values[row] == 1.0 ? 1 : 0;
  }
  return Labels(std::move(checked));
}

void require_two_classes(const Labels& labels, std::string_view where) {
  if (labels.size() == 0) throw_input(fmt::format("{}there are no observations; reason=empty", where));
  if (labels.two_classes()) return;
  throw_input(fmt::format("{}no observation of class {} among {} rows, an AUC needs both; reason=one_class",
                          where, labels.positives() == 0 ? 1 : 0, labels.size()));
}

void require_length(std::string_view column, std::size_t found, std::size_t expected) {
  if (found == expected) return;
  throw_input(fmt::format("{} has {} entries but there are {} labels; reason=length_mismatch", column, found,
                          expected));
}

void require_scores(std::string_view model, std::span<const double> scores, const Labels& labels) {
  require_length(fmt::format("model {}", model), scores.size(), labels.size());
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (std::isnan(scores[row])) throw_input(nan_score_text(model, "score", row));
  }
}

std::string label_not_binary_text(std::string_view label, std::size_t row) {
  return fmt::format("row {} (0-based): label is {} but must be 0 or 1; reason=label_not_binary", row, label);
}

std::string nan_score_text(std::string_view model, std::string_view column, std::size_t row) {
  return fmt::format("model {} row {} (0-based): {} is NaN but must be a number; reason=nan_score", model,
                     row, column);
}

}  // namespace tagconf::stats
