#include "command_line.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <CLI/Option.hpp>
#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"
#include "tagconf/options/manual.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::app {
namespace {

constexpr std::size_t kHelpColumn = 26;
constexpr std::size_t kHelpWidth = 100;

// Text in lines of kHelpWidth, the first after `start`, the others indented to the help column.
std::string wrapped(const std::string& start, const std::string& text) {
  std::string out = start;
  std::size_t column = start.size();
  if (column + 1 > kHelpColumn) {
    out += "\n";
    column = 0;
  }
  out.append(kHelpColumn - column, ' ');
  column = kHelpColumn;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    const std::string word = text.substr(at, end - at);
    if (column > kHelpColumn && column + 1 + word.size() > kHelpWidth) {
      out += "\n" + std::string(kHelpColumn, ' ');
      column = kHelpColumn;
    } else if (column > kHelpColumn) {
      out += " ";
      ++column;
    }
    out += word;
    column += word.size();
    at = end + 1;
  }
  return out + "\n";
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return text;
}

std::string left_side(const Flag& flag) {
  const std::string name = flag.negatable ? "--[no-]" + flag.name.substr(2) : flag.name;
  return flag.form.empty() ? name : name + " " + flag.form;
}

std::string right_side(const Flag& flag) {
  return flag.initial.empty() ? flag.help : flag.help + " (default " + flag.initial + ")";
}

// A flag's help in one line, for hints.
std::string hint_line(const Flag& flag) {
  return left_side(flag) + ": " + right_side(flag);
}

std::string help_line(const Flag& flag) {
  return wrapped("  " + left_side(flag), right_side(flag));
}

}  // namespace

CommandLine::CommandLine(std::string name, std::string summary)
    : name_(std::move(name)), summary_(std::move(summary)) {}

void CommandLine::words(std::string name, std::string help, bool many) {
  words_name_ = std::move(name);
  words_help_ = std::move(help);
  words_many_ = many;
}

void CommandLine::further_word(std::string name, std::string help) {
  further_words_.emplace_back(std::move(name), std::move(help));
}

void CommandLine::flag(Flag flag) {
  const auto same = [&](const Flag& other) { return other.name == flag.name; };
  if (std::any_of(flags_.begin(), flags_.end(), same)) {
    throw Error(ErrorCode::bug, "flag " + flag.name + " of " + name_ + " is declared twice");
  }
  flags_.push_back(std::move(flag));
}

void CommandLine::fields(const std::vector<options::BoundField>& fields, const std::string& group,
                         bool negatable) {
  for (const auto& field : fields) {
    const bool is_switch = field.shape == options::Shape::boolean && !field.nullable;
    Flag made{.name = options::flag_name(field.key), .help = field.help, .group = group};
    if (is_switch) {
      made.negatable = negatable;
      if (negatable) made.initial = field.initial == true ? "on" : "off";
    } else {
      made.form = field.shape == options::Shape::boolean ? "true|false" : options::value_form(field);
      made.initial = options::default_text(field);
    }
    flag(std::move(made));
  }
}

void CommandLine::note(const std::string& group, std::string line) {
  notes_.emplace_back(group, std::move(line));
}

void CommandLine::parse(const std::vector<std::string>& arguments) {
  CLI::App parser;
  parser.set_help_flag();
  parser.allow_extras();
  std::vector<std::string> words;
  if (!words_name_.empty()) parser.add_option("words", words);
  for (const auto& flag : flags_) {
    auto& texts = given_[flag.name];
    if (flag.form.empty()) {
      std::string names = flag.name == "--help" ? "-h,--help" : flag.name;
      if (flag.negatable) names += ",!--no-" + flag.name.substr(2);
      parser.add_flag_function(names,
                               [&texts](std::int64_t count) { texts = {count > 0 ? "true" : "false"}; });
    } else {
      parser.add_option(flag.name, texts)->allow_extra_args(false);
    }
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    parser.parse(reversed);
  } catch (const CLI::ParseError& error) {
    // "--pad: 1 required TEXT missing": find the flag to show its help.
    const std::string what = error.what();
    for (const auto& flag : flags_) {
      if (what.rfind(flag.name + ":", 0) != 0) continue;
      throw Error(ErrorCode::usage, flag.name + " needs a value", hint_line(flag));
    }
    check_leftovers(parser.remaining());
    throw Error(ErrorCode::usage, what, "see tagconf " + name_ + " --help");
  }
  if (wants_help()) return;
  check_leftovers(parser.remaining());
  const std::size_t most = 1 + further_words_.size();
  if (!words_many_ && words.size() > most) fail_word(words[most]);
  words_given_ = std::move(words);
}

void CommandLine::check_leftovers(const std::vector<std::string>& leftovers) const {
  std::vector<std::string> names;
  for (const auto& flag : flags_) {
    names.push_back(flag.name);
    if (flag.negatable) names.push_back("--no-" + flag.name.substr(2));
  }
  for (const auto& word : leftovers) {
    if (word.size() < 2 || word[0] != '-') continue;
    const std::string given = word.substr(0, word.find('='));
    const auto near = options::nearest(given, names);
    std::string hint = "see tagconf " + name_ + " --help";
    for (const auto& flag : flags_) {
      if (near && (*near == flag.name || *near == "--no-" + flag.name.substr(2))) hint = hint_line(flag);
    }
    throw Error(ErrorCode::usage, "unknown flag '" + given + "'" + options::did_you_mean(given, names), hint);
  }
  if (!leftovers.empty()) fail_word(leftovers.front());
}

void CommandLine::fail_word(const std::string& word) const {
  throw Error(ErrorCode::usage, "unexpected argument '" + word + "'", "see tagconf " + name_ + " --help");
}

bool CommandLine::has(const std::string& flag) const {
  return !texts(flag).empty();
}

const std::vector<std::string>& CommandLine::texts(const std::string& flag) const {
  static const std::vector<std::string> none;
  const auto found = given_.find(flag);
  return found == given_.end() ? none : found->second;
}

std::string CommandLine::text(const std::string& flag, std::string fallback) const {
  const auto& all = texts(flag);
  return all.empty() ? std::move(fallback) : all.back();
}

std::string CommandLine::help() const {
  std::string usage = "usage: tagconf " + name_;
  if (!words_name_.empty()) usage += " " + upper(words_name_) + (words_many_ ? "..." : "");
  for (const auto& [name, help] : further_words_) usage += " " + upper(name);
  for (const auto& flag : flags_) {
    if (flag.required) usage += " " + flag.name + " " + flag.form;
  }
  std::string out = "tagconf " + name_ + ": " + summary_ + "\n" + usage + " [flags]\n";
  if (!examples_.empty()) out += "\n";
  for (const auto& line : examples_) out += "  " + line + "\n";
  std::vector<std::string> groups;
  const auto add_group = [&groups](const std::string& group) {
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
  };
  if (!words_name_.empty()) add_group("inputs");
  for (const auto& [group, line] : notes_) add_group(group);
  for (const auto& flag : flags_) add_group(flag.group);
  for (const auto& group : groups) {
    out += "\n" + group + "\n";
    if (group == "inputs" && !words_name_.empty()) {
      out += wrapped("  " + upper(words_name_), words_help_);
      for (const auto& [name, help] : further_words_) out += wrapped("  " + upper(name), help);
    }
    for (const auto& [of, line] : notes_) {
      if (of == group) {
        const auto gap = line.find('\t');
        out += gap == std::string::npos ? "  " + line + "\n"
                                        : wrapped("  " + line.substr(0, gap), line.substr(gap + 1));
      }
    }
    for (const auto& flag : flags_) {
      if (flag.group == group) out += help_line(flag);
    }
  }
  return out;
}

}  // namespace tagconf::app
