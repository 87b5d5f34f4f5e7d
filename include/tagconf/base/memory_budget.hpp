// Memory that working threads share: each takes its share before it works and gives it back afterwards, so
// that the whole stays bounded whatever their number.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace tagconf {

// What the pictures that are at work at one time may take together, as a rule.
inline constexpr std::int64_t kPixelMemory = std::int64_t{2} << 30U;

class MemoryBudget {
 public:
  explicit MemoryBudget(std::int64_t bytes) : whole_(bytes), left_(bytes) {}

  // Waits until there is room. Who asks for more than the whole gets the whole, and works alone.
  class Share {
   public:
    Share(MemoryBudget& budget, std::int64_t bytes)
        : budget_(budget), bytes_(std::min(bytes, budget.whole_)) {
      std::unique_lock lock(budget_.guard_);
      budget_.freed_.wait(lock, [&] { return budget_.left_ >= bytes_; });
      budget_.left_ -= bytes_;
    }
    ~Share() {
      {
        const std::lock_guard lock(budget_.guard_);
        budget_.left_ += bytes_;
      }
      budget_.freed_.notify_all();
    }
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

   private:
    MemoryBudget& budget_;
    std::int64_t bytes_;
  };

 private:
  std::int64_t whole_;
  std::int64_t left_;
  std::mutex guard_;
  std::condition_variable freed_;
};

}  // namespace tagconf
