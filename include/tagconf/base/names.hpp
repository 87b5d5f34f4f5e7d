// Enumerations as text. An enum that appears in options or files specialises EnumNames; names are the
// snake_case words that users read and write.
//
//   template <> struct EnumNames<Fill> {
//     static constexpr std::array kNames{std::pair{Fill::black, "black"}, std::pair{Fill::white, "white"}};
//   };
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace tagconf {

template <class E>
struct EnumNames;

// The name of a value; every value of E must be listed in EnumNames<E>::kNames.
template <class E>
[[nodiscard]] constexpr std::string_view name_of(E value) {
  for (const auto& [v, name] : EnumNames<E>::kNames) {
    if (v == value) return name;
  }
  return "";
}

// The value with that exact name, or nullopt.
template <class E>
[[nodiscard]] constexpr std::optional<E> value_of(std::string_view text) {
  for (const auto& [v, name] : EnumNames<E>::kNames) {
    if (text == name) return v;
  }
  return std::nullopt;
}

// "a, b, c": for messages that list what is accepted.
template <class E>
[[nodiscard]] std::string all_names() {
  std::string out;
  for (const auto& entry : EnumNames<E>::kNames) {
    if (!out.empty()) out += ", ";
    out += entry.second;
  }
  return out;
}

}  // namespace tagconf
