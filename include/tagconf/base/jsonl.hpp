// One JSON object a line, appended and flushed at once: what was written survives a kill. The reader
// drops a torn last line.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

namespace tagconf {

void append_jsonl(const std::filesystem::path& path, const nlohmann::json& event);
// Empty when the file does not exist; error input on a broken line that is not the last.
[[nodiscard]] std::vector<nlohmann::json> read_jsonl(const std::filesystem::path& path);

}  // namespace tagconf
