#include "tagconf/stats/normal.hpp"

#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

namespace tagconf::stats {

double normal_tail(double z) {
  return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

double normal_quantile(double p) {
  return -std::numbers::sqrt2 * boost::math::erfc_inv(2.0 * p);
}

double two_sided_quantile(double p) {
  return std::numbers::sqrt2 * boost::math::erfc_inv(p);
}

}  // namespace tagconf::stats
