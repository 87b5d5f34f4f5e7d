#include "tagconf/pipeline/cache.hpp"

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

constexpr const char* kWork = "work-";  // start of the name of a folder of unfinished outputs

struct Extent {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
};

Extent extent_of(const fs::path& path) {
  Extent out;
  if (fs::is_regular_file(path)) return {1, fs::file_size(path)};
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    ++out.files;
    out.bytes += entry.file_size();
  }
  return out;
}

std::string all_together(const Json& digests) {
  Json only = Json::object();
  for (const auto& [port, entry] : digests.items()) only[port] = entry.at("digest");
  return sha256_hex(canonical_json(only));
}

void remove_all_or_throw(const fs::path& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (error) {
    throw Error(ErrorCode::environment, path.string() + ": cannot be removed: " + error.message(),
                "check the permissions of the cache");
  }
}

}  // namespace

std::string key_of(const Json& parts) {
  return sha256_hex(canonical_json(parts));
}

Inspection Cache::inspect(const std::string& stage, const std::string& key) const {
  Inspection out;
  const fs::path folder = entry(stage, key);
  std::error_code error;
  const fs::path partial = folder / "partial";
  out.has_checkpoint = fs::is_directory(partial, error) && !fs::is_empty(partial, error);
  if (!fs::exists(folder / "OK", error)) return out;
  try {
    Artefact artefact;
    artefact.out = folder / "out";
    artefact.summary = parse_json(read_text(folder / "summary.json"), "summary.json");
    const Json digests = parse_json(read_text(folder / "digests.json"), "digests.json");
    for (const auto& [port, recorded] : digests.items()) {
      const auto file = recorded.at("file").get<std::string>();
      const fs::path path = artefact.out / file;
      if (!fs::exists(path)) {
        out.problem = "out/" + file + " is missing";
        return out;
      }
      const Extent found = extent_of(path);
      if (found.files != recorded.at("files").get<std::uint64_t>() ||
          found.bytes != recorded.at("bytes").get<std::uint64_t>()) {
        out.problem = "out/" + file + " has another size than when it was made";
        return out;
      }
      artefact.digests[port] = recorded.at("digest").get<std::string>();
      artefact.paths[port] = path;
    }
    artefact.digests[""] = all_together(digests);
    artefact.paths[""] = artefact.out;
    out.artefact = std::move(artefact);
  } catch (const std::exception& failure) {
    out.problem = std::string("its records cannot be read: ") + failure.what();
  }
  return out;
}

EntryWork::EntryWork(fs::path entry, const stage::StageInfo& info, EntryLock lock)
    : entry_(std::move(entry)),
      info_(info),
      lock_(std::move(lock)),
      work_(entry_ / (kWork + this_process().token)) {
  for (const auto& item : fs::directory_iterator(entry_)) {
    if (item.path().filename().string().rfind(kWork, 0) == 0) remove_all_or_throw(item.path());
  }
  make_folder(work_);
}

EntryWork::~EntryWork() {
  std::error_code ignored;
  fs::remove_all(work_, ignored);
}

std::map<std::string, fs::path> EntryWork::outputs() const {
  std::map<std::string, fs::path> out;
  for (const auto& port : info_.outputs) out[port.name] = work_ / port.file;
  return out;
}

void EntryWork::drop_checkpoint() {
  remove_all_or_throw(checkpoint());
}

void EntryWork::commit(const Json& parts, const Json& summary) {
  Json digests = Json::object();
  for (const auto& port : info_.outputs) {
    const fs::path path = work_ / port.file;
    if (!fs::exists(path)) continue;
    const Extent extent = extent_of(path);
    digests[port.name] = {
        {"file", port.file}, {"digest", sha256_tree(path)}, {"files", extent.files}, {"bytes", extent.bytes}};
  }
  if (digests.empty() && !info_.outputs.empty()) {
    throw Error(ErrorCode::bug, "stage " + info_.name + " made none of its outputs");
  }
  if (!lock_.held()) {
    throw Error(ErrorCode::busy, entry_.string() + ": another process took this entry over",
                "wait for it and run again");
  }
  // From here to OK the entry counts as unfinished; whatever stood here was damaged or is to be made anew.
  remove_all_or_throw(entry_ / "OK");
  remove_all_or_throw(entry_ / "out");
  write_text(entry_ / "key.json", pretty_json(parts));
  write_text(entry_ / "summary.json", pretty_json(summary));
  write_text(entry_ / "digests.json", pretty_json(digests));
  std::error_code error;
  fs::rename(work_, entry_ / "out", error);
  // Another writer of the same key was first: the same bytes, so its outputs serve.
  const bool lost = error == std::errc::directory_not_empty || error == std::errc::file_exists;
  if (error && !lost) {
    throw Error(ErrorCode::environment,
                (entry_ / "out").string() + ": cannot take its name: " + error.message());
  }
  write_text(entry_ / "OK", key_of(parts) + "\n");
  drop_checkpoint();
}

}  // namespace tagconf::pipeline
