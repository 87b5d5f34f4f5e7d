// The program: finds the command, runs it, and turns what it throws into a message and an exit code.
#pragma once

#include <string>
#include <vector>

#include "tagconf/stage/registry.hpp"

namespace tagconf::app {

// `arguments` without the program's name. Returns the exit code.
int run_program(const stage::Registry& registry, const std::vector<std::string>& arguments);

}  // namespace tagconf::app
