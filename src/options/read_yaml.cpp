// YAML read event by event into a JSON value. Only what every reader of YAML understands alike is accepted.
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <sstream>

#include "document_parts.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/utf8.hpp"

namespace tagconf::options {
namespace {

constexpr std::string_view kDigits = "0123456789";

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

template <std::size_t N>
bool among(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Has the text the form of a number, but one that float64 does not hold?
bool is_out_of_range(std::string_view text) {
  double ignored = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), ignored);
  return error == std::errc::result_out_of_range && end == text.data() + text.size();
}

// Why a plain scalar is refused, with what to write instead; empty when it is fine.
std::string trap(const std::string& text) {
  static constexpr std::array<std::string_view, 6> kBooleans{"y", "n", "yes", "no", "on", "off"};
  const std::string word = lower(text);
  if (among<6>(word, kBooleans)) {
    return "unquoted '" + text + "' is true or false to some readers of YAML and a word to others";
  }
  const std::string_view digits = std::string_view(word).substr(!word.empty() && word[0] == '-' ? 1 : 0);
  const std::string_view number = digits.substr(!digits.empty() && digits[0] == '+' ? 1 : 0);
  if (number == ".inf" || number == ".nan") return "'" + text + "' is no finite number";
  if (is_out_of_range(number)) return "'" + text + "' is beyond the range of numbers";
  const bool prefixed = number.size() > 2 && number[0] == '0' && (number[1] == 'x' || number[1] == 'o');
  const bool octal =
      number.size() > 1 && number[0] == '0' && number.find_first_not_of(kDigits) == std::string_view::npos;
  if (prefixed || octal) {
    return "unquoted '" + text +
           "' is octal or hexadecimal to some readers of YAML and something else to others";
  }
  return "";
}

// yaml-cpp takes the end of a text that ends in a line break as a closing quote: does the scalar that starts
// at the byte close its own?
bool closes_quote(std::string_view text, std::size_t start) {
  if (start >= text.size() || (text[start] != '"' && text[start] != '\'')) return true;
  const char quote = text[start];
  for (std::size_t at = start + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return true;
      ++at;  // '' is a quote inside a single-quoted text
    }
  }
  return false;
}

// A plain scalar by the core schema of YAML 1.2: null, booleans, decimal numbers, else text.
Json plain_value(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return nullptr;
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool numeric = text.find_first_not_of("+-.eE0123456789") == std::string::npos &&
                       text.find_first_of(kDigits) != std::string::npos;
  if (!numeric) return text;
  if (const auto integer = parse_int(text)) {
    if (*integer >= 0) return static_cast<std::uint64_t>(*integer);
    return *integer;
  }
  // Beyond 64 bits signed: JSON reads such an integer as unsigned or as a number, and so do we.
  if (text.find_first_not_of(kDigits) == std::string::npos) return Json::parse(text);
  if (const auto number = parse_double(text)) return *number;
  return text;
}

class Builder : public YAML::EventHandler {
 public:
  Builder(std::string_view text, Document& document) : text_(text), document_(document) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (seen_document_) fail_at(document_.source, place(mark), "a second document starts here", "keep one");
    seen_document_ = true;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    add(mark, nullptr);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse_anchor(mark, 1); }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    const bool plain = tag == "?";  // "!" marks a quoted scalar
    refuse_tag(mark, tag);
    if (!closes_quote(text_, static_cast<std::size_t>(std::max(mark.pos, 0)))) {
      fail_at(document_.source, place(mark), "the quote is never closed", "expected valid YAML");
    }
    // Whole texts were checked before: yaml-cpp takes \N and \_ for single bytes of Latin 1.
    if (find_not_utf8(value) != std::string::npos) {
      fail_at(document_.source, place(mark), "an escape that is not read right (\\N or \\_)",
              "write \\u0085 for \\N and \\u00A0 for \\_");
    }
    const std::string why = plain ? trap(value) : "";
    if (!why.empty()) {
      fail_at(document_.source, place(mark), why,
              "write true or false, a decimal number, or put quotes around the word");
    }
    if (expects_key()) {
      take_key(mark, value);
    } else {
      add(mark, plain ? plain_value(value) : Json(value));
    }
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, Json::array());
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    start(mark, tag, anchor, Json::object());
  }
  void OnMapEnd() override { open_.pop_back(); }

 private:
  struct Open {
    Json* value;
    std::string pointer;
    std::optional<std::string> key;  // of an object: the key whose value comes next
  };

  static Place place(const YAML::Mark& mark) {
    return {static_cast<std::size_t>(mark.line) + 1, static_cast<std::size_t>(mark.column) + 1};
  }

  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor == 0) return;
    fail_at(document_.source, place(mark), "anchors (&) and aliases (*) are not accepted",
            "write the value out");
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (tag.empty() || tag == "?" || tag == "!") return;
    fail_at(document_.source, place(mark), "tags (" + tag + ") are not accepted", "remove the tag");
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().value->is_object() && !open_.back().key;
  }

  void take_key(const YAML::Mark& mark, const std::string& key) {
    auto& map = open_.back();
    const std::string pointer = map.pointer + pointer_step(key);
    if (map.value->contains(key)) {
      fail_duplicate(document_.source, place(mark), document_.keys[pointer], pointer, key);
    }
    document_.keys[pointer] = place(mark);
    (*map.value)[key] = nullptr;
    map.key = key;
  }

  // Puts a value where the next one belongs; returns it and its pointer.
  Open add(const YAML::Mark& mark, Json value) {
    if (expects_key()) {
      fail_at(document_.source, place(mark), "a key must be a word", "write KEY: VALUE");
    }
    Open added{&document_.value, "", std::nullopt};
    if (!open_.empty()) {
      auto& parent = open_.back();
      if (parent.value->is_array()) {
        added.pointer = parent.pointer + "/" + std::to_string(parent.value->size());
        parent.value->push_back(nullptr);
        added.value = &parent.value->back();
      } else {
        added.pointer = parent.pointer + pointer_step(*parent.key);
        added.value = &(*parent.value)[*parent.key];
        parent.key.reset();
      }
    }
    *added.value = std::move(value);
    document_.values[added.pointer] = place(mark);
    return added;
  }

  void start(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Json empty) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (open_.size() > kDeepest) fail_deep(document_.source, place(mark));
    open_.push_back(add(mark, std::move(empty)));
  }

  std::string_view text_;  // without a byte-order mark, which yaml-cpp does not count
  Document& document_;
  std::vector<Open> open_;
  bool seen_document_ = false;
};

// yaml-cpp takes any bytes, and guesses other encodings from zeros.
void check_encoding(std::string_view text, const std::string& source) {
  const std::size_t bad = std::min(find_not_utf8(text), text.find('\0'));
  if (bad == std::string_view::npos) return;
  const std::string_view before = text.substr(0, bad);
  const auto line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  const std::size_t start = before.rfind('\n') + 1;  // npos + 1 = 0
  fail_at(source, {line, bad - start + 1}, "a byte that is no UTF-8 text", "save the file as UTF-8");
}

}  // namespace

void read_yaml(std::string_view text, Document& document) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  check_encoding(text, document.source);
  std::istringstream in{std::string(text)};
  try {
    YAML::Parser parser(in);
    Builder builder(text, document);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    const Place where{static_cast<std::size_t>(std::max(error.mark.line, 0)) + 1,
                      static_cast<std::size_t>(std::max(error.mark.column, 0)) + 1};
    fail_at(document.source, where, error.msg, "expected valid YAML");
  }
}

}  // namespace tagconf::options
