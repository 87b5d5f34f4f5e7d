// How much memory there is, how much this process has taken, and whether it keeps what it freed.
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

// From now on memory that is freed stays with the process, for what asks next. A network takes blocks of tens
// of megabytes again and again in the same order; got from the system each time, every page of them costs a
// fault, which takes longer than some layers. Does nothing where the C library is not glibc.
void keep_freed_memory();
// Hands what is free back to the system.
void release_freed_memory();

}  // namespace tagconf
