// Commands that are no stages: studies, documentation, housekeeping.
#pragma once

#include <string>
#include <vector>

#include "common.hpp"

namespace tagconf::app {

struct Command {
  std::string name;
  std::string summary;
  CommandLine (*line)();
  int (*run)(const Call&);
};

[[nodiscard]] const std::vector<Command>& commands();

CommandLine run_line();
int run_command(const Call& call);
CommandLine plan_line();
int plan_command(const Call& call);
CommandLine why_line();
int why_command(const Call& call);
CommandLine status_line();
int status_command(const Call& call);
CommandLine gc_line();
int gc_command(const Call& call);
CommandLine docs_line();
int docs_command(const Call& call);
CommandLine bench_line();
int bench_command(const Call& call);
CommandLine doctor_line();
int doctor_command(const Call& call);
CommandLine completion_line();
int completion_command(const Call& call);

// Prints the help; returns exit code 0.
int print_help(const CommandLine& line);

[[nodiscard]] std::string compiler_text();
[[nodiscard]] int resolve_thread_count(const CommonOptions& common);

}  // namespace tagconf::app
