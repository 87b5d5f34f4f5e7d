#include <fmt/format.h>

#include <algorithm>

#include "tagconf/base/number.hpp"
#include "tagconf/stats/equivalence.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stats {
namespace {

const char* const kMissing = "not estimable";

std::string ci_text(const std::optional<Interval>& ci) {
  return ci ? fmt::format("({} to {})", format_fixed(ci->low, 3), format_fixed(ci->high, 3)) : "";
}

std::string with_reason(Reason reason) {
  return reason == Reason::none ? kMissing : fmt::format("{}: {}", kMissing, name_of(reason));
}

std::string signed_text(double value) {
  return (value > 0.0 ? "+" : "") + format_fixed(value, 3);
}

// "0.844 (0.830 to 0.858)"
std::string estimate_text(const std::optional<double>& auc, const AucInference& inference) {
  if (!auc) return with_reason(Reason::one_class);
  return format_fixed(*auc, 3) + " " +
         (inference.clipped ? ci_text(inference.clipped)
                            : fmt::format("(CI {})", with_reason(inference.reason)));
}

std::string difference_text(const Comparison& c, const DifferenceInference& inference) {
  if (!c.difference) return with_reason(Reason::one_class);
  const std::string value = signed_text(*c.difference);
  if (!inference.p) return fmt::format("{} (test {})", value, with_reason(inference.reason));
  const std::string p = p_text(*inference.p);
  return fmt::format("{} {}, p {}", value, ci_text(inference.ci), p.front() == '<' ? p : "= " + p);
}

// "not inferior (p = 0.012), equivalence not shown (p = 0.21)"
std::string margin_text(const Comparison& c, const DifferenceInference& inference, double margin) {
  const MarginTests tests = test_margin(c.difference, inference, margin);
  if (!tests.ci) return with_reason(c.difference ? tests.reason : Reason::one_class);
  const auto p = [](double value) {
    const std::string words = p_text(value);
    return words.front() == '<' ? words : "= " + words;
  };
  return fmt::format("{}, {} (p {}), {} (p {})", ci_text(tests.ci),
                     *tests.non_inferior ? "not inferior" : "may be inferior", p(*tests.p_non_inferiority),
                     *tests.equivalent ? "equivalent" : "equivalence not shown", p(*tests.p_equivalence));
}

using Cells = std::vector<std::string>;

// Columns padded to their widest cell, two spaces between, no trailing blanks.
std::string aligned(const std::vector<Cells>& rows) {
  std::vector<std::size_t> width(rows.front().size(), 0);
  for (const Cells& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string out;
  for (const Cells& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) line += fmt::format(" {:<{}} ", row[i], width[i]);
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

std::string plural(Unit unit) {
  return unit == Unit::image ? "images" : "studies";
}

std::string heading(const SubsetResult& subset, ClusterBy cluster) {
  const SetAnalysis& set = subset.analysis;
  const std::string level = set.unit == Unit::image ? "Image level" : "Study level";
  const bool tagged = subset.subset == "tagged" && subset.tagged && subset.untagged;
  std::string out = tagged ? fmt::format("{}, tagged only: {} of {} {}", level, set.n,
                                         *subset.tagged + *subset.untagged, plural(set.unit))
                           : fmt::format("{}: {} {}", level, set.n, plural(set.unit));
  out += fmt::format(", {} abnormal", set.positives);
  if (set.clusters) out += fmt::format(", {} clusters ({})", set.clusters->clusters, name_of(cluster));
  return out + "\n";
}

std::string tables(const SetAnalysis& set, const std::optional<double>& margin) {
  const bool clustered = set.clusters.has_value();
  std::vector<Cells> models{clustered ? Cells{"model", "AUC (95 % CI), clustered", "AUC (95 % CI), DeLong"}
                                      : Cells{"model", "AUC (95 % CI), DeLong"}};
  for (const ModelEstimate& m : set.models) {
    Cells row{m.name};
    if (clustered) row.push_back(estimate_text(m.auc, *m.clustered));
    row.push_back(estimate_text(m.auc, m.delong));
    models.push_back(std::move(row));
  }
  std::string out = aligned(models);
  if (set.comparisons.empty()) return out;
  std::vector<Cells> pairs{clustered ? Cells{"difference", "clustered", "DeLong"}
                                     : Cells{"difference", "DeLong"}};
  for (const Comparison& c : set.comparisons) {
    Cells row{fmt::format("{} - {}{}", set.models[c.pair.a].name, set.models[c.pair.b].name,
                          c.pair.primary ? " (primary)" : "")};
    if (clustered) row.push_back(difference_text(c, *c.clustered));
    row.push_back(difference_text(c, c.delong));
    pairs.push_back(std::move(row));
  }
  out += aligned(pairs);
  if (!margin) return out;
  const std::string heading = fmt::format("margin {:g}, 90 % CI", *margin);
  std::vector<Cells> tests{clustered ? Cells{heading, "clustered", "DeLong"} : Cells{heading, "DeLong"}};
  for (std::size_t i = 0; i < set.comparisons.size(); ++i) {
    const Comparison& c = set.comparisons[i];
    Cells row{pairs[i + 1].front()};
    if (clustered) row.push_back(margin_text(c, *c.clustered, *margin));
    row.push_back(margin_text(c, c.delong, *margin));
    tests.push_back(std::move(row));
  }
  return out + aligned(tests);
}

}  // namespace

std::string p_text(double p) {
  if (p < 1e-300) return "< 1e-300";
  return p < 1e-3 ? fmt::format("{:.1e}", p) : fmt::format("{:#.3g}", p);
}

std::string results_text(const EvaluationResults& results) {
  std::string out;
  if (results.optimistic) out += "These data were used for selection: every figure is optimistic.\n\n";
  for (const SubsetResult& subset : results.units) {
    if (&subset != &results.units.front()) out += "\n";
    out += heading(subset, results.cluster) + tables(subset.analysis, results.margin);
  }
  return out;
}

}  // namespace tagconf::stats
