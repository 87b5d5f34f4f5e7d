// Reads values out of a JSON file with messages that name the file and the JSON pointer (RFC 6901).
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tagconf/base/error.hpp"
#include "tagconf/base/json_text.hpp"

namespace tagconf {

// One value of a file, with the way that leads to it.
class JsonPlace {
 public:
  JsonPlace(const Json& value, std::string source, ErrorCode code, std::string pointer = "")
      : value_(&value), source_(std::move(source)), code_(code), pointer_(std::move(pointer)) {}

  [[nodiscard]] const Json& value() const { return *value_; }
  // "labels.json: /3/boxes/0", for messages of one's own.
  [[nodiscard]] std::string where() const { return source_ + ": " + (pointer_.empty() ? "/" : pointer_); }

  [[noreturn]] void fail(const std::string& message) const { throw Error(code_, where() + ": " + message); }
  [[noreturn]] void fail_expected(const std::string& what) const {
    const std::string text = value_->dump(-1, ' ', false, Json::error_handler_t::replace);
    fail("expected " + what + ", found " + (text.size() > 60 ? text.substr(0, 57) + "..." : text));
  }

  [[nodiscard]] const JsonPlace& object() const {
    if (!value_->is_object()) fail_expected("an object");
    return *this;
  }
  [[nodiscard]] bool has(const char* key) const { return value_->is_object() && value_->contains(key); }
  // Present and not null.
  [[nodiscard]] bool given(const char* key) const { return has(key) && !(*value_)[key].is_null(); }
  [[nodiscard]] JsonPlace at(const std::string& key) const {
    return {(*value_)[key], source_, code_, pointer_ + "/" + escaped(key)};
  }
  [[nodiscard]] JsonPlace require(const char* key) const {
    (void)object();
    if (!has(key)) fail("the key '" + std::string(key) + "' is missing");
    return at(key);
  }

  [[nodiscard]] std::string text() const {
    if (!value_->is_string()) fail_expected("a text");
    return value_->get<std::string>();
  }
  [[nodiscard]] double number() const {
    if (!value_->is_number() || !std::isfinite(value_->get<double>())) fail_expected("a number");
    return value_->get<double>();
  }
  [[nodiscard]] std::int64_t integer() const {
    if (!value_->is_number_integer()) fail_expected("an integer");
    return value_->get<std::int64_t>();
  }
  [[nodiscard]] bool boolean() const {
    if (!value_->is_boolean()) fail_expected("true or false");
    return value_->get<bool>();
  }
  void each(const std::function<void(const JsonPlace&)>& work) const {
    if (!value_->is_array()) fail_expected("a list");
    for (std::size_t i = 0; i < value_->size(); ++i) {
      work({(*value_)[i], source_, code_, pointer_ + "/" + std::to_string(i)});
    }
  }

  // Absent and null alike: nothing.
  [[nodiscard]] std::string text_or_empty(const char* key) const { return given(key) ? at(key).text() : ""; }
  [[nodiscard]] std::optional<double> number_or_none(const char* key) const {
    return given(key) ? std::optional(at(key).number()) : std::nullopt;
  }
  [[nodiscard]] std::optional<std::int64_t> integer_or_none(const char* key) const {
    return given(key) ? std::optional(at(key).integer()) : std::nullopt;
  }

 private:
  // A key as a step of a JSON pointer (RFC 6901).
  [[nodiscard]] static std::string escaped(const std::string& key) {
    std::string out;
    for (const char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return out;
  }

  const Json* value_;
  std::string source_;
  ErrorCode code_;
  std::string pointer_;
};

}  // namespace tagconf
