#include "words.hpp"

#include "tagconf/base/error.hpp"

namespace tagconf::cohort {

std::optional<Split> split_of_word(const std::string& word) {
  static const std::map<std::string, Split> kWords{{"train", Split::train},      {"training", Split::train},
                                                   {"valid", Split::valid},      {"val", Split::valid},
                                                   {"validation", Split::valid}, {"test", Split::test},
                                                   {"testing", Split::test}};
  const auto found = kWords.find(lower(word));
  return found == kWords.end() ? std::nullopt : std::optional(found->second);
}

char guess_separator(std::string_view text) {
  const auto line = text.substr(0, text.find('\n'));
  char best = ',';
  for (const char candidate : {';', '\t'}) {
    if (std::count(line.begin(), line.end(), candidate) > std::count(line.begin(), line.end(), best)) {
      best = candidate;
    }
  }
  return best;
}

std::optional<std::size_t> find_role(const CsvTable& table, const std::string& role) {
  if (const auto exact = table.find(role)) return exact;
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string& name = table.columns()[i];
    if (lower(name) != lower(role)) continue;
    if (found) {
      throw_input(
          table.source() + ": column '" + table.columns()[*found] + "' or '" + name + "' may be the " + role,
          "say which by the option columns, as in columns: {" + role + ": " + name + "}");
    }
    found = i;
  }
  return found;
}

LabelWords::LabelWords(const std::map<std::string, std::string>& given) : own_(!given.empty()) {
  static const std::map<std::string, std::string> kCommon{
      {"0", "0"},        {"1", "1"},        {"", ""},         {"normal", "0"},
      {"abnormal", "1"}, {"negative", "0"}, {"positive", "1"}};
  for (const auto& [word, meaning] : own_ ? given : kCommon) {
    if (meaning != "0" && meaning != "1" && !meaning.empty()) {
      throw_config("labels: '" + word + "' means '" + meaning + "', expected 0, 1 or nothing",
                   "0 is normal, 1 is abnormal, an empty text leaves the image without a label");
    }
    meanings_[word] = meaning.empty() ? std::nullopt : std::optional(meaning == "1" ? 1 : 0);
  }
}

std::string LabelWords::all() const {
  std::string out;
  for (const auto& [word, label] : meanings_) {
    if (!word.empty()) out += (out.empty() ? "" : ", ") + word;
  }
  return out;
}

}  // namespace tagconf::cohort
