#include "tagconf/stats/contingency.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <vector>

#include "tagconf/base/error.hpp"

namespace tagconf::stats {
namespace {

std::size_t count_filled(const std::vector<double>& sums) {
  return static_cast<std::size_t>(std::count_if(sums.begin(), sums.end(), [](double s) { return s > 0; }));
}

}  // namespace

IndependenceTest test_independence(std::span<const std::size_t> counts, std::size_t columns) {
  if (columns == 0 || counts.size() % columns != 0)
    throw Error(ErrorCode::bug, "a table of counts that is no rectangle");
  const std::size_t rows = counts.size() / columns;
  std::vector<double> row_sum(rows, 0.0);
  std::vector<double> column_sum(columns, 0.0);
  double n = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const auto count = static_cast<double>(counts[i]);
    row_sum[i / columns] += count;
    column_sum[i % columns] += count;
    n += count;
  }
  const std::size_t r = count_filled(row_sum);
  const std::size_t c = count_filled(column_sum);
  IndependenceTest out;
  if (r < 2 || c < 2) return out;
  out.df = (r - 1) * (c - 1);
  double chi2 = 0;
  double least = n;
  std::size_t small = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = row_sum[i / columns] * column_sum[i % columns] / n;
    if (!(expected > 0)) continue;
    const double off = static_cast<double>(counts[i]) - expected;
    chi2 += off * off / expected;
    least = std::min(least, expected);
    small += expected < 5 ? 1 : 0;
  }
  out.chi2 = chi2;
  out.cramers_v = std::min(1.0, std::sqrt(chi2 / (n * static_cast<double>(std::min(r, c) - 1))));
  out.small_counts = least < 1 || small * 5 > r * c;
  if (!out.small_counts) out.p = boost::math::gamma_q(static_cast<double>(out.df) / 2.0, chi2 / 2.0);
  return out;
}

}  // namespace tagconf::stats
