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

// Without links where they can be followed.
fs::path resolved(const fs::path& path) {
  std::error_code error;
  const fs::path out = fs::weakly_canonical(path, error);
  return error ? fs::absolute(path, error).lexically_normal() : out;
}

// The regular files below the folder, sorted. What cannot be entered is passed over: stages have their own
// words for it.
std::vector<std::string> files_below(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> out;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    std::error_code looping;
    if (entry->is_regular_file(looping))
      out.push_back(entry->path().lexically_relative(folder).generic_string());
  }
  // Names below it may be patients'.
  if (error) throw_input(folder.string() + ": a folder in it cannot be read: " + error.message());
  std::sort(out.begin(), out.end());
  return out;
}

std::string digest_of_secret(const fs::path& path) {
  constexpr std::size_t kLongest = std::size_t{1} << 20U;
  return slow_digest_hex(read_text(path, kLongest));
}

}  // namespace

FileDigests::FileDigests(fs::path cache, bool rehash) : cache_(std::move(cache)) {
  if (!rehash) known_ = load();
}

FileDigests::Memory FileDigests::load() const {
  Memory out{new_secret(), {}};
  const fs::path path = cache_ / kMemory;
  std::error_code error;
  if (!fs::exists(path, error)) return out;
  std::string text;
  try {
    text = read_text(path);
  } catch (const Error& unreadable) {
    log_debug(unreadable.message() + ": files are read again");
    return out;
  }
  try {
    const Json memory = parse_json(text, path.string());
    for (const auto& [name, entry] : memory.at("files").items()) {
      out.files[name] = {entry.at(0).get<std::uint64_t>(), entry.at(1).get<std::int64_t>(),
                         entry.at(2).get<std::string>()};
    }
    out.salt = memory.at("salt").get<std::string>();
  } catch (const std::exception&) {
    log_debug(path.string() + " is damaged or of an earlier form: files are read again");
    fs::remove(path, error);  // the earlier form held paths in clear
    out.files.clear();
  }
  return out;
}

std::string FileDigests::of_file(const fs::path& path, const std::string& kind, Compute compute) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) {
    throw_input(path.string() + ": cannot be read: " + std::strerror(errno), "check the path");
  }
  const std::string name =
      kind + "\n" + resolved(path).lexically_proximate(resolved(cache_)).generic_string();
  Entry entry{static_cast<std::uint64_t>(info.st_size),
              std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec, ""};
  const auto is_same = [&](const Entry& other) {
    return other.size == entry.size && other.modified_ns == entry.modified_ns;
  };
  if (const auto found = learnt_.find(name); found != learnt_.end() && is_same(found->second)) {
    return found->second.digest;
  }
  const auto found = known_.files.find(hmac_sha256_hex(known_.salt, name));
  if (found != known_.files.end() && is_same(found->second)) return found->second.digest;
  entry.digest = compute(path);
  if (now_ns() - entry.modified_ns > kFresh_ns) learnt_[name] = entry;
  return entry.digest;
}

std::string FileDigests::of_file(const fs::path& path) {
  return of_file(path, "content", sha256_file);
}

std::string FileDigests::of_one_among(const fs::path& path) {
  try {
    return of_file(path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::input) throw;
    return "unreadable";
  }
}

std::string FileDigests::of_secret(const fs::path& path) {
  return of_file(path, "secret", digest_of_secret);
}

std::string FileDigests::of(const fs::path& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return of_file(path);
  // The same composition as sha256_tree.
  Sha256 hash;
  for (const auto& file : files_below(path)) hash.update(of_one_among(path / file) + " " + file + "\n");
  return hash.hex();
}

std::string FileDigests::of_list(const std::vector<fs::path>& files, const fs::path& base) {
  Sha256 hash;
  for (const auto& file : files) {
    hash.update(of_one_among(file) + " " + file.lexically_proximate(base).generic_string() + "\n");
  }
  return hash.hex();
}

void FileDigests::save() {
  if (learnt_.empty()) return;
  Memory all = load();
  for (const auto& [name, entry] : learnt_) all.files[hmac_sha256_hex(all.salt, name)] = entry;
  Json files = Json::object();
  for (const auto& [name, entry] : all.files) files[name] = {entry.size, entry.modified_ns, entry.digest};
  write_private_text(cache_ / kMemory, canonical_json({{"salt", all.salt}, {"files", files}}) + "\n");
  known_ = std::move(all);
  learnt_.clear();
}

}  // namespace tagconf::pipeline
