#include "tagconf/stats/equivalence.hpp"

#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stats/normal.hpp"

namespace tagconf::stats {
namespace {

MarginTests empty_tests(double margin, double alpha) {
  if (!(margin > 0.0)) throw_config("the margin is " + format_number(margin) + ", expected more than 0");
  if (!(alpha > 0.0 && alpha < 0.5))
    throw_config("alpha is " + format_number(alpha) + ", expected more than 0 and less than 0.5");
  MarginTests out;
  out.margin = margin;
  out.alpha = alpha;
  return out;
}

}  // namespace

MarginTests test_margin(double difference, double se, double margin, double alpha) {
  MarginTests out = empty_tests(margin, alpha);
  if (se == 0.0) {
    out.reason = Reason::zero_variance_of_difference;
    return out;
  }
  const double half = -normal_quantile(alpha) * se;
  out.ci = Interval{difference - half, difference + half};
  out.p_non_inferiority = normal_tail((difference + margin) / se);
  out.p_equivalence = std::max(*out.p_non_inferiority, normal_tail((margin - difference) / se));
  out.non_inferior = *out.p_non_inferiority < alpha;
  out.equivalent = *out.p_equivalence < alpha;
  return out;
}

MarginTests test_margin(std::optional<double> difference, const DifferenceInference& inference, double margin,
                        double alpha) {
  if (difference && inference.se) return test_margin(*difference, *inference.se, margin, alpha);
  MarginTests out = empty_tests(margin, alpha);
  out.reason = inference.reason;
  return out;
}

}  // namespace tagconf::stats
