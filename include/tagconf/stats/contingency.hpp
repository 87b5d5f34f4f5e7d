// Does one classification go with another? Counts in a table of r x c.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace tagconf::stats {

struct IndependenceTest {
  std::size_t df = 0;  // 0: fewer than two rows or columns, and no value at all
  std::optional<double> chi2;
  std::optional<double> cramers_v;  // 0 no association, 1 one decides the other
  std::optional<double> p;
  bool small_counts = false;  // why p is missing
};

// Pearson's chi-square test of independence, without continuity correction, observations taken as
// independent. `counts`: row major, columns > 0. Rows and columns of nothing but 0 are left out. Cramer's V
// is sqrt(chi2 / (n min(r - 1, c - 1))) (Mathematical Methods of Statistics, 1946). No p where more than a
// fifth of the expected counts are below 5 or one is below 1 (Cochran, Biometrics 1954;10:417-451).
[[nodiscard]] IndependenceTest test_independence(std::span<const std::size_t> counts, std::size_t columns);

}  // namespace tagconf::stats
