// Content digests of files outside the cache, remembered by (path, size, modification time), so that
// gigabytes are read once.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace tagconf::pipeline {

class FileDigests {
 public:
  // Memory is kept in <cache>/files.json, mode 600. Paths may name patients: it knows files by a keyed hash
  // of the path from the cache, under a random salt of this cache, and nobody reads a name there. A broken
  // memory is removed. `rehash` reads every file again.
  FileDigests(std::filesystem::path cache, bool rehash);

  // Of a file, or of a folder as in sha256_tree. Error input when it cannot be read. A file of a folder or a
  // list that cannot be read does not stop a run, as it does not stop a stage, which lists it in skipped.csv:
  // a word stands for its digest until it can.
  [[nodiscard]] std::string of(const std::filesystem::path& path);
  // Of a file whose content is secret: slow_digest_hex, which tells whether it changed and not what it holds.
  [[nodiscard]] std::string of_secret(const std::filesystem::path& path);
  // Of a list of files in its order: contents and names below `base`.
  [[nodiscard]] std::string of_list(const std::vector<std::filesystem::path>& files,
                                    const std::filesystem::path& base);
  // Writes what was learnt; other processes' entries are kept. Does nothing when nothing is new.
  void save();

 private:
  struct Entry {
    std::uint64_t size = 0;
    std::int64_t modified_ns = 0;
    std::string digest;
  };
  struct Memory {
    std::string salt;
    std::map<std::string, Entry> files;  // by the name's keyed hash
  };
  using Compute = std::string (*)(const std::filesystem::path&);

  [[nodiscard]] std::string of_file(const std::filesystem::path& path);
  [[nodiscard]] std::string of_one_among(const std::filesystem::path& path);
  [[nodiscard]] std::string of_file(const std::filesystem::path& path, const std::string& kind,
                                    Compute compute);
  [[nodiscard]] Memory load() const;

  std::filesystem::path cache_;
  Memory known_;
  std::map<std::string, Entry> learnt_;  // by kind and path
};

}  // namespace tagconf::pipeline
