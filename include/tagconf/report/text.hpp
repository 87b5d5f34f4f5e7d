// Numbers as people read them: AUC with three decimals, p values with two significant digits, never "NaN".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tagconf/stats/inference.hpp"

namespace tagconf::report {

using stats::Interval;

// "0.844"; "-0.000" is never written; a value that is missing or not finite is "not estimable".
[[nodiscard]] std::string format_value(std::optional<double> value, int decimals = 3);
// "+0.013", "−0.002" (with a minus sign, not a hyphen), "0.000".
[[nodiscard]] std::string format_signed(std::optional<double> value, int decimals = 3);
// "0.830 to 0.858".
[[nodiscard]] std::string format_interval(const Interval& ci, int decimals = 3);
[[nodiscard]] std::string format_signed_interval(const Interval& ci, int decimals = 3);
// "0.844 (0.830 to 0.858)"; without an interval "0.844 (CI not estimable: zero variance)".
[[nodiscard]] std::string format_estimate(std::optional<double> value, const std::optional<Interval>& ci,
                                          std::string_view reason = "");
[[nodiscard]] std::string format_signed_estimate(std::optional<double> value,
                                                 const std::optional<Interval>& ci,
                                                 std::string_view reason = "");
// "< 0.001", "0.0042", "0.042", "0.42", "> 0.99".
[[nodiscard]] std::string format_p(std::optional<double> p, std::string_view reason = "");
// "p = 0.042", "p < 0.001", "p not estimable".
[[nodiscard]] std::string format_p_phrase(std::optional<double> p);
// "12.3 %" from 0.123.
[[nodiscard]] std::string format_percent(std::optional<double> fraction, int decimals = 1);
// "40,561".
[[nodiscard]] std::string format_count(std::int64_t count);
// "1 image", "40,561 images".
[[nodiscard]] std::string format_counted(std::int64_t count, std::string_view one, std::string_view many);
// "not estimable", or "not estimable: fewer than two positives" for the code fewer_than_two_positives.
[[nodiscard]] std::string not_estimable(std::string_view reason = "");
// The arm or model as people write it: tags_only -> "tags only".
[[nodiscard]] std::string spoken(std::string_view name);
// "a, b and c".
template <class Container>
[[nodiscard]] std::string join_words(const Container& words) {
  std::string out;
  std::size_t i = 0;
  const std::size_t n = words.size();
  for (const auto& word : words) {
    if (i > 0) out += i + 1 == n ? " and " : ", ";
    out += word;
    ++i;
  }
  return out;
}

}  // namespace tagconf::report
