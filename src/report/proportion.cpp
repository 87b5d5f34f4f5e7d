#include "tagconf/report/proportion.hpp"

#include <cmath>

namespace tagconf::report {

std::optional<double> Share::value() const {
  if (of == 0) return std::nullopt;
  return static_cast<double>(count) / static_cast<double>(of);
}

std::optional<Interval> Share::ci() const {
  if (of == 0) return std::nullopt;
  return stats::wilson(count, of);
}

std::optional<ShareDifference> difference(const Share& b, const Share& a) {
  if (a.of == 0 || b.of == 0) return std::nullopt;
  const double pa = *a.value();
  const double pb = *b.value();
  const Interval wa = *a.ci();
  const Interval wb = *b.ci();
  const double d = pb - pa;
  return ShareDifference{
      d, {d - std::hypot(pb - wb.low, wa.high - pa), d + std::hypot(wb.high - pb, pa - wa.low)}};
}

std::string format_share(const Share& share) {
  if (share.of == 0) return not_estimable("no images");
  return format_percent(share.value()) + " (" + format_count(static_cast<std::int64_t>(share.count)) +
         " of " + format_count(static_cast<std::int64_t>(share.of)) + ")";
}

std::string format_points(const std::optional<ShareDifference>& d) {
  if (!d) return not_estimable();
  return format_signed(d->value * 100, 1) + " (" +
         format_signed_interval({d->ci.low * 100, d->ci.high * 100}, 1) + ")";
}

}  // namespace tagconf::report
