#include <algorithm>
#include <cmath>

#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Verdict";

// What an ideal observer of the tags alone reaches: at large, and on these images.
struct Ideal {
  std::optional<double> auc;
  std::optional<double> on_images;
};

const ModelResult* of_arm(const std::vector<ModelResult>& models, std::string_view arm) {
  const auto it = std::find_if(models.begin(), models.end(), [&](const auto& m) {
    return m.name == arm || (!m.seed && m.train_arm == arm && !m.crossed());
  });
  return it == models.end() ? nullptr : &*it;
}

const UnitResult* main_unit(const Results& results) {
  const UnitResult* unit = results.find("image", "all");
  return unit != nullptr ? unit : (results.units.empty() ? nullptr : &results.units.front());
}

std::string ci_words(const Uncertainty& u) {
  return u.ci ? format_interval(*u.ci) : "CI " + not_estimable(u.reason);
}

std::string card_name(const std::string& arm) {
  if (arm == "original") return "original images";
  if (arm == "covered") return "tags covered";
  return spoken(arm);
}

Card model_card(const ModelResult& m, std::size_t index, const std::string& cluster) {
  Card card;
  const std::string& arm = m.train_arm.empty() ? m.name : m.train_arm;
  card.title = "AUC, " + card_name(arm);
  card.value = m.auc ? format_value(m.auc) : "\u2013";
  if (!m.auc) {
    card.details.push_back(not_estimable(m.reason));
  } else {
    if (m.clustered) card.details.push_back(ci_words(*m.clustered) + " by " + cluster);
    card.details.push_back(ci_words(m.delong) + (m.clustered ? " unclustered" : " (DeLong)"));
  }
  card.colour = style_of(arm, index).colour;
  return card;
}

Card difference_card(const Comparison& c, const std::string& cluster) {
  Card card;
  card.title = "Difference, " + spoken(c.a) + " minus " + spoken(c.b);
  card.value = c.difference ? format_signed(c.difference) : "\u2013";
  const Test& test = leading(c);
  const std::string by = c.clustered ? " by " + cluster : " (DeLong)";
  card.details.push_back((test.ci ? format_signed_interval(*test.ci) : not_estimable(test.reason)) + by);
  card.details.push_back(format_p_phrase(c.clustered ? c.clustered->p : c.delong.p) + by);
  if (c.clustered) card.details.push_back(format_p_phrase(c.delong.p) + " unclustered");
  card.colour = "#59636e";
  return card;
}

// Wald test of an AUC against 0.5.
std::optional<double> p_against_chance(const ModelResult& m, const Uncertainty& u) {
  if (!m.auc || !u.se || !(*u.se > 0)) return std::nullopt;
  return stats::two_sided_p((*m.auc - 0.5) / *u.se);
}

std::string difference_sentence(const ModelResult& a, const ModelResult& b, const Comparison& c,
                                const std::string& cluster) {
  std::string out = "With the tags covered the AUC was " + format_value(a.auc) +
                    ", with the original images " + format_value(b.auc) + ": a difference of " +
                    format_signed(c.difference);
  if (c.delong.ci) out += " (95 % CI " + format_signed_interval(*c.delong.ci) + ")";
  out += ", " + format_p_phrase(c.delong.p) + " with images taken as independent (DeLong)";
  if (c.clustered) {
    out += " and " + format_p_phrase(c.clustered->p) + " with " + plural(cluster) + " taken as independent";
    if (c.clustered->ci) out += " (95 % CI " + format_signed_interval(*c.clustered->ci) + ")";
  }
  return out + ".";
}

std::string tags_sentence(const ModelResult& m, const Ideal& ideal, const std::string& cluster) {
  if (!m.auc) return "The AUC from the tags alone is " + not_estimable(m.reason) + ".";
  std::string out = "From the tags alone, with the anatomy removed, the AUC was " + format_value(m.auc) +
                    ", " + format_signed(*m.auc - 0.5) + " against chance";
  const auto p = p_against_chance(m, m.delong);
  if (p) out += " (" + format_p_phrase(p) + " with images taken as independent";
  if (p && m.clustered) {
    const auto clustered = p_against_chance(m, *m.clustered);
    if (clustered) out += ", " + format_p_phrase(clustered) + " with " + plural(cluster);
  }
  out += p ? ")." : ".";
  const Uncertainty& u = leading(m);
  if (u.ci && u.ci->low <= 0.5 && u.ci->high >= 0.5) out += " Its interval holds 0.5.";
  if (ideal.auc) {
    out +=
        " An ideal observer who sees nothing but the tags, and knows how they go with the label in test "
        "images, would reach " +
        format_value(ideal.auc);
    if (u.ci) {
      const bool inside = u.ci->low <= *ideal.auc && *ideal.auc <= u.ci->high;
      out += std::string(inside ? ", inside" : ", outside") + " the 95 % interval";
    }
    if (ideal.on_images) out += " (on these very images " + format_value(ideal.on_images) + ")";
    out += ".";
  }
  return out;
}

std::vector<std::string> lead_sentences(const std::vector<ModelResult>& models, const UnitResult& unit,
                                        const Ideal& ideal, const std::string& cluster) {
  std::vector<std::string> out;
  const ModelResult* original = of_arm(models, "original");
  const ModelResult* covered = of_arm(models, "covered");
  const ModelResult* tags = of_arm(models, "tags_only");
  if (original != nullptr && covered != nullptr) {
    const auto c = unit.compare(covered->name, original->name);
    if (c) out.push_back(difference_sentence(*covered, *original, *c, cluster));
  }
  if (tags != nullptr) out.push_back(tags_sentence(*tags, ideal, cluster));
  if (!out.empty()) return out;
  for (const auto& m : models) {
    out.push_back(spoken(m.name) + ": AUC " + format_estimate(m.auc, leading(m).ci, m.reason) + ".");
  }
  return out;
}

Html auc_plot(const std::vector<ModelResult>& models, const UnitResult& unit, const Ideal& ideal,
              const std::string& cluster) {
  IntervalPlot plot;
  std::string spoken_values;
  IntervalGroup group;
  for (std::size_t i = 0; i < models.size(); ++i) {
    group.rows.push_back(auc_row(models[i], arm_title(models[i].name), i));
    spoken_values += (i > 0 ? "; " : "") + group.rows.back().label + " " + group.rows.back().text;
  }
  plot.words = {"auc", "AUC of each arm with 95 % confidence intervals", spoken_values + "."};
  plot.axis = "AUC, " + unit.unit + " level";
  plot.text_title = cluster.empty() ? "AUC (95 % CI)" : "AUC (95 % CI by " + cluster + ")";
  plot.groups.push_back(std::move(group));
  plot.references.push_back({0.5, "chance"});
  if (ideal.auc) plot.references.push_back({*ideal.auc, "ideal observer of the tags"});
  return figure(interval_plot(plot), bars_words(cluster));
}

Html auc_table(const Results& results, const std::string& cluster) {
  Table t;
  t.caption = "AUC of every arm";
  t.columns = {{"Model", false}, {"AUC", true}, {"95 % CI, DeLong", true}};
  if (!cluster.empty()) t.columns.push_back({"95 % CI, by " + cluster, true});
  t.columns.push_back({"Average precision", true});
  t.columns.push_back({"Brier score", true});
  for (const auto& unit : results.units) {
    RowGroup group{unit_counts(unit, cluster), {}};
    for (const auto& m : unit.headline()) {
      std::vector<Html> row{cell(spoken(m.name)), cell(m.auc ? format_value(m.auc) : not_estimable(m.reason)),
                            interval_cell(m.delong.ci, m.delong.reason)};
      if (!cluster.empty()) {
        row.push_back(m.clustered ? interval_cell(m.clustered->ci, m.clustered->reason) : cell("\u2013"));
      }
      row.push_back(cell(m.average_precision ? format_value(m.average_precision) : "\u2013"));
      row.push_back(cell(m.brier ? format_value(m.brier) : "\u2013"));
      group.rows.push_back(std::move(row));
    }
    t.groups.push_back(std::move(group));
  }
  return table(t);
}

Html differences(const Results& results, const std::string& cluster) {
  std::vector<ComparisonGroup> groups;
  for (const auto& unit : results.units) {
    const auto models = unit.headline();
    const auto shown = [&](const std::string& name) {
      return std::any_of(models.begin(), models.end(), [&](const auto& m) { return m.name == name; });
    };
    ComparisonGroup group{unit_words(unit.unit, unit.subset), {}};
    for (const auto& c : unit.comparisons) {
      if (shown(c.a) && shown(c.b)) group.lines.emplace_back("", c);
    }
    if (!group.lines.empty()) groups.push_back(std::move(group));
  }
  if (groups.empty()) return {};
  Html out = comparison_table("Differences between arms, paired", groups, cluster);
  for (const auto& unit : results.units) {
    if (unit.unit != "image" || unit.subset != "all" || !unit.global || !unit.global->p) continue;
    out += note("All arms equal, one test for all at image level: chi\u00b2 = " +
                format_value(unit.global->chi2, 2) + " with " + std::to_string(unit.global->df) +
                " degrees of freedom, " + format_p_phrase(unit.global->p) + ".");
  }
  return out;
}

Html verify_part(const Verdict& verdict) {
  Table t;
  t.caption = "Held against targets";
  t.columns = {{"Target", false}, {"Expected", true}, {"Found", true}, {"", false}, {"Remark", false}};
  for (const auto& row : verdict.rows) {
    const std::string state = state_text(row);
    t.rows.push_back({cell(row.name), cell(row.criterion.empty() ? "\u2013" : row.criterion),
                      cell(found_text(row)), badge(state, state == "FAIL" ? "fail" : state),
                      cell(row.reason)});
  }
  Html out = table(t);
  std::string words = std::to_string(verdict.passed()) + " of " + std::to_string(verdict.judged()) +
                      " judged targets met; targets marked \u201cshown\u201d are not judged.";
  if (verdict.source.contains("citation"))
    words += " Source: " + verdict.source["citation"].get<std::string>() + ".";
  out += note(words);
  if (!verdict.note.empty()) out += note(verdict.note);
  return out;
}

// The part of the uncertainty that comes from training: shown over seeds, or said to be missing.
Html seeds_part(const UnitResult& unit, const std::string& cluster) {
  if (unit.seeds.empty()) {
    return note(
        "One training run per arm: the part of the uncertainty that comes from training is not estimable, "
        "and the "
        "intervals do not hold it.");
  }
  Table t;
  t.caption = "Over the seeds of training, image level";
  t.columns = {{"", false},
               {"Seeds", true},
               {"Mean", true},
               {"SD", true},
               {"Least to most", true},
               {"95 % CI of the mean, seeds and " + (cluster.empty() ? "images" : plural(cluster)), true}};
  for (const auto& s : unit.seeds) {
    const auto format = [&](const std::optional<double>& v) {
      return s.is_difference ? format_signed(v) : format_value(v);
    };
    const auto two_way = [](const SeedSpread& of) {
      if (!of.two_way) return cell(of.reason.empty() ? "\u2013" : not_estimable(of.reason));
      return cell(of.is_difference ? format_signed_interval(*of.two_way) : format_interval(*of.two_way));
    };
    const auto [low, high] = std::minmax_element(s.values.begin(), s.values.end());
    t.rows.push_back({cell((s.is_difference ? "" : "AUC, ") + spoken(s.what)),
                      cell(format_count(static_cast<std::int64_t>(s.values.size()))), cell(format(s.mean)),
                      cell(s.sd ? format_value(s.sd) : not_estimable(s.reason)),
                      cell(s.values.empty() ? "\u2013" : format(*low) + " to " + format(*high)), two_way(s)});
  }
  return table(t) + note(
                        "Models of several seeds count above as one: the mean of their probabilities. The "
                        "intervals above "
                        "do not hold the spread between seeds; the last column does: seeds and " +
                        (cluster.empty() ? std::string("images") : plural(cluster)) +
                        " are both drawn anew (percentile bootstrap). With few seeds it is too narrow.");
}

}  // namespace

Section verdict_section(const VerdictFacts& facts) {
  const Results& results = facts.results;
  const UnitResult* unit = main_unit(results);
  if (unit == nullptr)
    return empty_section("verdict", kTitle, "No results: evaluate found no unit to report.");
  const auto models = unit->headline();
  const std::string cluster = results.cluster_word();
  const Ideal ideal{facts.ideal_auc, facts.ideal_auc_on_images};
  Html body;
  for (const auto& sentence : lead_sentences(models, *unit, ideal, cluster)) body += lead(sentence);
  std::vector<Card> all;
  for (std::size_t i = 0; i < models.size() && i < 5; ++i) all.push_back(model_card(models[i], i, cluster));
  if (const auto c = unit->compare("covered", "original")) all.push_back(difference_card(*c, cluster));
  body += cards(all);
  if (results.optimistic) {
    body += limits(
        "These values are optimistic: they were taken on images that had a say in choosing the models.");
  }
  body += auc_plot(models, *unit, ideal, cluster);
  body += limits(
      "What this does not show: which mark carried the information, whether a model used it in a given "
      "image, or how the arms would compare at another hospital. An interval that holds 0 is no evidence "
      "that two arms are equal." +
      std::string(facts.synthetic ? " The images are synthetic: the values say whether the method works, "
                                    "and nothing about patients."
                                  : ""));
  body += auc_table(results, cluster);
  body += differences(results, cluster);
  if (facts.verdict) body += verify_part(*facts.verdict);
  body += seeds_part(*unit, cluster);
  return {"verdict", kTitle, body};
}

}  // namespace tagconf::report
