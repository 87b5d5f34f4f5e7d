// What a piece of work costs: for checks that a file which declares more than it holds is refused at once.
#pragma once

#include <sys/resource.h>

#include <chrono>

namespace tagconf::test {

struct Cost {
  std::chrono::milliseconds time{};
  long megabytes = 0;  // by which the process's peak rose
};

template <class Work>
[[nodiscard]] Cost cost_of(Work&& work) {
  const auto peak = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
  };
  const long before = peak();
  const auto start = std::chrono::steady_clock::now();
  work();
  const auto time = std::chrono::steady_clock::now() - start;
  return {std::chrono::duration_cast<std::chrono::milliseconds>(time), peak() - before};
}

}  // namespace tagconf::test
