#include "section_parts.hpp"

namespace tagconf::report {
namespace {

std::string p_text(const std::optional<double>& p, const std::optional<double>& holm,
                   const std::string& reason) {
  std::string out = format_p(p, reason);
  // With one comparison the adjusted p is the p itself.
  if (p && holm && format_p(holm) != out) out += " (Holm " + format_p(holm) + ")";
  return out;
}

}  // namespace

std::string arm_title(std::string_view name) {
  if (name == "original") return "Original images";
  if (name == "covered") return "Tags covered";
  if (name == "tags_only") return "Tags only";
  return spoken(name);
}

std::string unit_words(const std::string& unit, const std::string& subset) {
  std::string out = unit + " level";
  if (unit == "image") out = "Image level";
  if (unit == "study") out = "Study level";
  if (subset == "tagged") out += ", tagged images only";
  if (subset != "tagged" && subset != "all") out += ", " + spoken(subset);
  return out;
}

std::string unit_counts(const UnitResult& unit, const std::string& cluster) {
  std::string out = unit_words(unit.unit, unit.subset);
  if (unit.models.empty()) return out;
  const ModelResult& m = unit.models.front();
  out +=
      ": " + format_counted(m.n, unit.unit, plural(unit.unit)) + ", " + format_count(m.n_pos) + " abnormal";
  if (m.clusters && !cluster.empty() && cluster != unit.unit) {
    out += ", " + format_counted(*m.clusters, cluster, plural(cluster));
  }
  return out;
}

const Uncertainty& leading(const ModelResult& model) {
  return model.clustered && model.clustered->ci ? *model.clustered : model.delong;
}

const Test& leading(const Comparison& comparison) {
  return comparison.clustered && comparison.clustered->p ? *comparison.clustered : comparison.delong;
}

Html cell(std::string_view text) {
  return escaped(text);
}

Html interval_cell(const std::optional<Interval>& ci, const std::string& reason) {
  return escaped(ci ? format_interval(*ci) : not_estimable(reason));
}

IntervalRow auc_row(const ModelResult& model, const std::string& label, std::size_t index) {
  IntervalRow row;
  row.label = label;
  row.value = model.auc;
  row.ci = model.delong.ci;
  if (model.clustered) row.second_ci = model.clustered->ci;
  row.style = style_of(model.train_arm.empty() ? model.name : model.train_arm, index);
  const Uncertainty& u = leading(model);
  row.text = format_estimate(model.auc, u.ci, model.auc ? u.reason : model.reason);
  return row;
}

Html comparison_table(const std::string& caption, const std::vector<ComparisonGroup>& groups,
                      const std::string& cluster) {
  Table t;
  t.caption = caption;
  t.columns = {{"Compared", false}, {"Difference", true}, {"95 % CI, DeLong", true}, {"p, DeLong", true}};
  if (!cluster.empty()) {
    t.columns.push_back({"95 % CI, by " + cluster, true});
    t.columns.push_back({"p, by " + cluster, true});
  }
  const auto ci = [](const Test& test) {
    return cell(test.ci ? format_signed_interval(*test.ci) : not_estimable(test.reason));
  };
  for (const auto& group : groups) {
    RowGroup rows{group.title, {}};
    for (const auto& [name, c] : group.lines) {
      std::vector<Html> row{cell(name.empty() ? spoken(c.a) + " minus " + spoken(c.b) : name),
                            cell(c.difference ? format_signed(c.difference) : not_estimable(c.reason)),
                            ci(c.delong), cell(p_text(c.delong.p, c.p_holm, c.delong.reason))};
      if (!cluster.empty()) {
        const Test test = c.clustered.value_or(Test{});
        row.push_back(ci(test));
        row.push_back(cell(p_text(test.p, c.p_holm_clustered, test.reason)));
      }
      rows.rows.push_back(std::move(row));
    }
    t.groups.push_back(std::move(rows));
  }
  return table(t);
}

std::string plural(const std::string& word) {
  return word == "study" ? "studies" : word + "s";
}

std::string bars_words(const std::string& cluster) {
  if (cluster.empty()) return "Bars: 95 % confidence intervals (DeLong).";
  return "Thick bars: DeLong, images taken as independent. Thin bars with caps: " + plural(cluster) +
         " taken as independent.";
}

}  // namespace tagconf::report
