#include "output_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;
namespace {

// Does the name still lead to the open file? Its holder before may have removed it in between.
bool is_named(int descriptor, const fs::path& file) {
  struct stat open_file {};
  struct stat named {};
  return ::fstat(descriptor, &open_file) == 0 && ::stat(file.c_str(), &named) == 0 &&
         open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

}  // namespace

OutputLock::OutputLock(const fs::path& folder, const std::vector<fs::path>& outputs) {
  std::string names;
  for (const auto& output : outputs) names += output.filename().string() + "\n";
  file_ = folder / (".tagconf-lock-" + sha256_hex(names).substr(0, 16));
  for (;;) {
    descriptor_ = ::open(file_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return;  // whoever cannot write here is told so when the output is written
    if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      ::close(descriptor_);
      throw Error(ErrorCode::busy, "another process is writing " + outputs.front().string(),
                  "wait for it, or give another --out");
    }
    if (is_named(descriptor_, file_)) return;
    ::close(descriptor_);
  }
}

OutputLock::~OutputLock() {
  if (descriptor_ < 0) return;
  ::unlink(file_.c_str());
  ::close(descriptor_);
}

}  // namespace tagconf::app
