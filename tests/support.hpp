// What tests need of their surroundings: a scratch folder, the source tree, the shared oracles.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>

#include <unistd.h>

namespace tagconf::test {

// A fresh folder that is removed at the end.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "tagconf-test-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) std::abort();
    path_ = pattern;
  }
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

[[nodiscard]] inline std::filesystem::path source_folder() {
  const char* folder = std::getenv("TAGCONF_SOURCE");
  return folder != nullptr ? folder : ".";
}

// The folder named by TAGCONF_SHARED. Without it the whole test program ends as skipped, saying why: keep
// tests that need it in programs of their own.
[[nodiscard]] inline std::filesystem::path shared_folder_or_skip() {
  const char* folder = std::getenv("TAGCONF_SHARED");
  if (folder == nullptr || *folder == '\0') {
    std::cerr << "skipped: TAGCONF_SHARED does not name the folder with oracles and data\n";
    std::exit(42);
  }
  return folder;
}

}  // namespace tagconf::test
