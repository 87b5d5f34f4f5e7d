// A folder made beside its final place; removed again unless it took that place.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf::stages {

[[nodiscard]] inline bool lies_below(const std::filesystem::path& path, const std::filesystem::path& folder) {
  const std::filesystem::path relative =
      std::filesystem::weakly_canonical(path).lexically_relative(std::filesystem::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

// A table, most often the manifest, is what makes an output whole. An earlier call's goes before its pictures
// are replaced, and the new one is written last: one that is found always fits what lies beside it, whenever
// a run was killed.
inline void remove_earlier(const std::filesystem::path& table) {
  std::error_code error;
  std::filesystem::remove(table, error);
  if (error) throw Error(ErrorCode::environment, table.string() + ": cannot be removed: " + error.message());
}

class FolderDraft {
 public:
  explicit FolderDraft(std::filesystem::path place) : place_(std::move(place)) {
    draft_ = place_;
    draft_ += ".partial";
    std::filesystem::remove_all(draft_);
    make_folder(draft_);
  }
  ~FolderDraft() {
    std::error_code ignored;
    std::filesystem::remove_all(draft_, ignored);
  }
  FolderDraft(const FolderDraft&) = delete;
  FolderDraft& operator=(const FolderDraft&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return draft_; }

  // A file of the draft; folders above it are made. Safe to call from several threads.
  void put(const std::string& name, std::span<const std::byte> bytes) const {
    const std::filesystem::path path = draft_ / name;
    make_folder(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    file.close();
    if (!file)
      throw Error(ErrorCode::environment, path.string() + ": cannot be written", "is the disk full?");
  }

  // The files are on the disk before they are found under their name: a manifest that is written behind them
  // speaks of whole ones, also after a power failure. One flush of all, since thousands of them one by one
  // would take longer than their making.
  void take_place() {
    flush_file_system(draft_);
    std::error_code error;
    std::filesystem::remove_all(place_, error);
    std::filesystem::rename(draft_, place_, error);
    if (error)
      throw Error(ErrorCode::environment, place_.string() + ": cannot be written: " + error.message());
    flush_folder(place_.has_parent_path() ? place_.parent_path() : ".");
  }

 private:
  std::filesystem::path place_;
  std::filesystem::path draft_;
};

}  // namespace tagconf::stages
