// The visitor behind options::bind. Included by field.hpp.
#pragma once

#include <limits>
#include <stdexcept>

namespace tagconf::options {
namespace detail {

[[noreturn]] void fail_expected(const std::string& expected, const Json& found);
// "an integer from 0 to 64"
[[nodiscard]] std::string describe_number(const char* noun, const std::optional<double>& low,
                                          const std::optional<double>& high);
void check_range(double value, const char* noun, const std::optional<double>& low,
                 const std::optional<double>& high, const Json& found);

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};
template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
constexpr Shape shape_of() {
  if constexpr (std::is_same_v<T, bool>)
    return Shape::boolean;
  else if constexpr (std::is_integral_v<T>)
    return Shape::integer;
  else if constexpr (std::is_floating_point_v<T>)
    return Shape::number;
  else if constexpr (std::is_enum_v<T>)
    return Shape::choice;
  else if constexpr (std::is_same_v<T, std::string>)
    return Shape::text;
  else if constexpr (IsVector<T>::value)
    return Shape::list;
  else
    return Shape::map;
}

template <class T>
Json to_json(const T& value) {
  if constexpr (IsOptional<T>::value) {
    return value ? to_json(*value) : Json(nullptr);
  } else if constexpr (IsVector<T>::value) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(to_json(item));
    return list;
  } else if constexpr (std::is_enum_v<T>) {
    return std::string(name_of(value));
  } else {
    return value;
  }
}

template <class T>
T from_json(const Json& j, const std::optional<double>& low, const std::optional<double>& high) {
  if constexpr (IsOptional<T>::value) {
    if (j.is_null()) return std::nullopt;
    return from_json<typename T::value_type>(j, low, high);
  } else if constexpr (IsVector<T>::value) {
    if (!j.is_array()) fail_expected("a list", j);
    T out;
    for (const auto& item : j) out.push_back(from_json<typename T::value_type>(item, low, high));
    return out;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!j.is_boolean()) fail_expected("true or false", j);
    return j.get<bool>();
  } else if constexpr (std::is_integral_v<T>) {
    const std::string expected = describe_number("an integer", low, high);
    if (!j.is_number_integer()) fail_expected(expected, j);
    if (j.is_number_unsigned() &&
        j.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
      fail_expected(expected, j);
    }
    if (!j.is_number_unsigned()) {
      const auto v = j.get<std::int64_t>();
      if constexpr (std::is_unsigned_v<T>) {
        if (v < 0) fail_expected(expected, j);
      } else if (v < static_cast<std::int64_t>(std::numeric_limits<T>::min()) ||
                 v > static_cast<std::int64_t>(std::numeric_limits<T>::max())) {
        fail_expected(expected, j);
      }
    }
    const T value = j.get<T>();
    check_range(static_cast<double>(value), "an integer", low, high, j);
    return value;
  } else if constexpr (std::is_floating_point_v<T>) {
    if (!j.is_number()) fail_expected(describe_number("a number", low, high), j);
    check_range(j.get<double>(), "a number", low, high, j);
    return j.get<T>();
  } else if constexpr (std::is_enum_v<T>) {
    const auto value = j.is_string() ? value_of<T>(j.get<std::string>()) : std::nullopt;
    if (!value) fail_expected("one of " + all_names<T>(), j);
    return *value;
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!j.is_string()) fail_expected("a text", j);
    return j.get<std::string>();
  } else {
    if (!j.is_object()) fail_expected("an object of texts", j);
    T out;
    for (const auto& [k, v] : j.items()) {
      if (!v.is_string()) fail_expected("a text for '" + k + "'", v);
      out.emplace(k, v.template get<std::string>());
    }
    return out;
  }
}

template <class T>
struct Innermost {
  using type = T;
};
template <class T>
struct Innermost<std::optional<T>> : Innermost<T> {};

template <class T>
std::vector<std::string> choices_of() {
  if constexpr (IsVector<T>::value) {
    return choices_of<typename T::value_type>();
  } else if constexpr (std::is_enum_v<T>) {
    std::vector<std::string> out;
    for (const auto& entry : EnumNames<T>::kNames) out.emplace_back(entry.second);
    return out;
  } else {
    return {};
  }
}

struct Collector {
  std::vector<BoundField> fields;

  template <class T>
  void operator()(const Field<T>& f, T& value) {
    using Inner = typename Innermost<T>::type;
    BoundField b;
    b.key = f.key;
    b.help = f.help;
    b.shape = shape_of<Inner>();
    if constexpr (IsVector<Inner>::value) b.element = shape_of<typename Inner::value_type>();
    b.choices = choices_of<Inner>();
    b.low = f.low;
    b.high = f.high;
    b.nullable = IsOptional<T>::value;
    b.hashed = f.hashed;
    b.wiring = f.wiring;
    b.initial = to_json(value);
    b.set = [&value, low = f.low, high = f.high](const Json& j) { value = from_json<T>(j, low, high); };
    b.get = [&value] { return to_json(value); };
    fields.push_back(std::move(b));
  }
};

}  // namespace detail

template <class Options>
std::vector<BoundField> bind(Options& options) {
  detail::Collector collector;
  options.describe(collector);
  return std::move(collector.fields);
}

}  // namespace tagconf::options
