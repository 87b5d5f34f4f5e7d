#include "tagconf/report/text.hpp"

#include <algorithm>
#include <cmath>

#include "tagconf/base/number.hpp"

namespace tagconf::report {
namespace {

constexpr std::string_view kMinus = "\u2212";

// Digits of the magnitude; "0.000" for whatever rounds to zero.
std::string magnitude(double value, int decimals) {
  return format_fixed(std::abs(value), decimals);
}

bool is_zero_text(const std::string& digits) {
  return digits.find_first_not_of("0.") == std::string::npos;
}

std::string with_reason(std::string_view what, std::string_view reason) {
  std::string out(what);
  if (!reason.empty()) out += ": " + spoken(reason);
  return out;
}

bool usable(const std::optional<double>& value) {
  return value && std::isfinite(*value);
}

}  // namespace

std::string format_value(std::optional<double> value, int decimals) {
  if (!usable(value)) return not_estimable();
  const std::string digits = magnitude(*value, decimals);
  return *value < 0 && !is_zero_text(digits) ? std::string(kMinus) + digits : digits;
}

std::string format_signed(std::optional<double> value, int decimals) {
  const std::string text = format_value(value, decimals);
  const bool positive = usable(value) && *value > 0 && !is_zero_text(text);
  return positive ? "+" + text : text;
}

std::string format_interval(const Interval& ci, int decimals) {
  return format_value(ci.low, decimals) + " to " + format_value(ci.high, decimals);
}

std::string format_signed_interval(const Interval& ci, int decimals) {
  return format_signed(ci.low, decimals) + " to " + format_signed(ci.high, decimals);
}

std::string format_estimate(std::optional<double> value, const std::optional<Interval>& ci,
                            std::string_view reason) {
  if (!usable(value)) return not_estimable(reason);
  const std::string inner = ci ? format_interval(*ci) : with_reason("CI not estimable", reason);
  return format_value(value) + " (" + inner + ")";
}

std::string format_signed_estimate(std::optional<double> value, const std::optional<Interval>& ci,
                                   std::string_view reason) {
  if (!usable(value)) return not_estimable(reason);
  const std::string inner = ci ? format_signed_interval(*ci) : with_reason("CI not estimable", reason);
  return format_signed(value) + " (" + inner + ")";
}

std::string format_p(std::optional<double> p, std::string_view reason) {
  if (!usable(p)) return not_estimable(reason);
  if (*p < 0.001) return "< 0.001";
  if (*p > 0.99) return "> 0.99";
  // Two significant digits after rounding: 0.0996 is 0.10, not 0.100.
  const int decimals = *p >= 0.0995 ? 2 : *p >= 0.00995 ? 3 : 4;
  return format_fixed(*p, decimals);
}

std::string format_p_phrase(std::optional<double> p) {
  if (!usable(p)) return "p not estimable";
  const std::string text = format_p(p);
  return text.front() == '<' || text.front() == '>' ? "p " + text : "p = " + text;
}

std::string format_percent(std::optional<double> fraction, int decimals) {
  if (!usable(fraction)) return not_estimable();
  return format_value(*fraction * 100.0, decimals) + " %";
}

std::string format_count(std::int64_t count) {
  std::string digits = std::to_string(count < 0 ? -count : count);
  for (std::ptrdiff_t i = static_cast<std::ptrdiff_t>(digits.size()) - 3; i > 0; i -= 3) {
    digits.insert(static_cast<std::size_t>(i), ",");
  }
  return count < 0 ? std::string(kMinus) + digits : digits;
}

std::string format_counted(std::int64_t count, std::string_view one, std::string_view many) {
  return format_count(count) + " " + std::string(count == 1 ? one : many);
}

std::string not_estimable(std::string_view reason) {
  return with_reason("not estimable", reason);
}

std::string spoken(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

}  // namespace tagconf::report
