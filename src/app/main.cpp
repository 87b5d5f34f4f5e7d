#include "app.hpp"
#include "signals.hpp"
#include "stages.hpp"

int main(int argc, char** argv) {
  tagconf::app::install_signal_handlers();
  return tagconf::app::run_program(tagconf::app::all_stages(), {argv + 1, argv + argc});
}
