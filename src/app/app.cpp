#include "app.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <functional>

#include "commands.hpp"
#include "failure.hpp"
#include "stage_command.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::app {
namespace {

std::string overview(const stage::Registry& registry) {
  const auto row = [](const std::string& name, const std::string& summary) {
    std::string out = "  " + name;
    out.append(name.size() < 12 ? 12 - name.size() : 1, ' ');
    return out + summary + "\n";
  };
  std::string out =
      "tagconf " + version_text() +
      ": do tags on radiographs (R/L letters, initials) help a network, and do they mislead it?\n\n"
      "  tagconf run configs/demo.json                  the whole study on a synthetic cohort\n"
      "  tagconf evaluate original=a.csv covered=b.csv  compare two prediction tables\n\nstudies\n";
  for (const auto& command : commands()) out += row(command.name, command.summary);
  out += "\nstages, each usable alone\n";
  for (const auto& stage : registry.stages) out += row(stage.info.name, stage.info.summary);
  for (const auto& name : registry.absent) out += row(name, "not available: " + registry.absent_reason);
  return out + "\ntagconf COMMAND --help tells more; tagconf --version prints the version.\n";
}

std::vector<std::string> command_names(const stage::Registry& registry) {
  std::vector<std::string> names = registry.absent;
  for (const auto& command : commands()) names.push_back(command.name);
  for (const auto& stage : registry.stages) names.push_back(stage.info.name);
  return names;
}

int dispatch(const stage::Registry& registry, const std::vector<std::string>& arguments) {
  const std::string first = arguments.empty() ? "--help" : arguments.front();
  std::vector<std::string> rest(arguments.begin() + (arguments.empty() ? 0 : 1), arguments.end());
  if (first == "--version") {
    print("tagconf " + version_text() + "\n");
    return 0;
  }
  if (first == "help" && !rest.empty()) return dispatch(registry, {rest.front(), "--help"});
  if (first == "--help" || first == "-h" || first == "help") {
    print(overview(registry));
    return 0;
  }
  for (const auto& command : commands()) {
    if (command.name == first) return command.run({registry, std::move(rest)});
  }
  if (const auto* stage = registry.find(first)) return stage_command(*stage, rest);
  if (registry.is_absent(first)) registry.fail_absent(first);
  if (first.rfind('-', 0) == 0) {
    throw Error(ErrorCode::usage, "the first word must be a command, not the flag '" + first + "'",
                "tagconf COMMAND [flags]; tagconf help lists the commands");
  }
  throw Error(ErrorCode::usage,
              "no command '" + first + "'" + options::did_you_mean(first, command_names(registry)),
              "tagconf help lists the commands");
}

// Standard output is a result: it must have arrived. A reader that went away early wanted no more.
void flush_output() {
  errno = 0;
  const bool failed = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  if (failed && errno != EPIPE && errno != 0) {
    throw Error(ErrorCode::environment, "standard output cannot be written", "is the disk full?");
  }
}

}  // namespace

int run_program(const stage::Registry& registry, const std::vector<std::string>& arguments) {
  try {
    const int code = dispatch(registry, arguments);
    flush_output();
    return code;
  } catch (...) {
    const Error error = as_error(std::current_exception());
    const std::string command =
        arguments.empty() || arguments.front().rfind('-', 0) == 0 ? "" : arguments.front();
    const std::string text = failure_text(command, error, stderr_terminal().colour);
    std::fwrite(text.data(), 1, text.size(), stderr);
    if (std::find(arguments.begin(), arguments.end(), "--json") != arguments.end())
      print(failure_json(error));
    std::fflush(stdout);
    return static_cast<int>(error.code());
  }
}

}  // namespace tagconf::app
