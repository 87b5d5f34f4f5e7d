// One way to declare an option. A stage's options are a plain struct with defaults and a function
//
//   template <class Visitor> void describe(Visitor& v) {
//     v(within(field<int>("pad", "pixels added on every side of a tag box"), 0, 64), pad);
//     v(field<Fill>("fill", "grey level painted over a tag"), fill);
//     v(unhashed(field<int>("threads", "worker threads, 0 = all")), threads);
//   }
//
// Flags, strict config reading, canonical JSON (cache key), JSON Schema and the reference page all follow
// from it: `bind` turns the struct into a list of BoundField, and the rest of this layer works on that list.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/base/names.hpp"

namespace tagconf::options {

template <class T>
struct Field {
  using type = T;
  std::string_view key;   // snake_case; the flag is the same with dashes
  std::string_view help;  // one line, with the unit
  std::optional<double> low;
  std::optional<double> high;
  bool hashed = true;   // may it change a result? part of the cache key
  bool wiring = false;  // set by the pipeline per instance (arm, seed): a flag, but not a config key
};

template <class T>
[[nodiscard]] constexpr Field<T> field(std::string_view key, std::string_view help) {
  return {key, help, std::nullopt, std::nullopt, true, false};
}
// Accepted range, ends included.
template <class T>
[[nodiscard]] constexpr Field<T> within(Field<T> f, double low, double high) {
  f.low = low;
  f.high = high;
  return f;
}
// The value cannot change a result (threads, progress): not part of the cache key.
template <class T>
[[nodiscard]] constexpr Field<T> unhashed(Field<T> f) {
  f.hashed = false;
  return f;
}
// The value is set for each instance by the pipeline, not by the stage's config section.
template <class T>
[[nodiscard]] constexpr Field<T> per_instance(Field<T> f) {
  f.wiring = true;
  return f;
}

// What a value looks like, for flags, schema and reference.
enum class Shape { boolean, integer, number, text, choice, list, map };

// A field of one options object. `set` is strict (3.7 is no integer, 1 is no boolean, an unknown choice or a
// value out of range is refused) and throws std::invalid_argument with what was expected and what was found
// ("expected an integer from 0 to 64, found 3.7"); the caller adds file, line and pointer.
struct BoundField {
  std::string key;
  std::string help;
  Shape shape = Shape::text;
  Shape element = Shape::text;       // of a list's items or a map's values
  std::vector<std::string> choices;  // for choice, or lists of choices
  std::optional<double> low;
  std::optional<double> high;
  bool nullable = false;  // std::optional: null means "not set"
  bool hashed = true;
  bool wiring = false;
  Json initial;                          // the default
  std::function<void(const Json&)> set;  // strict
  std::function<Json()> get;             // the present value
};

// The supported types: bool, int, std::int64_t, std::uint64_t, double, std::string, enums with EnumNames,
// std::optional of those, std::vector of those, std::map<std::string, std::string>.
template <class Options>
[[nodiscard]] std::vector<BoundField> bind(Options& options);

}  // namespace tagconf::options

#include "tagconf/options/bind.hpp"
