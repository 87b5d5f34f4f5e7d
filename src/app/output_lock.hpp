// Keeps two processes from writing the same output at once.
#pragma once

#include <filesystem>
#include <vector>

namespace tagconf::app {

// Holds an empty file `.tagconf-lock-<digits>` in `folder`, named after `outputs`, for as long as it lives.
// The kernel lets go of it when the process dies, however that happens: one that is found is taken over. On a
// file system without locks nothing is held. Error busy when another process writes the same outputs.
class OutputLock {
 public:
  OutputLock(const std::filesystem::path& folder, const std::vector<std::filesystem::path>& outputs);
  ~OutputLock();
  OutputLock(const OutputLock&) = delete;
  OutputLock& operator=(const OutputLock&) = delete;

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace tagconf::app
