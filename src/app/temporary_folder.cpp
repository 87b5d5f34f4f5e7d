#include "temporary_folder.hpp"

#include <cstdlib>

#include "tagconf/base/error.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;

TemporaryFolder::TemporaryFolder() {
  const fs::path place = fs::temp_directory_path();
  std::string name = (place / "tagconf-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    throw Error(ErrorCode::environment, place.string() + ": cannot be written");
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

}  // namespace tagconf::app
