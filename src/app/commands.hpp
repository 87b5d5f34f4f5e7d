// Commands that are no stages.
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

CommandLine docs_line();
int docs_command(const Call& call);
CommandLine doctor_line();
int doctor_command(const Call& call);
CommandLine completion_line();
int completion_command(const Call& call);

}  // namespace tagconf::app
