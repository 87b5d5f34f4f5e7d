// The flags that every command has, and what a command needs of the program around it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "progress.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/stage/registry.hpp"
#include "terminal.hpp"

namespace tagconf::app {

struct CommonOptions {
  int threads = 0;
  std::string device = "cpu";
  bool json = false;
  ProgressMode progress = ProgressMode::automatic;
  LogLevel log_level = LogLevel::info;
  bool quiet = false;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    v(options::within(field<int>("threads", "threads for everything, 0 = all processors of this process"), 0,
                      4096),
      threads);
    v(field<std::string>("device", "cpu, cuda or cuda:N"), device);
    v(field<bool>("json", "one JSON object on standard output, for errors too"), json);
    v(field<ProgressMode>("progress", "auto: a bar on a terminal, lines elsewhere"), progress);
    v(field<LogLevel>("log_level", "least severe message shown"), log_level);
    v(field<bool>("quiet", "no progress, warnings only"), quiet);
  }
};

// Adds the common flags whose names the command has not taken itself.
void add_common_flags(CommandLine& line);
// Reads them back (error usage for a bad value) and sets the log level.
[[nodiscard]] CommonOptions read_common_flags(const CommandLine& line);

// Sets fields from the flags given; error usage naming flag and what was expected.
void apply_flags(const CommandLine& line, const std::vector<options::BoundField>& fields);

// A progress printer on standard error for a label.
[[nodiscard]] std::unique_ptr<stage::Progress> make_progress(const CommonOptions& common,
                                                             const std::string& label);

// Prints to standard output, to standard error.
void print(const std::string& text);
void print_error(const std::string& text);

// What a command knows: the stages and its arguments (without its own name). Returns the exit code.
struct Call {
  const stage::Registry& registry;
  std::vector<std::string> arguments;
};

}  // namespace tagconf::app
