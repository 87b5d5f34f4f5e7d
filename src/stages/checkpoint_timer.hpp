// When a training keeps its state: every so many minutes. Results never depend on it.
#pragma once

#include <chrono>
#include <functional>

namespace tagconf::stages {

inline constexpr double kCheckpointMinutes = 10;

// True once whenever `minutes` have passed; empty, hence never, for 0.
inline std::function<bool()> every_minutes(double minutes) {
  if (minutes <= 0) return {};
  using Clock = std::chrono::steady_clock;
  using Minutes = std::chrono::duration<double, std::ratio<60>>;
  return [minutes, last = Clock::now()]() mutable {
    if (Minutes(Clock::now() - last).count() < minutes) return false;
    last = Clock::now();
    return true;
  };
}

}  // namespace tagconf::stages
