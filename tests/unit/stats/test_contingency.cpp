#include <cmath>
#include <vector>

#include "catch.hpp"
#include "tagconf/stats/contingency.hpp"

using namespace tagconf::stats;
using Counts = std::vector<std::size_t>;

TEST_CASE("a table of counts is tested as R tests it") {
  // chisq.test(matrix(c(20, 30, 25, 40, 10, 35), 3), correct = FALSE)
  const Counts counts{20, 40, 30, 10, 25, 35};
  const auto t = test_independence(counts, 2);
  CHECK(t.df == 2);
  // Expected: 28.125, 31.875; 18.75, 21.25; 28.125, 31.875.
  const double chi2 = 8.125 * 8.125 / 28.125 + 8.125 * 8.125 / 31.875 + 11.25 * 11.25 / 18.75 +
                      11.25 * 11.25 / 21.25 + 3.125 * 3.125 / 28.125 + 3.125 * 3.125 / 31.875;
  CHECK(*t.chi2 == Approx(chi2).epsilon(1e-12));
  CHECK(*t.cramers_v == Approx(std::sqrt(chi2 / 160)).epsilon(1e-12));
  // With two degrees of freedom the tail is exp(-x / 2).
  CHECK(*t.p == Approx(std::exp(-chi2 / 2)).epsilon(1e-12));
  CHECK_FALSE(t.small_counts);
}

TEST_CASE("independence and full association are the ends") {
  const auto none = test_independence(Counts{10, 20, 30, 60}, 2);
  CHECK(*none.chi2 == Approx(0.0).margin(1e-12));
  CHECK(*none.p == Approx(1.0));
  CHECK(*none.cramers_v == Approx(0.0).margin(1e-6));
  const auto full = test_independence(Counts{50, 0, 0, 50}, 2);
  CHECK(*full.cramers_v == Approx(1.0));
  CHECK(*full.chi2 == Approx(100.0));
  // The tail of one degree of freedom: erfc(sqrt(x / 2)).
  CHECK(*full.p == Approx(std::erfc(std::sqrt(50.0))));
}

TEST_CASE("without two rows, two columns or enough counts there is no p, and small counts are told") {
  CHECK(test_independence(Counts{5, 6}, 2).df == 0);
  CHECK(test_independence(Counts{5, 6, 0, 0}, 2).df == 0);
  const auto one_class = test_independence(Counts{5, 0, 7, 0}, 2);
  CHECK(one_class.df == 0);
  CHECK_FALSE(one_class.chi2);
  const auto small = test_independence(Counts{3, 4, 5, 4}, 2);
  CHECK(small.small_counts);
  CHECK(small.chi2);
  CHECK_FALSE(small.p);
  // Empty rows do not count.
  CHECK(*test_independence(Counts{50, 0, 0, 0, 0, 50}, 2).chi2 == Approx(100.0));
}
