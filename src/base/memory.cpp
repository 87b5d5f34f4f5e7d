#include "tagconf/base/memory.hpp"

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace tagconf {
namespace fs = std::filesystem;
namespace {

constexpr std::uint64_t kKilobyte = 1024;

// Names of a control group's files, which differ between the two versions.
struct GroupFiles {
  const char* limit;
  const char* used;
  const char* reclaimable;  // a line of memory.stat
};
constexpr GroupFiles kVersion2{"memory.max", "memory.current", "inactive_file"};
constexpr GroupFiles kVersion1{"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"};

// The number behind `name` in a file of lines "NAME NUMBER ...".
std::optional<std::uint64_t> number_of(const fs::path& file, const std::string& name) {
  std::ifstream in(file);
  std::string word;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::uint64_t value = 0;
    if (fields >> word && word == name && fields >> value) return value;
  }
  return std::nullopt;
}

// The number that a file holds; nullopt for "max".
std::optional<std::uint64_t> number_in(const fs::path& file) {
  std::ifstream in(file);
  std::uint64_t value = 0;
  return in >> value ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> left_in_group(const fs::path& group, const GroupFiles& files) {
  const auto limit = number_in(group / files.limit);
  const auto used = number_in(group / files.used);
  if (!limit || !used) return std::nullopt;
  const std::uint64_t held =
      *used - std::min(*used, number_of(group / "memory.stat", files.reclaimable).value_or(0));
  return *limit - std::min(*limit, held);
}

std::optional<std::uint64_t> lesser(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  return a && b ? std::min(a, b) : a ? a : b;
}

// Over the group that `path` names below `mount` and all above it. Inside a container the path may be that of
// the host, of which only the top is to be seen here.
std::optional<std::uint64_t> left_in_groups(const fs::path& mount, const fs::path& path,
                                            const GroupFiles& files) {
  auto left = left_in_group(mount, files);
  fs::path group = mount;
  for (const auto& part : path.relative_path()) {
    group /= part;
    left = lesser(left, left_in_group(group, files));
  }
  return left;
}

// Of /proc/self/cgroup's lines "ID:CONTROLLERS:PATH": no controllers in version 2.
std::optional<std::uint64_t> left_by_groups(const fs::path& root) {
  const fs::path mount = root / "sys/fs/cgroup";
  std::optional<std::uint64_t> left;
  std::ifstream in(root / "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) left = lesser(left, left_in_groups(mount, path, kVersion2));
    if (controllers == "memory") left = lesser(left, left_in_groups(mount / "memory", path, kVersion1));
  }
  return left;
}

}  // namespace

std::optional<std::uint64_t> available_memory(const fs::path& root) {
  auto machine = number_of(root / "proc/meminfo", "MemAvailable:");
  if (machine) *machine *= kKilobyte;
  return lesser(machine, left_by_groups(root));
}

std::optional<std::uint64_t> peak_memory() {
  auto peak = number_of("/proc/self/status", "VmHWM:");
  if (peak) *peak *= kKilobyte;
  return peak;
}

bool reset_peak_memory() {
  constexpr const char* kResetPeak = "5";  // man 5 proc, clear_refs
  std::ofstream out("/proc/self/clear_refs");
  return bool(out << kResetPeak << std::flush);
}

void keep_freed_memory() {
#if defined(__GLIBC__)
  constexpr int kNever = -1;
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, kNever);
#endif
}

void release_freed_memory() {
#if defined(__GLIBC__)
  ::malloc_trim(0);
#endif
}

}  // namespace tagconf
