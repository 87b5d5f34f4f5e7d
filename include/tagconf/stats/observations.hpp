// Labels and scores of a set of observations, checked once at the door: what passes here can be analysed
// without meeting NaN, a third class or columns of different length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagconf::stats {

// One label a row: 1 abnormal = positive, 0 normal = negative. At most 2^31 - 1 rows, so that placement
// counts fit 32 bits.
class Labels {
 public:
  Labels() = default;
  // Values must be 0 or 1 already (error bug otherwise).
  explicit Labels(std::vector<std::uint8_t> values);
  // Error input with reason=empty or reason=label_not_binary.
  [[nodiscard]] static Labels parse(std::span<const double> values);

  [[nodiscard]] std::size_t size() const { return values_.size(); }
  [[nodiscard]] std::size_t positives() const { return positives_; }
  [[nodiscard]] std::size_t negatives() const { return values_.size() - positives_; }
  [[nodiscard]] bool positive(std::size_t row) const { return values_[row] != 0; }
  [[nodiscard]] std::span<const std::uint8_t> values() const { return values_; }
  [[nodiscard]] bool two_classes() const { return positives_ > 0 && positives_ < values_.size(); }

 private:
  std::vector<std::uint8_t> values_;
  std::size_t positives_ = 0;
};

// The checks below throw Error input; `where` ("a.csv: ") stands in front of the message.
// reason=empty, reason=one_class.
void require_two_classes(const Labels& labels, std::string_view where = "");
// reason=length_mismatch naming the column and both counts.
void require_length(std::string_view column, std::size_t found, std::size_t expected);
// One score a label and no NaN: reason=length_mismatch, reason=nan_score. Infinities are ordinary extreme
// ranks.
void require_scores(std::string_view model, std::span<const double> scores, const Labels& labels);

// The texts of these errors, for readers that know file and line besides.
[[nodiscard]] std::string label_not_binary_text(std::string_view label, std::size_t row);
[[nodiscard]] std::string nan_score_text(std::string_view model, std::string_view column, std::size_t row);

}  // namespace tagconf::stats
