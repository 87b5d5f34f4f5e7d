// A folder below the system's place for temporary files that goes when its owner goes.
#pragma once

#include <filesystem>

namespace tagconf::app {

class TemporaryFolder {
 public:
  // Error environment: the place cannot be written.
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace tagconf::app
