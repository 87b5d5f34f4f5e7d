// doctor: versions, and what is found on this machine.
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>

#include "commands.hpp"
#include "failure.hpp"

namespace tagconf::app {
namespace {

double memory_gigabytes() {
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page = ::sysconf(_SC_PAGESIZE);
  return pages <= 0 || page <= 0 ? 0 : static_cast<double>(pages) * static_cast<double>(page) / 1e9;
}

double free_gigabytes(const std::filesystem::path& folder) {
  std::error_code error;
  const auto space = std::filesystem::space(folder, error);
  return error ? 0 : static_cast<double>(space.available) / 1e9;
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

}  // namespace

CommandLine doctor_line() {
  CommandLine line("doctor", "versions, and what is found on this machine");
  line.example("tagconf doctor");
  line.example("tagconf doctor --json");
  add_common_flags(line);
  return line;
}

int doctor_command(const Call& call) {
  auto line = doctor_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  std::vector<std::string> present;
  for (const auto& stage : call.registry.stages) present.push_back(stage.info.name);
  Json facts{{"tagconf", version_text()},
             {"compiler", compiler_text()},
             {"threads", resolve_thread_count(common)},
             {"memory_gb", memory_gigabytes()},
             {"free_disk_gb", free_gigabytes(".")},
             {"stages", present},
             {"missing_stages", call.registry.absent}};
  for (const auto& [name, text] : call.registry.libraries) facts["libraries"][name] = text;
  if (common.json) {
    print(canonical_json(facts) + "\n");
    return 0;
  }
  std::string out = fmt::format(
      "tagconf    {}\ncompiler   {}\nthreads    {}\nmemory     {:.1f} GB\nfree disk  {:.1f} GB\n",
      version_text(), compiler_text(), resolve_thread_count(common), memory_gigabytes(), free_gigabytes("."));
  for (const auto& [name, text] : call.registry.libraries) out += fmt::format("{:<9}  {}\n", name, text);
  out += "stages     " + join(present) + "\n";
  if (!call.registry.absent.empty()) {
    out += "missing    " + join(call.registry.absent) + ": " + call.registry.absent_reason + "\n";
  }
  print(out);
  return 0;
}

}  // namespace tagconf::app
