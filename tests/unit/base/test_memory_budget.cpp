// Threads that share memory: never more of it than there is.
#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "catch.hpp"
#include "tagconf/base/memory_budget.hpp"

using tagconf::MemoryBudget;

TEST_CASE("shares never come to more than the whole, and a larger wish takes all of it") {
  MemoryBudget budget(10);
  std::atomic<int> taken{0};
  std::atomic<int> most{0};
  const auto work = [&](int wish) {
    for (int i = 0; i < 200; ++i) {
      const MemoryBudget::Share share(budget, wish);
      const int now = taken += std::min(wish, 10);
      int seen = most;
      while (seen < now && !most.compare_exchange_weak(seen, now)) {
      }
      std::this_thread::yield();
      taken -= std::min(wish, 10);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (const int wish : {3, 4, 5, 1000}) threads.emplace_back(work, wish);
  }
  CHECK(most == 10);
  CHECK(taken == 0);
}
