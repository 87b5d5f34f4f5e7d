#include "tagconf/base/jsonl.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"

namespace tagconf {

void append_jsonl(const std::filesystem::path& path, const nlohmann::json& event) {
  if (path.has_parent_path()) make_folder(path.parent_path());
  const std::string line = canonical_json(event) + "\n";
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  const bool written =
      descriptor >= 0 && ::write(descriptor, line.data(), line.size()) == static_cast<ssize_t>(line.size());
  const int error = errno;
  if (descriptor >= 0) ::close(descriptor);
  if (!written) {
    throw Error(ErrorCode::environment, path.string() + ": cannot be appended to: " + std::strerror(error),
                "check the disk's space and the folder's permissions");
  }
}

std::vector<nlohmann::json> read_jsonl(const std::filesystem::path& path) {
  std::vector<nlohmann::json> events;
  if (!std::filesystem::exists(path)) return events;
  const std::string text = read_text(path);
  std::size_t start = 0;
  std::size_t line = 1;
  while (start < text.size()) {
    const std::size_t end = text.find('\n', start);
    // A line without its newline was cut by a kill.
    if (end == std::string::npos) break;
    const auto piece = std::string_view(text).substr(start, end - start);
    events.push_back(parse_json(piece, path.string() + ":" + std::to_string(line)));
    start = end + 1;
    ++line;
  }
  return events;
}

}  // namespace tagconf
