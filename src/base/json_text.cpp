#include "tagconf/base/json_text.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf {
namespace {

// Of a file's values in each other. Whoever walks through a value calls itself once a level.
constexpr int kDeepest = 200;

// nlohmann keeps the last of two equal keys silently: the callback sees every key and refuses the second.
class DuplicateGuard {
 public:
  void operator()(Json::parse_event_t event, const Json& parsed) {
    if (event == Json::parse_event_t::object_start) keys_.emplace_back();
    if (event == Json::parse_event_t::object_end) keys_.pop_back();
    if (event == Json::parse_event_t::key && !keys_.back().insert(parsed.get<std::string>()).second &&
        duplicate_.empty()) {
      duplicate_ = parsed.get<std::string>();
    }
  }
  [[nodiscard]] const std::string& duplicate() const { return duplicate_; }

 private:
  std::vector<std::set<std::string>> keys_;
  std::string duplicate_;
};

std::string line_and_column(std::string_view text, std::size_t byte) {
  byte = std::min(byte, text.size());
  const auto before = text.substr(0, byte);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto start = before.rfind('\n');
  const auto column = start == std::string_view::npos ? byte + 1 : byte - start;
  return std::to_string(line) + ":" + std::to_string(column);
}

// Bytes that are no UTF-8 (from a flag or a file name) become U+FFFD.
std::string text_of(const Json& value) {
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// nlohmann writes numbers shortest, but 1e22 style and integers-as-doubles differ between releases: numbers
// go through format_number.
void write_value(const Json& value, int indent, int depth, std::string& out) {
  const auto newline = [&](int d) {
    if (indent < 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent * d), ' ');
  };
  if (value.is_object() && !value.empty()) {
    out += '{';
    bool first = true;
    for (const auto& [key, item] : value.items()) {
      if (!first) out += ',';
      first = false;
      newline(depth + 1);
      out += text_of(key) + (indent < 0 ? ":" : ": ");
      write_value(item, indent, depth + 1, out);
    }
    newline(depth);
    out += '}';
  } else if (value.is_array() && !value.empty()) {
    const bool flat =
        std::none_of(value.begin(), value.end(), [](const Json& v) { return v.is_structured(); });
    out += '[';
    bool first = true;
    for (const auto& item : value) {
      if (!first) out += indent < 0 || !flat ? "," : ", ";
      first = false;
      if (!flat) newline(depth + 1);
      write_value(item, indent, depth + 1, out);
    }
    if (!flat) newline(depth);
    out += ']';
  } else if (value.is_number_float()) {
    const double number = value.get<double>();
    std::string text = std::isfinite(number) ? format_number(number) : "null";
    if (std::isfinite(number) && text.find_first_of(".e") == std::string::npos) text += ".0";
    out += text;
  } else {
    out += text_of(value);
  }
}

}  // namespace

Json finite_or_null(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

std::string canonical_json(const Json& value) {
  std::string out;
  write_value(value, -1, 0, out);
  return out;
}

std::string pretty_json(const Json& value) {
  std::string out;
  write_value(value, 2, 0, out);
  return out + "\n";
}

Json parse_json(std::string_view text, std::string_view source, bool config_error) {
  const auto code = config_error ? ErrorCode::config : ErrorCode::input;
  DuplicateGuard guard;
  try {
    Json value = Json::parse(text, [&](int depth, Json::parse_event_t event, Json& parsed) {
      if (depth > kDeepest) {
        throw Error(code,
                    std::string(source) + ": values nested more than " + std::to_string(kDeepest) + " deep");
      }
      guard(event, parsed);
      return true;
    });
    if (!guard.duplicate().empty()) {
      throw Error(code, std::string(source) + ": key '" + guard.duplicate() + "' stands twice in one object",
                  "keep one of them");
    }
    return value;
  } catch (const Json::parse_error& error) {
    std::string what = error.what();
    // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ..." -> the last part
    const auto colon = what.find(": ", what.find("column"));
    if (colon != std::string::npos) what = what.substr(colon + 2);
    const std::size_t byte = error.byte == 0 ? 0 : error.byte - 1;
    throw Error(code, std::string(source) + ":" + line_and_column(text, byte) + ": " + what,
                "expected valid JSON");
  } catch (const Json::out_of_range& error) {
    // "[json.exception.out_of_range.406] number overflow parsing '1e999'"
    const std::string what = error.what();
    throw Error(code, std::string(source) + ": " + what.substr(what.find("] ") + 2),
                "numbers must be within float64's range");
  }
}

}  // namespace tagconf
