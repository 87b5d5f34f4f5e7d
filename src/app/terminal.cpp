#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace tagconf::app {

Terminal describe_terminal(bool is_tty, int width,
                           const std::function<std::optional<std::string>(const char*)>& variable) {
  const auto is_set = [&](const char* name) {
    const auto value = variable(name);
    return value && !value->empty();
  };
  const auto term = variable("TERM");
  Terminal out;
  out.is_smart = is_tty && term && *term != "dumb";
  const auto forced = variable("CLICOLOR_FORCE");
  out.colour = (out.is_smart || (forced && !forced->empty() && *forced != "0")) && !is_set("NO_COLOR");
  out.width = width > 0 ? width : 80;
  return out;
}

Terminal stderr_terminal() {
  winsize size{};
  const bool is_tty = ::isatty(STDERR_FILENO) == 1;
  const int width = is_tty && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
  return describe_terminal(is_tty, width, [](const char* name) -> std::optional<std::string> {
    const char* value = std::getenv(name);
    if (value == nullptr) return std::nullopt;
    return value;
  });
}

}  // namespace tagconf::app
