// Words that cohorts use for labels, splits and columns.
#pragma once

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/sample.hpp"

namespace tagconf::cohort {

[[nodiscard]] inline std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

[[nodiscard]] inline std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

// train, valid or test, by their common names.
[[nodiscard]] std::optional<Split> split_of_word(const std::string& word);

// Comma, semicolon or tab, whichever the first line holds most of.
[[nodiscard]] char guess_separator(std::string_view text);

// The column that holds what `role` says and that no option names: of that name, else the only one of that
// name in another case. Error input naming both when two could be meant.
[[nodiscard]] std::optional<std::size_t> find_role(const CsvTable& table, const std::string& role);

// What each word means as a label; an empty map given stands for the common names.
class LabelWords {
 public:
  // Error config when a meaning is not "0", "1" or "".
  explicit LabelWords(const std::map<std::string, std::string>& given);
  // Does the word name a label (or, by "", none)?
  [[nodiscard]] bool known(const std::string& word) const { return meanings_.contains(key(word)); }
  [[nodiscard]] std::optional<int> label(const std::string& word) const { return meanings_.at(key(word)); }
  [[nodiscard]] std::string all() const;

 private:
  [[nodiscard]] std::string key(const std::string& word) const { return own_ ? word : lower(word); }
  bool own_;  // words given by the user count as written, the common ones in any case
  std::map<std::string, std::optional<int>> meanings_;
};

}  // namespace tagconf::cohort
