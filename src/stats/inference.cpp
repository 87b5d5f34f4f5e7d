#include "tagconf/stats/inference.hpp"

#include <Eigen/Cholesky>
#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numbers>
#include <numeric>

namespace tagconf::stats {
namespace {

constexpr double kSmallestPivot = 1e-12;

double logistic(double x) {
  return 1.0 / (1.0 + std::exp(-x));
}

}  // namespace

AucInference infer_auc(double auc, double variance) {
  AucInference out;
  out.variance = variance;
  out.se = std::sqrt(variance);
  if (variance == 0.0) {
    out.reason = Reason::zero_variance;
    return out;
  }
  const double half = kZ95 * *out.se;
  out.wald = Interval{auc - half, auc + half};
  out.clipped = Interval{std::max(0.0, out.wald->low), std::min(1.0, out.wald->high)};
  const double centre = std::log(auc / (1.0 - auc));
  const double logit_half = half / (auc * (1.0 - auc));
  out.logit = Interval{logistic(centre - logit_half), logistic(centre + logit_half)};
  return out;
}

DifferenceInference infer_difference(double difference, double variance_of_difference, double variance_a,
                                     double variance_b, double covariance) {
  DifferenceInference out;
  out.covariance = covariance;
  if (variance_a > 0.0 && variance_b > 0.0)
    out.correlation = std::clamp(covariance / (std::sqrt(variance_a) * std::sqrt(variance_b)), -1.0, 1.0);
  out.variance = variance_of_difference;
  out.se = std::sqrt(variance_of_difference);
  if (variance_of_difference == 0.0) {
    out.reason = Reason::zero_variance_of_difference;
    return out;
  }
  out.z = difference / *out.se;
  out.p = two_sided_p(*out.z);
  out.ci = Interval{difference - kZ95 * *out.se, difference + kZ95 * *out.se};
  return out;
}

double two_sided_p(double z) {
  return std::erfc(std::abs(z) / std::numbers::sqrt2);
}

GlobalTest global_test(std::span<const double> contrasts, std::span<const double> covariance) {
  GlobalTest out;
  out.df = contrasts.size();
  if (contrasts.empty()) {
    out.reason = Reason::fewer_than_two_models;
    return out;
  }
  const auto k = static_cast<Eigen::Index>(contrasts.size());
  Eigen::MatrixXd correlation(k, k);
  Eigen::VectorXd standardised(k);
  out.reason = Reason::singular_contrast_covariance;
  for (Eigen::Index i = 0; i < k; ++i) {
    const double variance = covariance[static_cast<std::size_t>(i * k + i)];
    if (!(variance > 0.0)) return out;
    standardised(i) = contrasts[static_cast<std::size_t>(i)] / std::sqrt(variance);
    for (Eigen::Index j = 0; j < k; ++j) {
      correlation(i, j) = covariance[static_cast<std::size_t>(i * k + j)] /
                          (std::sqrt(variance) * std::sqrt(covariance[static_cast<std::size_t>(j * k + j)]));
    }
  }
  const Eigen::LDLT<Eigen::MatrixXd> factors(correlation);
  if (factors.info() != Eigen::Success || factors.vectorD().minCoeff() < kSmallestPivot) return out;
  out.reason = Reason::none;
  out.chi2 = standardised.dot(factors.solve(standardised));
  out.p = boost::math::gamma_q(static_cast<double>(k) / 2.0, std::max(0.0, *out.chi2) / 2.0);
  return out;
}

std::vector<std::optional<double>> holm(std::span<const std::optional<double>> p) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p.size(); ++i) {
    if (p[i]) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return *p[a] < *p[b]; });
  std::vector<std::optional<double>> adjusted(p.size());
  double running = 0.0;
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    running = std::max(running, std::min(1.0, static_cast<double>(order.size() - rank) * *p[order[rank]]));
    adjusted[order[rank]] = running;
  }
  return adjusted;
}

double hanley_mcneil_se(double auc, double positives, double negatives) {
  const double q1 = auc / (2.0 - auc);
  const double q2 = 2.0 * auc * auc / (1.0 + auc);
  const double variance =
      (auc * (1.0 - auc) + (positives - 1.0) * (q1 - auc * auc) + (negatives - 1.0) * (q2 - auc * auc)) /
      (positives * negatives);
  return std::sqrt(std::max(0.0, variance));
}

DifferenceInference hanley_mcneil_difference(double auc_a, double auc_b, double positives, double negatives,
                                             double r) {
  const double a = hanley_mcneil_se(auc_a, positives, negatives);
  const double b = hanley_mcneil_se(auc_b, positives, negatives);
  const double variance = std::max(0.0, a * a + b * b - 2.0 * r * a * b);
  return infer_difference(auc_a - auc_b, variance, a * a, b * b, r * a * b);
}

Interval wilson(std::size_t k, std::size_t n) {
  const auto count = static_cast<double>(n);
  const double p = static_cast<double>(k) / count;
  const double q = static_cast<double>(n - k) / count;
  const double z2 = kZ95 * kZ95;
  const double half = kZ95 * std::sqrt(p * q / count + z2 / (4.0 * count * count));
  const double upper = p + z2 / (2.0 * count) + half;
  // lower * upper = p^2 (1 + z2 / n): the lower end comes out of a quotient, so no digits cancel.
  return {p * p / upper, k == n ? 1.0 : upper / (1.0 + z2 / count)};
}

}  // namespace tagconf::stats
