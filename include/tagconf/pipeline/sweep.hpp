// Removes cache entries that no run refers to.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace tagconf::pipeline {

struct Sweep {
  std::vector<std::filesystem::path> removed;  // entries, sorted
  std::uint64_t bytes = 0;
  std::size_t kept = 0;  // entries a run refers to, and those that a process works on
};

// `runs` are folders of run folders; every entry named in one of their records is kept. With dry_run nothing
// is removed. Error input when the cache does not exist or a record cannot be read (its entries would be
// lost).
[[nodiscard]] Sweep sweep_cache(const std::filesystem::path& cache,
                                const std::vector<std::filesystem::path>& runs, bool dry_run);

}  // namespace tagconf::pipeline
