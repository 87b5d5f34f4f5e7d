// What a piece of work costs: for checks that a file which declares more than it holds is refused at once.
#pragma once

#include <sys/resource.h>

#include <chrono>

namespace tagconf::test {

struct Cost {
  std::chrono::milliseconds time{};  // of the processor: other programs must not decide
  long megabytes = 0;                // by which the process's peak rose
};

[[nodiscard]] inline rusage usage_so_far() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage;
}

template <class Work>
[[nodiscard]] Cost cost_of(Work&& work) {
  const auto time_of = [](const rusage& usage) {
    return std::chrono::microseconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) +
           std::chrono::seconds(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec);
  };
  const rusage before = usage_so_far();
  work();
  const rusage after = usage_so_far();
  return {std::chrono::duration_cast<std::chrono::milliseconds>(time_of(after) - time_of(before)),
          (after.ru_maxrss - before.ru_maxrss) / 1024};
}

}  // namespace tagconf::test
