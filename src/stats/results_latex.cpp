// The tables of an evaluation as LaTeX.
#include <fmt/format.h>

#include <algorithm>

#include "tagconf/base/number.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stats {
namespace {

using Cells = std::vector<std::string>;

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\\':
        out += "\\textbackslash{}";
        break;
      case '~':
        out += "\\textasciitilde{}";
        break;
      case '^':
        out += "\\textasciicircum{}";
        break;
      case '<':
      case '>':
        out += std::string("$") + c + "$";
        break;
      case '&':
      case '%':
      case '$':
      case '#':
      case '_':
      case '{':
      case '}':
        out += std::string("\\") + c;
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string missing(Reason reason) {
  std::string words(name_of(reason));
  std::replace(words.begin(), words.end(), '_', ' ');
  return words.empty() ? "not estimable" : "not estimable (" + words + ")";
}

std::string number(const std::optional<double>& value) {
  return value ? format_fixed(*value, 3) : missing(Reason::none);
}

std::string signed_number(double value) {
  const std::string digits = format_fixed(value, 3);
  return "$" + std::string(value > 0.0 && digits != "0.000" ? "+" : "") + digits + "$";
}

std::string interval(const std::optional<Interval>& ci, Reason reason) {
  return ci ? fmt::format("{} to {}", format_fixed(ci->low, 3), format_fixed(ci->high, 3)) : missing(reason);
}

std::string signed_interval(const DifferenceInference& inference) {
  if (!inference.ci) return missing(inference.reason);
  return signed_number(inference.ci->low) + " to " + signed_number(inference.ci->high);
}

// Two significant digits, as readers expect: "$< 0.001$", "0.021", "0.35".
std::string p_cell(const std::optional<double>& p, Reason reason) {
  if (!p) return missing(reason);
  if (*p < 0.001) return "$< 0.001$";
  if (*p > 0.99) return "$> 0.99$";
  return format_fixed(*p, *p >= 0.0995 ? 2 : *p >= 0.00995 ? 3 : 4);
}

std::string share(double value, const Interval& ci) {
  return fmt::format("{} ({} to {})", format_fixed(value, 3), format_fixed(ci.low, 3),
                     format_fixed(ci.high, 3));
}

std::string table(const std::string& caption, const Cells& head, const std::vector<Cells>& rows,
                  std::size_t texts) {
  const auto line = [](const Cells& cells) {
    return "    " + fmt::format("{}", fmt::join(cells, " & ")) + " \\\\\n";
  };
  std::string out = "\\begin{table}\n  \\centering\n  \\caption{" + caption + "}\n  \\begin{tabular}{" +
                    std::string(texts, 'l') + std::string(head.size() - texts, 'r') + "}\n    \\toprule\n" +
                    line(head) + "    \\midrule\n";
  for (const Cells& row : rows) out += line(row);
  return out + "    \\bottomrule\n  \\end{tabular}\n\\end{table}\n";
}

std::string heading(const SubsetResult& subset, const EvaluationResults& results) {
  const SetAnalysis& set = subset.analysis;
  std::string out = fmt::format(
      "{} level{}, $n = {}$, {} abnormal", set.unit == Unit::image ? "image" : "study",
      subset.subset == "all" ? "" : ", " + escaped(subset.subset) + " only", set.n, set.positives);
  if (set.clusters)
    out += fmt::format(", {} clusters ({})", set.clusters->clusters, escaped(name_of(results.cluster)));
  return out;
}

std::string models_table(const SubsetResult& subset, const EvaluationResults& results) {
  const SetAnalysis& set = subset.analysis;
  Cells head{"Model", "AUC", "95\\,\\% CI, DeLong"};
  if (set.clusters) head.emplace_back("95\\,\\% CI, clustered");
  for (const char* title : {"Average precision", "Brier score"}) head.emplace_back(title);
  std::vector<Cells> rows;
  for (const ModelEstimate& m : set.models) {
    Cells row{escaped(m.name), m.auc ? number(m.auc) : missing(Reason::one_class),
              interval(m.delong.clipped, m.delong.reason)};
    if (set.clusters) row.push_back(interval(m.clustered->clipped, m.clustered->reason));
    row.push_back(number(m.average_precision));
    row.push_back(m.calibration ? number(m.calibration->brier) : missing(Reason::scores_not_probabilities));
    rows.push_back(std::move(row));
  }
  return table("Area under the ROC curve, " + heading(subset, results) + ".", head, rows, 1);
}

std::string comparisons_table(const SubsetResult& subset, const EvaluationResults& results) {
  const SetAnalysis& set = subset.analysis;
  Cells head{"Comparison", "Difference", "95\\,\\% CI, DeLong", "$p$", "$p$, Holm"};
  if (set.clusters) {
    for (const char* title : {"95\\,\\% CI, clustered", "$p$", "$p$, Holm"}) head.emplace_back(title);
  }
  std::vector<Cells> rows;
  for (const Comparison& c : set.comparisons) {
    Cells row{escaped(set.models[c.pair.a].name) + " minus " + escaped(set.models[c.pair.b].name),
              c.difference ? signed_number(*c.difference) : missing(Reason::one_class)};
    const auto test = [&](const DifferenceInference& inference, const std::optional<double>& holm) {
      row.push_back(signed_interval(inference));
      row.push_back(p_cell(inference.p, inference.reason));
      row.push_back(p_cell(holm, inference.reason));
    };
    test(c.delong, c.p_holm);
    if (set.clusters) test(*c.clustered, c.p_holm_clustered);
    rows.push_back(std::move(row));
  }
  return table("Paired differences of the AUC, " + heading(subset, results) +
                   ". Tests are two-sided; Holm adjusts within the comparisons of one kind.",
               head, rows, 1);
}

std::string points_table(const SubsetResult& subset, const EvaluationResults& results) {
  const SetAnalysis& set = subset.analysis;
  std::vector<Cells> rows;
  for (const ModelEstimate& m : set.models) {
    for (const NamedPoint& named : m.operating_points) {
      const std::string origin =
          named.chosen_on == ChosenOn::nothing ? "fixed" : std::string(name_of(named.chosen_on));
      Cells row{escaped(m.name), escaped(named.rule), origin + (named.optimistic ? " (optimistic)" : "")};
      if (const auto& p = named.point) {
        row.push_back(escaped(format_fixed(p->threshold, 3) + " (" + named.score + ")"));
        row.push_back(share(p->sensitivity, p->sensitivity_ci));
        row.push_back(share(p->specificity, p->specificity_ci));
      } else {
        for (int i = 0; i < 3; ++i) row.push_back(missing(named.reason));
      }
      rows.push_back(std::move(row));
    }
  }
  return table("Operating points with Wilson's 95\\,\\% intervals, " + heading(subset, results) +
                   ". A threshold chosen on the test data makes its row optimistic.",
               {"Model", "Rule", "Chosen on", "Threshold", "Sensitivity", "Specificity"}, rows, 3);
}

}  // namespace

std::string tables_latex(const EvaluationResults& results) {
  std::string out = "% \\usepackage{booktabs}\n";
  for (const SubsetResult& subset : results.units) {
    out += "\n" + models_table(subset, results);
    if (!subset.analysis.comparisons.empty()) out += "\n" + comparisons_table(subset, results);
    if (subset.analysis.positives > 0 && subset.analysis.positives < subset.analysis.n)
      out += "\n" + points_table(subset, results);
  }
  return out;
}

}  // namespace tagconf::stats
