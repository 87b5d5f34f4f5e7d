// How much memory there is, and how much this process has taken.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace tagconf {

// Bytes that this process may still take: what the machine has available (Linux' MemAvailable), or less where
// a control group (version 1 or 2) or one above it sets a limit; file pages that can be given back count as
// free. nullopt where nothing tells. `root` stands for "/".
[[nodiscard]] std::optional<std::uint64_t> available_memory(const std::filesystem::path& root = "/");

// The most bytes that this process has held in memory since its start or the last reset; nullopt where
// nothing tells.
[[nodiscard]] std::optional<std::uint64_t> peak_memory();
// From now on peak_memory counts anew; false where that cannot be done.
bool reset_peak_memory();

}  // namespace tagconf
