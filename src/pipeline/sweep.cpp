#include "tagconf/pipeline/sweep.hpp"

#include <algorithm>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/pipeline/lock.hpp"
#include "tagconf/pipeline/record.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

// "<stage>/<key>" of every entry that a record names.
std::set<std::string> referred(const std::vector<fs::path>& runs) {
  std::set<std::string> out;
  for (const auto& folder : runs) {
    std::error_code error;
    if (!fs::is_directory(folder, error)) continue;
    for (const auto& run : fs::directory_iterator(folder)) {
      const fs::path path = run.path() / "record.json";
      if (!fs::exists(path, error)) continue;
      const auto record = record_from_json(parse_json(read_text(path), path.string()), path.string());
      for (const auto& item : record.instances) {
        if (!item.key.empty()) out.insert(item.stage + "/" + item.key);
      }
    }
  }
  return out;
}

std::uint64_t bytes_below(const fs::path& folder) {
  std::uint64_t bytes = 0;
  for (const auto& file : fs::recursive_directory_iterator(folder)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

bool is_key(const std::string& name) {
  constexpr std::size_t kDigits = 64;
  return name.size() == kDigits && name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool in_work(const fs::path& entry) {
  const auto holder = lock_holder(entry);
  return holder && !is_dead(*holder);
}

}  // namespace

Sweep sweep_cache(const fs::path& cache, const std::vector<fs::path>& runs, bool dry_run) {
  std::error_code error;
  if (!fs::is_directory(cache, error))
    throw_input(cache.string() + ": no such folder", "name the cache by --cache");
  const auto kept = referred(runs);
  Sweep out;
  for (const auto& stage : fs::directory_iterator(cache)) {
    if (!stage.is_directory()) continue;
    for (const auto& entry : fs::directory_iterator(stage.path())) {
      const std::string key = entry.path().filename().string();
      if (!entry.is_directory() || !is_key(key)) continue;
      if (kept.contains(stage.path().filename().string() + "/" + key) || in_work(entry.path())) {
        ++out.kept;
      } else {
        out.bytes += bytes_below(entry.path());
        out.removed.push_back(entry.path());
      }
    }
  }
  std::sort(out.removed.begin(), out.removed.end());
  if (dry_run) return out;
  for (const auto& entry : out.removed) {
    fs::remove(entry / "OK", error);  // first, so that no one takes a half-removed entry for a whole one
    fs::remove_all(entry, error);
    if (error) {
      throw Error(ErrorCode::environment, entry.string() + ": cannot be removed: " + error.message(),
                  "check the permissions of the cache");
    }
  }
  return out;
}

}  // namespace tagconf::pipeline
