// The flags and words of one command: declared once, used to parse and to print the help.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/options/field.hpp"

namespace tagconf::app {

struct Flag {
  std::string name{};  // "--pad"
  std::string form{};  // "0..64"; empty: a switch without a value
  std::string help{};
  std::string initial{};   // shown as the default when not empty
  bool negatable = false;  // a switch with a --no- form
  bool required = false;   // shown in the usage line
  std::string group{};     // heading of the help: "inputs", "options", ...
};

class CommandLine {
 public:
  // `name` as the user types it ("mask"), `summary` one line.
  CommandLine(std::string name, std::string summary);

  // The words without a flag; `many` accepts any number of them, else one at most.
  void words(std::string name, std::string help, bool many);
  // One more word may follow the first.
  void further_word(std::string name, std::string help);
  void flag(Flag flag);
  // A flag for each field; per-instance fields included. `negatable`: switches get a --no- form.
  void fields(const std::vector<options::BoundField>& fields, const std::string& group,
              bool negatable = true);
  void example(std::string line) { examples_.push_back(std::move(line)); }
  // A line of its own below a heading of the help ("outputs").
  void note(const std::string& group, std::string line);

  // Error usage for an unknown flag (with the nearest one's help), a missing value or a word too many.
  void parse(const std::vector<std::string>& arguments);

  [[nodiscard]] bool has(const std::string& flag) const;
  // The texts given for a flag, in order; "true" or "false" for a switch.
  [[nodiscard]] const std::vector<std::string>& texts(const std::string& flag) const;
  // The last text, or the fallback.
  [[nodiscard]] std::string text(const std::string& flag, std::string fallback = "") const;
  [[nodiscard]] bool is_on(const std::string& flag) const { return text(flag, "false") == "true"; }
  [[nodiscard]] const std::vector<std::string>& words() const { return words_given_; }
  [[nodiscard]] bool wants_help() const { return is_on("--help"); }

  [[nodiscard]] std::string help() const;
  [[nodiscard]] const std::vector<Flag>& flags() const { return flags_; }

 private:
  void check_leftovers(const std::vector<std::string>& leftovers) const;
  [[noreturn]] void fail_word(const std::string& word) const;

  std::string name_;
  std::string summary_;
  std::string words_name_;
  std::string words_help_;
  bool words_many_ = false;
  std::vector<std::pair<std::string, std::string>> further_words_;  // name and help
  std::vector<Flag> flags_;
  std::vector<std::string> examples_;
  std::vector<std::pair<std::string, std::string>> notes_;
  std::map<std::string, std::vector<std::string>> given_;
  std::vector<std::string> words_given_;
};

}  // namespace tagconf::app
