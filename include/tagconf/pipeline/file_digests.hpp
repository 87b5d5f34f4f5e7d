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
  // Memory is kept in <cache>/files.json; a broken memory is dropped. `rehash` reads every file again.
  FileDigests(std::filesystem::path cache, bool rehash);

  // Of a file, or of a folder as in sha256_tree. Error input when it cannot be read.
  [[nodiscard]] std::string of(const std::filesystem::path& path);
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

  [[nodiscard]] std::string of_file(const std::filesystem::path& path);
  [[nodiscard]] std::map<std::string, Entry> load() const;

  std::filesystem::path cache_;
  bool rehash_;
  std::map<std::string, Entry> known_;
  std::map<std::string, Entry> learnt_;
};

}  // namespace tagconf::pipeline
