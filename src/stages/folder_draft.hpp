// A folder made beside its final place; removed again unless it took that place.
#pragma once

#include <filesystem>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf::stages {

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

  void take_place() {
    std::error_code error;
    std::filesystem::remove_all(place_, error);
    std::filesystem::rename(draft_, place_, error);
    if (error)
      throw Error(ErrorCode::environment, place_.string() + ": cannot be written: " + error.message());
  }

 private:
  std::filesystem::path place_;
  std::filesystem::path draft_;
};

}  // namespace tagconf::stages
