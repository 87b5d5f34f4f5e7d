// A lock on a cache entry that other processes, and people, can read: the file LOCK says who works there.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace tagconf::pipeline {

struct LockHolder {
  std::string host;
  std::int64_t pid = 0;
  std::string process_start;  // tells a process from a later one with the same number
  std::string since;          // UTC
  std::string token;          // of this one locking
};

struct LockRules {
  bool steal = false;                     // take it from another host
  std::chrono::milliseconds beat{10000};  // how often the holder touches the file
};

class EntryLock {
 public:
  // A lock whose holder is a dead process of this host is taken over with a warning. Error busy, saying who
  // holds it and since when, for a live process and for another host (unless `steal`).
  [[nodiscard]] static EntryLock acquire(const std::filesystem::path& entry, const LockRules& rules);
  EntryLock(EntryLock&&) noexcept;
  ~EntryLock();  // releases, unless the lock was taken away

  // Is the lock still ours? Another host may have stolen it.
  [[nodiscard]] bool held() const;

 private:
  struct State;
  explicit EntryLock(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Who holds the entry's lock; nullopt without a lock.
[[nodiscard]] std::optional<LockHolder> lock_holder(const std::filesystem::path& entry);
// This process, as it signs locks.
[[nodiscard]] LockHolder this_process();
// A process of this host that no longer runs.
[[nodiscard]] bool is_dead(const LockHolder& holder);

}  // namespace tagconf::pipeline
