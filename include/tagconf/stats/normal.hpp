// The standard normal distribution, with its digits kept in the far tails.
#pragma once

namespace tagconf::stats {

// P(Z > z) = erfc(z / sqrt 2) / 2.
[[nodiscard]] double normal_tail(double z);
// z with P(Z <= z) = p; 0 < p < 1.
[[nodiscard]] double normal_quantile(double p);
// z > 0 with P(|Z| > z) = p; 0 < p < 1. Keeps its digits where p is tiny.
[[nodiscard]] double two_sided_quantile(double p);

}  // namespace tagconf::stats
