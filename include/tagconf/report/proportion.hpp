// Shares of images and the difference between two of them.
#pragma once

#include <cstddef>
#include <optional>

#include "tagconf/report/text.hpp"

namespace tagconf::report {

struct Share {
  std::size_t count = 0;
  std::size_t of = 0;

  [[nodiscard]] std::optional<double> value() const;
  [[nodiscard]] std::optional<Interval> ci() const;  // Wilson's score interval, 95 %
};

// b - a with Newcombe's interval from the two Wilson intervals (Statistics in Medicine 1998;17:873-890,
// method 10). Nothing when either is a share of nothing.
struct ShareDifference {
  double value = 0;
  Interval ci;
};
[[nodiscard]] std::optional<ShareDifference> difference(const Share& b, const Share& a);

// "12.3 % (41 of 333)".
[[nodiscard]] std::string format_share(const Share& share);
// "+4.1 (+1.0 to +7.2)", percentage points.
[[nodiscard]] std::string format_points(const std::optional<ShareDifference>& d);

}  // namespace tagconf::report
