#include "commands.hpp"

#include "tagconf/base/parallel.hpp"

namespace tagconf::app {

const std::vector<Command>& commands() {
  static const std::vector<Command> all{
      {"run", "run a study from a config", run_line, run_command},
      {"plan", "what a run would do, and why", plan_line, plan_command},
      {"why", "every part of an instance's cache key, old and new", why_line, why_command},
      {"status", "how a run stands", status_line, status_command},
      {"gc", "remove what no run refers to from the cache", gc_line, gc_command},
      {"bench", "how fast this machine trains and predicts, and what memory that takes", bench_line,
       bench_command},
      {"doctor", "what this program finds on this machine", doctor_line, doctor_command},
      {"docs", "write or check the config schema and the reference page", docs_line, docs_command},
      {"completion", "completion script for a shell", completion_line, completion_command}};
  return all;
}

int print_help(const CommandLine& line) {
  print(line.help());
  return 0;
}

std::string compiler_text() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

int resolve_thread_count(const CommonOptions& common) {
  return resolve_threads(common.threads);
}

}  // namespace tagconf::app
