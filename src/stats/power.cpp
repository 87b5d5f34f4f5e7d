#include "tagconf/stats/power.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/normal.hpp"

namespace tagconf::stats {
namespace {

constexpr std::int64_t kMostRows = 1'000'000'000;

// The binormal parameter a of an equal-spread ROC curve (b = 1), and the derivatives of the AUC by a and b.
struct Binormal {
  explicit Binormal(double auc) : a(std::numbers::sqrt2 * normal_quantile(auc)) {
    const double density = std::exp(-a * a / 4.0) / std::sqrt(4.0 * std::numbers::pi);
    by_a = density;
    by_b = -a * density / 2.0;
  }
  double a;
  double by_a;
  double by_b;
};

// Covariance of two AUCs times the number of positives; `ratio` = negatives per positive.
double binormal_covariance(const Binormal& x, const Binormal& y, double r_positives, double r_negatives,
                           double ratio) {
  const double rp2 = r_positives * r_positives;
  const double of_a = r_positives + r_negatives / ratio + rp2 * x.a * y.a / 2.0;
  const double of_b = (r_negatives * r_negatives / ratio + rp2) / 2.0;
  return x.by_a * y.by_a * of_a + x.by_b * y.by_b * of_b + x.by_a * y.by_b * rp2 * x.a / 2.0 +
         y.by_a * x.by_b * rp2 * y.a / 2.0;
}

double variance_of_difference(const PairedDesign& design, double auc_a, double auc_b,
                              const ClassCounts& counts) {
  const double va = auc_variance(design.variance, auc_a, counts);
  const double vb = auc_variance(design.variance, auc_b, counts);
  const double cov = design.correlation * std::sqrt(va) * std::sqrt(vb);
  return design.design_effect * std::max(0.0, va + vb - 2.0 * cov);
}

// P(Z > z) where z = distance / se; a se of 0 makes it certain.
double tail_beyond(double distance, double se) {
  if (se == 0.0) return distance < 0.0 ? 1.0 : 0.0;
  return normal_tail(distance / se);
}

[[noreturn]] void refuse(const char* what, double value, const char* expected) {
  throw_config(std::string(what) + " is " + format_number(value) + ", expected " + expected);
}

}  // namespace

double auc_variance(AucVariance form, double auc, const ClassCounts& counts) {
  const auto m = static_cast<double>(counts.positives);
  const auto n = static_cast<double>(counts.negatives);
  if (form == AucVariance::hanley_mcneil) return std::pow(hanley_mcneil_se(auc, m, n), 2);
  const double a = Binormal(auc).a;
  const double e = std::exp(-a * a / 2.0) / (32.0 * std::numbers::pi);
  const double of_negatives = e * (a * a + 8.0) / n;
  return of_negatives + e * ((form == AucVariance::binormal ? 1.0 : 5.0) * a * a + 8.0) / m;
}

double binormal_auc_correlation(double auc_a, double auc_b, double r_positives, double r_negatives,
                                const ClassCounts& counts) {
  const auto m = static_cast<double>(counts.positives);
  const double ratio = static_cast<double>(counts.negatives) / m;
  const double cov =
      binormal_covariance(Binormal(auc_a), Binormal(auc_b), r_positives, r_negatives, ratio) / m;
  return cov / std::sqrt(auc_variance(AucVariance::binormal, auc_a, counts) *
                         auc_variance(AucVariance::binormal, auc_b, counts));
}

void check_design(const PairedDesign& design) {
  for (const auto& [name, auc] : {std::pair{"the AUC of a", design.auc_a}, {"the AUC of b", design.auc_b}}) {
    if (!(auc > 0.0 && auc < 1.0)) refuse(name, auc, "a number between 0 and 1");
  }
  if (!(std::abs(design.correlation) <= 1.0))
    refuse("the correlation", design.correlation, "a number from -1 to 1");
  if (!(design.alpha > 0.0 && design.alpha < 0.5))
    refuse("alpha", design.alpha, "more than 0 and less than 0.5");
  if (design.sides != 1 && design.sides != 2) refuse("the number of sides", design.sides, "1 or 2");
  if (!(design.design_effect > 0.0)) refuse("the design effect", design.design_effect, "more than 0");
  if (design.test != PowerTest::difference && !(design.margin > 0.0))
    refuse("the margin", design.margin, "more than 0");
}

double difference_se(const PairedDesign& design, const ClassCounts& counts) {
  return std::sqrt(variance_of_difference(design, design.auc_a, design.auc_b, counts));
}

double power_of(const PairedDesign& design, const ClassCounts& counts) {
  const double se = difference_se(design, counts);
  const double difference = design.auc_a - design.auc_b;
  if (design.test == PowerTest::difference) {
    const double null_se = design.null_variance
                               ? std::sqrt(variance_of_difference(design, design.auc_b, design.auc_b, counts))
                               : se;
    const double critical = -normal_quantile(design.alpha / design.sides) * null_se;
    const double expected = tail_beyond(critical - std::abs(difference), se);
    return design.sides == 1 ? expected : expected + tail_beyond(critical + std::abs(difference), se);
  }
  const double critical = -normal_quantile(design.alpha) * se;
  const double not_worse = tail_beyond(critical - design.margin - difference, se);
  if (design.test == PowerTest::non_inferiority) return not_worse;
  return std::max(0.0, not_worse + tail_beyond(critical - design.margin + difference, se) - 1.0);
}

ClassCounts split_by_share(std::int64_t total, double share) {
  const auto positives = static_cast<std::int64_t>(std::llround(share * static_cast<double>(total)));
  const std::int64_t kept = std::clamp<std::int64_t>(positives, 2, std::max<std::int64_t>(2, total - 2));
  return {kept, total - kept};
}

std::optional<ClassCounts> sample_size(const PairedDesign& design, double share, double wanted) {
  const auto reaches = [&](std::int64_t total) {
    return power_of(design, split_by_share(total, share)) >= wanted;
  };
  // With the share fixed, neither class ever shrinks as the total grows, so neither does the power.
  std::int64_t high = 4;
  while (!reaches(high)) {
    if (high >= kMostRows) return std::nullopt;
    high = std::min(2 * high, kMostRows);
  }
  std::int64_t low = high == 4 ? 3 : high / 2;
  while (high - low > 1) {
    const std::int64_t middle = low + (high - low) / 2;
    (reaches(middle) ? high : low) = middle;
  }
  return split_by_share(high, share);
}

std::optional<ImpliedCorrelation> implied_correlation(double auc_a, double auc_b, double positives,
                                                      double negatives, double p) {
  const auto inside = [](double x) { return x > 0.0 && x < 1.0; };
  if (!inside(p) || !inside(auc_a) || !inside(auc_b) || !(positives >= 1.0) || !(negatives >= 1.0))
    return std::nullopt;
  ImpliedCorrelation out;
  out.se_a = hanley_mcneil_se(auc_a, positives, negatives);
  out.se_b = hanley_mcneil_se(auc_b, positives, negatives);
  out.se_difference = std::abs(auc_a - auc_b) / two_sided_quantile(p);
  const double both = out.se_a * out.se_a + out.se_b * out.se_b - out.se_difference * out.se_difference;
  out.correlation = both / (2.0 * out.se_a * out.se_b);
  return out;
}

}  // namespace tagconf::stats
