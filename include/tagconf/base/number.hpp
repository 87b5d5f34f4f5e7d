// Numbers as text, independent of the locale: shortest decimal form that reads back to the same double,
// and strict parsing of a whole string.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tagconf {

// Shortest form that round-trips; "inf", "-inf", "nan" for those.
[[nodiscard]] std::string format_number(double value);
// With a fixed count of decimals, for people.
[[nodiscard]] std::string format_fixed(double value, int decimals);

// The whole text must be one number (std::from_chars; a leading '+' is accepted); nullopt otherwise.
[[nodiscard]] std::optional<double> parse_double(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_int(std::string_view text);

}  // namespace tagconf
