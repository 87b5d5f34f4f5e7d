// Bell-shaped noise for textures, cheaper than exact normals: the sum of a word's four bytes (Irwin-Hall).
#pragma once

#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {

// Mean 0, variance 1, within 3.5 standard deviations.
[[nodiscard]] inline float noise_value(Rng& rng) {
  const auto word = rng.next();
  const auto sum = (word & 255U) + ((word >> 8U) & 255U) + ((word >> 16U) & 255U) + (word >> 24U);
  // Four uniform bytes: mean 4 x 127.5, variance 4 x (256^2 - 1) / 12.
  return (static_cast<float>(sum) - 510.0F) / 147.8F;
}

}  // namespace tagconf::phantom
