// JSON with places. nlohmann reads the value; a scanner over the same, by then valid, text notes where keys
// and values stand and refuses the second of two equal keys, which nlohmann would keep silently.
#include <set>

#include "document_parts.hpp"

namespace tagconf::options {
namespace {

class Scanner {
 public:
  Scanner(std::string_view text, Document& document) : text_(text), document_(document) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") start_of_line_ = at_ = 3;
  }

  void value(const std::string& pointer, std::size_t depth) {
    skip_space();
    document_.values[pointer] = place();
    if (depth > kDeepest) fail_deep(document_.source, place());
    if (text_[at_] == '{') {
      object(pointer, depth);
    } else if (text_[at_] == '[') {
      array(pointer, depth);
    } else if (text_[at_] == '"') {
      quoted();
    } else {
      at_ = text_.find_first_of(",]} \t\r\n", at_);
    }
  }

 private:
  void object(const std::string& pointer, std::size_t depth) {
    std::set<std::string> seen;
    step();
    while (text_[at_] != '}') {
      const Place start = place();
      const std::string key = Json::parse(quoted()).get<std::string>();
      const std::string child = pointer + pointer_step(key);
      if (!seen.insert(key).second) {
        fail_duplicate(document_.source, start, document_.keys[child], child, key);
      }
      document_.keys[child] = start;
      skip_space();
      step();  // over the colon
      value(child, depth + 1);
      skip_space();
      if (text_[at_] == ',') step();
    }
    ++at_;
  }

  void array(const std::string& pointer, std::size_t depth) {
    step();
    for (std::size_t i = 0; text_[at_] != ']'; ++i) {
      value(pointer + "/" + std::to_string(i), depth + 1);
      skip_space();
      if (text_[at_] == ',') step();
    }
    ++at_;
  }

  // The text of a string with its quotes; stands behind it afterwards.
  std::string_view quoted() {
    const std::size_t start = at_++;
    while (text_[at_] != '"') at_ += text_[at_] == '\\' ? 2 : 1;
    return text_.substr(start, ++at_ - start);
  }

  void step() {
    ++at_;
    skip_space();
  }

  void skip_space() {
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\n') {
        ++line_;
        start_of_line_ = at_ + 1;
      } else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r') {
        return;
      }
    }
  }

  [[nodiscard]] Place place() const { return {line_, at_ - start_of_line_ + 1}; }

  std::string_view text_;
  Document& document_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t start_of_line_ = 0;
};

}  // namespace

void read_json(std::string_view text, Document& document) {
  // The scanner may assume valid text; broken text gets its message from parse_json.
  if (Json::accept(text)) Scanner(text, document).value("", 0);
  document.value = parse_json(text, document.source, true);
}

}  // namespace tagconf::options
