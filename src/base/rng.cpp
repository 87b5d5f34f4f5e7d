#include "tagconf/base/rng.hpp"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>

namespace tagconf {
namespace {

// SplitMix64's finaliser: spreads key words that differ in few bits.
std::uint64_t mix(std::uint64_t z) {
  z += 0x9E3779B97F4A7C15ULL;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31U);
}

}  // namespace

// The 64-bit key holds seed and purpose; the upper half of the counter holds a and b; the lower half counts.
Rng::Rng(std::uint64_t seed, std::string_view purpose, std::uint64_t a, std::uint64_t b) {
  const std::uint64_t key = mix(seed ^ mix(key_word(purpose)));
  const std::uint64_t stream = mix(a ^ mix(b ^ 0xA5A5A5A5A5A5A5A5ULL));
  key_ = {static_cast<std::uint32_t>(key), static_cast<std::uint32_t>(key >> 32U)};
  counter_ = {0, 0, static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32U)};
}

std::uint32_t Rng::next() {
  if (used_ == 4) {
    r123::Philox4x32 philox;
    const auto out = philox({{counter_[0], counter_[1], counter_[2], counter_[3]}}, {{key_[0], key_[1]}});
    for (std::size_t i = 0; i < 4; ++i) block_[i] = out[i];
    if (++counter_[0] == 0) ++counter_[1];
    used_ = 0;
  }
  return block_[static_cast<std::size_t>(used_++)];
}

double Rng::uniform() {
  const std::uint64_t high = next();
  const std::uint64_t bits = (high << 32U) | next();
  return static_cast<double>(bits >> 11U) * 0x1.0p-53;
}

double Rng::uniform(double low, double high) {
  return low + (high - low) * uniform();
}

double Rng::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double u = 1.0 - uniform();  // (0, 1]
  const double v = uniform();
  const double radius = std::sqrt(-2.0 * std::log(u));
  const double angle = 2.0 * std::numbers::pi * v;
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t Rng::below(std::uint64_t n) {
  // Values under `threshold` would make the remainders uneven: draw again.
  const std::uint64_t threshold = (0 - n) % n;
  for (;;) {
    const std::uint64_t high = next();
    const std::uint64_t value = (high << 32U) | next();
    if (value >= threshold) return value % n;
  }
}

}  // namespace tagconf
