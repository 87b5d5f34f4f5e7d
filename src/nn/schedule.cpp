#include "tagconf/nn/schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace tagconf::nn {

double cosine_rate(double base, double min, double t, double period) {
  return min + (base - min) * (1 + std::cos(std::numbers::pi * t / period)) / 2;
}

double warmup_factor(double start, double t, double steps) {
  return t < steps ? start + (1 - start) * t / steps : 1;
}

Plateau::Plateau(const PlateauOptions& options, double rate) : options_(options) {
  state_.rate = rate;
}

bool Plateau::is_better(double metric) const {
  if (!state_.any) return true;
  const double sign = options_.better == Better::higher ? 1 : -1;
  if (options_.threshold_kind == Threshold::absolute)
    return sign * metric > sign * state_.best + options_.threshold;
  return sign * metric > sign * state_.best * (1 + sign * options_.threshold);
}

double Plateau::step(double metric) {
  if (is_better(metric)) {
    state_.best = metric;
    state_.any = true;
    state_.bad = 0;
  } else {
    ++state_.bad;
  }
  if (state_.cooling > 0) {
    --state_.cooling;
    state_.bad = 0;
  }
  if (state_.bad > options_.patience) {
    const double lower = std::max(state_.rate * options_.factor, options_.min_rate);
    if (state_.rate - lower > options_.smallest_change) state_.rate = lower;
    state_.cooling = options_.cooldown;
    state_.bad = 0;
  }
  return state_.rate;
}

}  // namespace tagconf::nn
