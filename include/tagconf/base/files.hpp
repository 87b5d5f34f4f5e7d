// Reading whole files, and writing so that a reader never sees half a file: bytes go to a temporary name
// in the same folder, are flushed to disk, and take the final name by rename.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagconf {

// The file's bytes. Error input when it is missing, unreadable or larger than `limit` bytes.
[[nodiscard]] std::string read_text(const std::filesystem::path& path,
                                    std::size_t limit = std::size_t{1} << 32);
[[nodiscard]] std::vector<std::byte> read_bytes(const std::filesystem::path& path,
                                                std::size_t limit = std::size_t{1} << 32);

// Atomic writes; folders above are made. Error environment when the disk is full or not writable.
void write_text(const std::filesystem::path& path, std::string_view text);
void write_bytes(const std::filesystem::path& path, std::span<const std::byte> bytes);
// The same, readable by its owner only (mode 600).
void write_private_text(const std::filesystem::path& path, std::string_view text);

// A file written in pieces. Without commit() the destructor removes the temporary file.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path, unsigned mode = 0644);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::span<const std::byte> bytes);
  void write(std::string_view text);
  // Overwrites bytes already written (for a header whose counts are known last).
  void write_at(std::size_t offset, std::span<const std::byte> bytes);
  // What was written so far begins to go to the disk, where the system can do that: commit() waits the less.
  void begin_flush();
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

// What was written to the file system that holds the folder reaches its disk: one call for any number of
// files. Error environment when that fails.
void flush_file_system(const std::filesystem::path& folder);
// The names in the folder reach the disk, as far as the file system can do that for a folder.
void flush_folder(const std::filesystem::path& folder);

// Makes the folder and those above it; error environment when that fails.
void make_folder(const std::filesystem::path& path);

// `path` relative to `base` with '/' separators. Refuses (error input, naming `where`) a path that is
// absolute, leaves the root by "..", or leaves it through a symbolic link; returns root / path.
[[nodiscard]] std::filesystem::path resolve_below(const std::filesystem::path& root, std::string_view path,
                                                  std::string_view where);

}  // namespace tagconf
