// Each part of a set by itself, and whether the parts differ.
#include <algorithm>
#include <map>
#include <utility>

#include "prepared.hpp"

namespace tagconf::stats {
namespace {

using RowsOf = std::map<std::string, std::vector<std::size_t>>;

RowsOf rows_of_parts(const EvaluationSet& set) {
  RowsOf rows_of;
  for (std::size_t row = 0; row < set.part.size(); ++row) {
    if (!set.part[row].empty()) rows_of[set.part[row]].push_back(row);
  }
  return rows_of;
}

// For each cluster of a part, its number in the whole set.
std::vector<std::uint32_t> numbers_in(const Clusters& whole, const Clusters& part,
                                      const std::vector<std::size_t>& rows) {
  std::vector<std::uint32_t> out(part.count());
  for (std::size_t row = 0; row < rows.size(); ++row) out[part.of_row[row]] = whole.of_row[rows[row]];
  return out;
}

PartEstimate estimate(const std::string& part, const Prepared& data, Prepared::Of of,
                      const std::vector<std::uint32_t>* clusters) {
  const bool by_cluster = clusters != nullptr;
  PartEstimate out;
  out.part = part;
  out.reason = data.obstacle(by_cluster);
  if (out.reason != Reason::none) return out;
  const bool alone = of.b == Prepared::kNone;
  out.value = alone ? data.auc_of(of.a) : data.difference(of.a, of.b);
  out.variance = data.covariance(by_cluster, of, of);
  if (out.variance == 0.0) out.reason = alone ? Reason::zero_variance : Reason::zero_variance_of_difference;
  if (!by_cluster || out.reason != Reason::none) return out;
  const std::vector<double> values = data.influence(of);
  for (std::size_t k = 0; k < values.size(); ++k) out.influence.push_back({(*clusters)[k], values[k]});
  std::sort(out.influence.begin(), out.influence.end(),
            [](const Influence& a, const Influence& b) { return a.cluster < b.cluster; });
  return out;
}

// The estimates of one quantity, part by part.
struct Quantity {
  std::size_t a = 0;
  std::optional<std::size_t> b;
  std::vector<PartEstimate> delong;
  std::vector<PartEstimate> clustered;
};

std::vector<Quantity> quantities(const SetAnalysis& analysis) {
  std::vector<Quantity> out;
  for (std::size_t model = 0; model < analysis.models.size(); ++model) out.push_back({model, {}, {}, {}});
  for (const Comparison& c : analysis.comparisons) {
    if (c.pair.family == Family::arms) out.push_back({c.pair.a, c.pair.b, {}, {}});
  }
  return out;
}

}  // namespace

void analyse_parts(const Prepared& whole, const AnalysisPlan& plan, SetAnalysis& out) {
  const EvaluationSet& set = whole.set();
  const Clusters* clusters = whole.clusters();
  AnalysisPlan simple;
  simple.reference = plan.reference;
  simple.rules = plan.rules;
  simple.replicates = 0;
  simple.by_part = false;
  std::vector<Quantity> all = quantities(out);
  for (const auto& [name, rows] : rows_of_parts(set)) {
    EvaluationSet part = select_rows(set, rows);
    part.seeds.clear();
    const Prepared data(part);
    SetAnalysis analysis = analyse_prepared(data, simple);
    for (ModelEstimate& model : analysis.models) model.operating_points.clear();
    out.parts.push_back(PartAnalysis{name, std::move(analysis)});
    std::vector<std::uint32_t> numbers;
    if (clusters != nullptr) numbers = numbers_in(*clusters, *data.clusters(), rows);
    for (Quantity& q : all) {
      const Prepared::Of of{q.a, q.b.value_or(Prepared::kNone)};
      q.delong.push_back(estimate(name, data, of, nullptr));
      if (clusters != nullptr) q.clustered.push_back(estimate(name, data, of, &numbers));
    }
  }
  if (out.parts.empty()) return;
  for (const Quantity& q : all) {
    Heterogeneity& entry =
        out.heterogeneity.emplace_back(Heterogeneity{q.a, q.b, test_heterogeneity(q.delong), {}});
    if (clusters != nullptr) entry.clustered = test_heterogeneity(q.clustered);
  }
}

}  // namespace tagconf::stats
