// JSON as bytes that do not vary: keys sorted, shortest numbers, NaN and infinity as null.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace tagconf {

using Json = nlohmann::json;

// A number, or null when it is not finite.
[[nodiscard]] Json finite_or_null(double value);
// Without white space: the form that is hashed.
[[nodiscard]] std::string canonical_json(const Json& value);
// Indented by 2, with a final newline: the form that is written to files.
[[nodiscard]] std::string pretty_json(const Json& value);
// Strict: UTF-8, no duplicate keys, nothing after the value, numbers within float64's range, at most 200
// values in each other. Error input (or config) naming the source and, of a slip of the pen, line and column.
[[nodiscard]] Json parse_json(std::string_view text, std::string_view source, bool config_error = false);

}  // namespace tagconf
