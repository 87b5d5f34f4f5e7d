#include "tagconf/stats/calibration.hpp"

#include <algorithm>
#include <cmath>

namespace tagconf::stats {
namespace {

double edge(std::size_t k) {
  return static_cast<double>(k) / static_cast<double>(kCalibrationBins);
}

// The product p * 15 may round across an edge; the edges themselves decide.
std::size_t bin_of(double p, BinRule rule) {
  constexpr std::size_t kLast = kCalibrationBins - 1;
  auto k = std::min(kLast, static_cast<std::size_t>(p * static_cast<double>(kCalibrationBins)));
  if (rule == BinRule::left_closed) {
    while (k > 0 && p < edge(k)) --k;
    while (k < kLast && p >= edge(k + 1)) ++k;
  } else {
    while (k > 0 && p <= edge(k)) --k;
    while (k < kLast && p > edge(k + 1)) ++k;
  }
  return k;
}

}  // namespace

std::optional<Calibration> calibrate(std::span<const double> probabilities, const Labels& labels,
                                     BinRule rule) {
  std::array<long double, kCalibrationBins> probability{};
  std::array<std::size_t, kCalibrationBins> positives{};
  Calibration out;
  long double squares = 0;
  for (std::size_t row = 0; row < probabilities.size(); ++row) {
    const double p = probabilities[row];
    if (!(p >= 0.0 && p <= 1.0)) return std::nullopt;
    const long double error = static_cast<long double>(p) - (labels.positive(row) ? 1.0L : 0.0L);
    squares += error * error;
    const std::size_t k = bin_of(p, rule);
    probability[k] += p;
    positives[k] += labels.positive(row) ? 1 : 0;
    ++out.bins[k].count;
  }
  const auto n = static_cast<long double>(probabilities.size());
  out.brier = static_cast<double>(squares / n);
  long double gaps = 0;
  long double largest = 0;
  for (std::size_t k = 0; k < kCalibrationBins; ++k) {
    CalibrationBin& bin = out.bins[k];
    if (bin.count == 0) continue;
    const auto count = static_cast<long double>(bin.count);
    bin.mean_probability = static_cast<double>(probability[k] / count);
    bin.positive_fraction = static_cast<double>(static_cast<long double>(positives[k]) / count);
    const long double gap = std::abs(probability[k] - static_cast<long double>(positives[k]));
    gaps += gap;
    largest = std::max(largest, gap / count);
  }
  out.ece = static_cast<double>(gaps / n);
  out.mce = static_cast<double>(largest);
  return out;
}

}  // namespace tagconf::stats
