#include "tagconf/stats/threshold_curve.hpp"

#include <limits>

namespace tagconf::stats {
namespace {

OperatingPoint point_of(double threshold, std::size_t tp, std::size_t fp, std::size_t m, std::size_t n) {
  OperatingPoint point;
  point.threshold = threshold;
  point.true_positives = tp;
  point.false_positives = fp;
  point.true_negatives = n - fp;
  point.false_negatives = m - tp;
  point.sensitivity = static_cast<double>(tp) / static_cast<double>(m);
  point.specificity = static_cast<double>(n - fp) / static_cast<double>(n);
  point.sensitivity_ci = wilson(tp, m);
  point.specificity_ci = wilson(n - fp, n);
  return point;
}

}  // namespace

ThresholdCurve threshold_curve(const Ranking& ranking, std::span<const double> scores, const Labels& labels) {
  ThresholdCurve curve;
  curve.positives = labels.positives();
  curve.negatives = labels.negatives();
  const std::size_t runs = ranking.run_end.size();
  curve.threshold.reserve(runs);
  curve.true_positives.reserve(runs);
  curve.false_positives.reserve(runs);
  std::uint32_t tp = 0;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : ranking.run_end) {
    for (std::uint32_t i = begin; i < end; ++i) tp += labels.positive(ranking.order[i]) ? 1 : 0;
    curve.threshold.push_back(scores[ranking.order[begin]]);
    curve.true_positives.push_back(tp);
    curve.false_positives.push_back(end - tp);
    begin = end;
  }
  return curve;
}

double average_precision(const ThresholdCurve& curve) {
  long double sum = 0;
  std::uint32_t before = 0;
  for (std::size_t i = 0; i < curve.threshold.size(); ++i) {
    const std::uint32_t tp = curve.true_positives[i];
    const long double precision =
        static_cast<long double>(tp) / (static_cast<long double>(tp) + curve.false_positives[i]);
    sum += static_cast<long double>(tp - before) * precision;
    before = tp;
  }
  return static_cast<double>(sum / static_cast<long double>(curve.positives));
}

double pr_auc_trapezoid(const ThresholdCurve& curve) {
  long double sum = 0;
  std::uint32_t before = 0;
  long double precision_before = 1;
  for (std::size_t i = 0; i < curve.threshold.size(); ++i) {
    const std::uint32_t tp = curve.true_positives[i];
    const long double precision =
        static_cast<long double>(tp) / (static_cast<long double>(tp) + curve.false_positives[i]);
    sum += static_cast<long double>(tp - before) * (precision + precision_before) / 2.0L;
    before = tp;
    precision_before = precision;
  }
  return static_cast<double>(sum / static_cast<long double>(curve.positives));
}

OperatingPoint operating_point(std::span<const double> scores, const Labels& labels, double threshold) {
  std::size_t tp = 0;
  std::size_t fp = 0;
  for (std::size_t row = 0; row < scores.size(); ++row) {
    if (scores[row] >= threshold) ++(labels.positive(row) ? tp : fp);
  }
  return point_of(threshold, tp, fp, labels.positives(), labels.negatives());
}

Youden youden(const ThresholdCurve& curve) {
  Youden out;
  const auto m = static_cast<std::int64_t>(curve.positives);
  const auto n = static_cast<std::int64_t>(curve.negatives);
  std::int64_t best = std::numeric_limits<std::int64_t>::min();
  std::size_t at = 0;
  for (std::size_t i = 0; i < curve.threshold.size(); ++i) {
    const std::int64_t j = n * curve.true_positives[i] - m * curve.false_positives[i];
    if (j > best) {
      best = j;
      at = i;
      out.thresholds.clear();
    }
    if (j == best) out.thresholds.push_back(curve.threshold[i]);
  }
  out.point = point_of(curve.threshold[at], curve.true_positives[at], curve.false_positives[at],
                       curve.positives, curve.negatives);
  out.j = static_cast<double>(best) / (static_cast<double>(m) * static_cast<double>(n));
  return out;
}

std::vector<RocPoint> roc_points(const ThresholdCurve& curve) {
  std::vector<RocPoint> points;
  const auto add = [&](double threshold, std::uint32_t tp, std::uint32_t fp) {
    points.push_back({threshold, static_cast<double>(fp) / static_cast<double>(curve.negatives),
                      static_cast<double>(tp) / static_cast<double>(curve.positives),
                      wilson(tp, curve.positives)});
  };
  add(std::numeric_limits<double>::infinity(), 0, 0);
  const std::size_t runs = curve.threshold.size();
  for (std::size_t i = 0; i < runs; ++i) {
    const std::int64_t tp = curve.true_positives[i];
    const std::int64_t fp = curve.false_positives[i];
    if (i + 1 < runs) {
      const std::int64_t step_tp = tp - (i == 0 ? 0 : std::int64_t{curve.true_positives[i - 1]});
      const std::int64_t step_fp = fp - (i == 0 ? 0 : std::int64_t{curve.false_positives[i - 1]});
      const std::int64_t next_tp = std::int64_t{curve.true_positives[i + 1]} - tp;
      const std::int64_t next_fp = std::int64_t{curve.false_positives[i + 1]} - fp;
      if (step_tp * next_fp == step_fp * next_tp) continue;
    }
    add(curve.threshold[i], curve.true_positives[i], curve.false_positives[i]);
  }
  return points;
}

}  // namespace tagconf::stats
