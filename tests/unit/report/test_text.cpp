// How numbers are written: fixed examples, rounding at the edges, and what is never written.
#include <cmath>
#include <limits>

#include "catch.hpp"
#include "tagconf/report/proportion.hpp"
#include "tagconf/report/text.hpp"

using namespace tagconf::report;

TEST_CASE("an AUC has three decimals and its interval in words") {
  CHECK(format_estimate(0.844, Interval{0.83, 0.858}) == "0.844 (0.830 to 0.858)");
  CHECK(format_estimate(1.0, std::nullopt, "zero_variance") == "1.000 (CI not estimable: zero variance)");
  CHECK(format_estimate(std::nullopt, std::nullopt, "one_class") == "not estimable: one class");
  CHECK(format_signed_estimate(0.013, Interval{-0.002, 0.028}) == "+0.013 (\u22120.002 to +0.028)");
}

TEST_CASE("zero has no sign") {
  CHECK(format_value(-0.0001) == "0.000");
  CHECK(format_signed(0.0004) == "0.000");
  CHECK(format_signed(-0.0006) == "\u22120.001");
}

TEST_CASE("p values have two significant digits and a floor") {
  CHECK(format_p(0.0204) == "0.020");
  CHECK(format_p(0.00042) == "< 0.001");
  CHECK(format_p(0.0042) == "0.0042");
  CHECK(format_p(0.00996) == "0.010");
  CHECK(format_p(0.0996) == "0.10");
  CHECK(format_p(0.42) == "0.42");
  CHECK(format_p(0.9999) == "> 0.99");
  CHECK(format_p(0.0) == "< 0.001");
  CHECK(format_p_phrase(0.042) == "p = 0.042");
  CHECK(format_p_phrase(1e-9) == "p < 0.001");
  CHECK(format_p_phrase(std::nullopt) == "p not estimable");
}

TEST_CASE("what is not a number is not estimable") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double inf = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, inf, -inf}) {
    CHECK(format_value(bad) == "not estimable");
    CHECK(format_signed(bad) == "not estimable");
    CHECK(format_p(bad) == "not estimable");
    CHECK(format_percent(bad) == "not estimable");
    CHECK(format_estimate(bad, Interval{bad, bad}) == "not estimable");
  }
}

TEST_CASE("counts have separators and agree with their noun") {
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(40561) == "40,561");
  CHECK(format_count(-1234567) == "\u22121,234,567");
  CHECK(format_counted(1, "image", "images") == "1 image");
  CHECK(format_counted(2, "study", "studies") == "2 studies");
  CHECK(join_words(std::vector<std::string>{"a", "b", "c"}) == "a, b and c");
}

TEST_CASE("Wilson and Newcombe agree with published examples") {
  // Newcombe 1998 (Statistics in Medicine 17:873-890), table II, method 10: 56/70 against 48/80.
  const Share a{56, 70};
  const Share b{48, 80};
  const auto d = difference(a, b);
  REQUIRE(d);
  CHECK(d->value == Approx(0.2));
  CHECK(d->ci.low == Approx(0.0524).margin(5e-5));
  CHECK(d->ci.high == Approx(0.3339).margin(5e-5));
  // The same table: 9/10 against 3/10.
  const auto small = difference(Share{9, 10}, Share{3, 10});
  CHECK(small->ci.low == Approx(0.1705).margin(5e-5));
  CHECK(small->ci.high == Approx(0.8090).margin(5e-5));
  CHECK_FALSE(difference(Share{0, 0}, b));
  CHECK(format_share({41, 333}) == "12.3 % (41 of 333)");
  CHECK(format_share({0, 0}) == "not estimable: no images");
}
