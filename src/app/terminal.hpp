// What standard error is: a terminal or not, how wide, with or without colour.
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace tagconf::app {

struct Terminal {
  bool is_smart = false;  // a terminal that can redraw a line
  bool colour = false;
  int width = 80;
};

// A terminal by isatty and TERM; colour unless NO_COLOR is set, not when TERM=dumb, forced by CLICOLOR_FORCE;
// NO_COLOR wins. `variable` looks up the environment.
[[nodiscard]] Terminal describe_terminal(
    bool is_tty, int width, const std::function<std::optional<std::string>(const char*)>& variable);

// Of this process's standard error.
[[nodiscard]] Terminal stderr_terminal();

}  // namespace tagconf::app
