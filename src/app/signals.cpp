#include "signals.hpp"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace tagconf::app {
namespace {

std::atomic<bool> stop{false};
std::atomic<bool> interrupted{false};
static_assert(std::atomic<bool>::is_always_lock_free, "used in a signal handler");

extern "C" void on_signal(int number) {
  stop = true;
  if (number == SIGINT && interrupted.exchange(true)) ::_exit(130);
}

}  // namespace

void install_signal_handlers() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) sigaction(number, &action, nullptr);
  // A reader that goes away (`tagconf plan | head -1`) must not kill the work: writing fails instead.
  std::signal(SIGPIPE, SIG_IGN);
}

bool stop_requested() {
  return stop;
}

}  // namespace tagconf::app
