#include "common.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"

namespace tagconf::app {
namespace {

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

void add_common_flags(CommandLine& line) {
  CommonOptions defaults;
  auto fields = options::bind(defaults);
  std::erase_if(fields, [&line](const auto& field) {
    const std::string name = options::flag_name(field.key);
    return std::any_of(line.flags().begin(), line.flags().end(),
                       [&](const Flag& f) { return f.name == name; });
  });
  line.fields(fields, "common flags", false);
  line.flag({.name = "--help", .help = "this text", .group = "common flags"});
}

CommonOptions read_common_flags(const CommandLine& line) {
  CommonOptions common;
  apply_flags(line, options::bind(common));
  if (common.quiet) {
    common.progress = ProgressMode::none;
    common.log_level = std::max(common.log_level, LogLevel::warning);
  }
  set_log_level(common.log_level);
  return common;
}

void apply_flags(const CommandLine& line, const std::vector<options::BoundField>& fields) {
  for (const auto& field : fields) {
    const std::string name = options::flag_name(field.key);
    if (!line.has(name)) continue;
    try {
      field.set(options::flag_value(field, line.texts(name)));
    } catch (const std::invalid_argument& error) {
      throw Error(ErrorCode::usage, name + ": " + error.what(), field.help);
    }
  }
}

std::unique_ptr<stage::Progress> make_progress(const CommonOptions& common, const std::string& label) {
  const Terminal terminal = stderr_terminal();
  ProgressSink sink;
  sink.mode = common.progress;
  if (sink.mode == ProgressMode::automatic) {
    sink.mode = terminal.is_smart ? ProgressMode::bar : ProgressMode::lines;
  }
  sink.width = terminal.width;
  sink.now_s = steady_seconds;
  sink.write = print_error;
  return std::make_unique<ProgressPrinter>(label, sink);
}

void print(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
}

void print_error(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace tagconf::app
