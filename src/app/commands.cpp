#include "commands.hpp"

namespace tagconf::app {

const std::vector<Command>& commands() {
  static const std::vector<Command> all;
  return all;
}

}  // namespace tagconf::app
