#include "tagconf/report/cam_summary.hpp"

#include <cmath>

namespace tagconf::report {

MeanEstimate estimate_mean(std::span<const double> values) {
  MeanEstimate out;
  out.n = values.size();
  if (values.empty()) return out;
  const auto n = static_cast<double>(values.size());
  double sum = 0;
  for (const double v : values) sum += v;
  out.mean = sum / n;
  if (values.size() < 2) return out;
  double squares = 0;
  for (const double v : values) squares += (v - *out.mean) * (v - *out.mean);
  const double half = stats::kZ95 * std::sqrt(squares / (n - 1) / n);
  out.ci = Interval{*out.mean - half, *out.mean + half};
  return out;
}

CamSummary summarize_cams(std::string name, std::span<const CamRow> rows) {
  CamSummary out;
  out.name = std::move(name);
  std::vector<double> area;
  std::vector<double> null;
  std::vector<double> excess;
  for (const auto& row : rows) {
    ++out.maps;
    out.empty += row.empty ? 1 : 0;
    if (!row.in_tag) continue;
    out.in_tag_values.push_back(*row.in_tag);
    if (row.area_share) area.push_back(*row.area_share);
    if (row.null_mean) {
      null.push_back(*row.null_mean);
      excess.push_back(*row.in_tag - *row.null_mean);
    }
    if (row.null_p) {
      ++out.with_p;
      out.small_p += *row.null_p < 0.05 ? 1 : 0;
    }
  }
  out.in_tag = estimate_mean(out.in_tag_values);
  out.area_share = estimate_mean(area);
  out.null_mean = estimate_mean(null);
  out.excess = estimate_mean(excess);
  return out;
}

}  // namespace tagconf::report
