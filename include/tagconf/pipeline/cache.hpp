// The content-addressed cache: cache/<stage>/<key>/ holds out/ (the outputs), summary.json, key.json (what
// the key was made from), digests.json and OK, written last. While a stage works, its outputs grow in a
// folder beside out/ (of the same depth, so that relative paths inside stay right) and partial/ keeps its
// checkpoint.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tagconf/pipeline/lock.hpp"
#include "tagconf/stage/stage.hpp"

namespace tagconf::pipeline {

// Parts of a key: {"stage", "version", "options": {...}, "inputs": {port: [[name, digest], ...]}} and, where
// they matter, "facts" about the machine. The key is the SHA-256 of their canonical JSON.
[[nodiscard]] std::string key_of(const Json& parts);

// A finished entry.
struct Artefact {
  std::filesystem::path out;                           // folder of the outputs
  std::map<std::string, std::string> digests;          // port -> content digest; "" = all of them together
  std::map<std::string, std::filesystem::path> paths;  // port -> file or folder; only those that were made
  Json summary;
};

struct Inspection {
  std::optional<Artefact> artefact;  // set when the entry is whole
  std::string problem;               // why a finished entry cannot be used: "out/pack is missing"
  bool has_checkpoint = false;
};

class Cache {
 public:
  explicit Cache(std::filesystem::path root) : root_(std::move(root)) {}

  [[nodiscard]] const std::filesystem::path& root() const { return root_; }
  [[nodiscard]] std::filesystem::path entry(const std::string& stage, const std::string& key) const {
    return root_ / stage / key;
  }
  // Counts files and bytes against digests.json; contents are not read again.
  [[nodiscard]] Inspection inspect(const std::string& stage, const std::string& key) const;

 private:
  std::filesystem::path root_;
};

// The making of one entry, under its lock.
class EntryWork {
 public:
  // Removes what an earlier process left half-made; its checkpoint stays.
  EntryWork(std::filesystem::path entry, const stage::StageInfo& info, EntryLock lock);
  ~EntryWork();  // removes the unfinished outputs
  EntryWork(const EntryWork&) = delete;
  EntryWork& operator=(const EntryWork&) = delete;

  [[nodiscard]] std::map<std::string, std::filesystem::path> outputs() const;
  [[nodiscard]] std::filesystem::path checkpoint() const { return entry_ / "partial"; }
  void drop_checkpoint();

  // Computes the digests and gives everything its final name; an entry that another writer finished first
  // wins. Error busy when the lock was stolen, bug when a stage made none of its outputs.
  void commit(const Json& parts, const Json& summary);

 private:
  std::filesystem::path entry_;
  const stage::StageInfo& info_;
  EntryLock lock_;
  std::filesystem::path work_;
};

}  // namespace tagconf::pipeline
