#include "tagconf/pipeline/file_digests.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/log.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMemory = "files.json";
// A file changed so recently may change again within the clock's grain: it is not remembered.
constexpr std::int64_t kFresh_ns = 2'000'000'000;

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

FileDigests::FileDigests(fs::path cache, bool rehash) : cache_(std::move(cache)), rehash_(rehash) {
  if (!rehash_) known_ = load();
}

std::map<std::string, FileDigests::Entry> FileDigests::load() const {
  std::map<std::string, Entry> out;
  const fs::path path = cache_ / kMemory;
  std::error_code error;
  if (!fs::exists(path, error)) return out;
  try {
    const Json memory = parse_json(read_text(path), path.string());
    for (const auto& [file, entry] : memory.items()) {
      out[file] = {entry.at(0).get<std::uint64_t>(), entry.at(1).get<std::int64_t>(),
                   entry.at(2).get<std::string>()};
    }
  } catch (const std::exception&) {
    log_debug(path.string() + " is damaged: files are read again");
    out.clear();
  }
  return out;
}

std::string FileDigests::of_file(const fs::path& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    throw_input(path.string() + ": cannot be read: " + std::strerror(errno), "check the path");
  }
  const std::string name =
      fs::weakly_canonical(path).lexically_proximate(fs::weakly_canonical(cache_)).generic_string();
  Entry entry{static_cast<std::uint64_t>(info.st_size),
              std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec, ""};
  for (const auto* memory : {&learnt_, &known_}) {
    const auto found = memory->find(name);
    if (found != memory->end() && found->second.size == entry.size &&
        found->second.modified_ns == entry.modified_ns) {
      return found->second.digest;
    }
  }
  entry.digest = sha256_file(path);
  if (now_ns() - entry.modified_ns > kFresh_ns) learnt_[name] = entry;
  return entry.digest;
}

std::string FileDigests::of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return of_file(path);
  // The same composition as sha256_tree.
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path().lexically_relative(path).generic_string());
  }
  std::sort(files.begin(), files.end());
  Sha256 hash;
  for (const auto& file : files) hash.update(of_file(path / file) + " " + file + "\n");
  return hash.hex();
}

std::string FileDigests::of_list(const std::vector<fs::path>& files, const fs::path& base) {
  Sha256 hash;
  for (const auto& file : files) {
    hash.update(of_file(file) + " " + file.lexically_proximate(base).generic_string() + "\n");
  }
  return hash.hex();
}

void FileDigests::save() {
  if (learnt_.empty()) return;
  auto all = load();
  for (const auto& [file, entry] : learnt_) all[file] = entry;
  Json memory = Json::object();
  for (const auto& [file, entry] : all) memory[file] = {entry.size, entry.modified_ns, entry.digest};
  write_text(cache_ / kMemory, canonical_json(memory) + "\n");
  known_ = std::move(all);
  learnt_.clear();
}

}  // namespace tagconf::pipeline
