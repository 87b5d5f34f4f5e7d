// SIGTERM, SIGINT and SIGUSR1 ask the work to stop at its next step: the handler only sets a flag. A second
// SIGINT ends the process at once with exit code 130.
#pragma once

namespace tagconf::app {

void install_signal_handlers();
[[nodiscard]] bool stop_requested();

}  // namespace tagconf::app
