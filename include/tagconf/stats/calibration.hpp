// Do the probabilities mean what they say: Brier score and binned calibration error.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>

#include "tagconf/stats/observations.hpp"

namespace tagconf::stats {

inline constexpr std::size_t kCalibrationBins = 15;

// Which end of a bin belongs to it: [k/15, (k+1)/15) with 1 in the last, or (k/15, (k+1)/15] with 0 in the
// first. Edges are float64(k)/15.
enum class BinRule { left_closed, right_closed };

struct CalibrationBin {
  std::size_t count = 0;
  std::optional<double> mean_probability;  // empty bins have none
  std::optional<double> positive_fraction;
};

struct Calibration {
  double brier = 0;  // mean (p - label)^2
  double ece = 0;    // sum over bins of |sum p - sum label| / N
  double mce = 0;    // largest |mean p - mean label| of a bin
  std::array<CalibrationBin, kCalibrationBins> bins;
};

// Nothing when a value lies outside [0, 1]: scores that are no probabilities cannot be calibrated. At least
// one row.
[[nodiscard]] std::optional<Calibration> calibrate(std::span<const double> probabilities,
                                                   const Labels& labels, BinRule rule = BinRule::left_closed);

}  // namespace tagconf::stats
