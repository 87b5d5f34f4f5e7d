#include "tagconf/report/consistency.hpp"

#include <algorithm>
#include <cmath>

#include "tagconf/base/number.hpp"
#include "tagconf/stats/power.hpp"

namespace tagconf::report {
namespace {

constexpr int kShareSteps = 90;  // of 0.01
constexpr double kLeastP = 1e-12;

// Half a unit of the last decimal that the number is written with: 0.844 stands for 0.8435 to 0.8445, 5e-05
// for 4.5e-05 to 5.5e-05. A number read from a file no longer has its closing zeros: 0.850 stands for what
// 0.85 does.
double half_unit(double value) {
  const std::string text = format_number(value);
  const auto e = text.find('e');
  const double exponent = e == std::string::npos ? 0 : std::stod(text.substr(e + 1));
  const std::string digits = text.substr(0, e);
  const auto dot = digits.find('.');
  if (dot == std::string::npos && e == std::string::npos) return 0.0;
  const auto decimals = dot == std::string::npos ? 0 : digits.size() - dot - 1;
  return 0.5 * std::pow(10.0, exponent - static_cast<double>(decimals));
}

// The values a printed number may stand for.
std::vector<double> candidates(double value, double low, double high) {
  const double half = half_unit(value);
  return {value, std::max(low, value - half), std::min(high, value + half)};
}

struct Spread {
  std::optional<Interval> range;
  void add(const std::optional<stats::ImpliedCorrelation>& implied) {
    if (!implied) return;
    const double r = implied->correlation;
    range = range ? Interval{std::min(range->low, r), std::max(range->high, r)} : Interval{r, r};
  }
};

// The implied correlation falls with the distance of the AUCs, so its ends lie at the corners of the
// rounding, or where both AUCs may be one.
Spread over_rounding(const ConsistencyCheck& check, double positives, double negatives) {
  const auto as = candidates(check.auc_a, 0.0, 1.0);
  const auto bs = candidates(check.auc_b, 0.0, 1.0);
  Spread spread;
  const bool may_be_equal = std::max(as[1], bs[1]) <= std::min(as[2], bs[2]);
  for (const double p : candidates(check.p, kLeastP, 1.0 - kLeastP)) {
    for (const double a : as) {
      for (const double b : bs) spread.add(stats::implied_correlation(a, b, positives, negatives, p));
    }
    if (may_be_equal) {
      const double both = 0.5 * (check.auc_a + check.auc_b);
      spread.add(stats::implied_correlation(both, both, positives, negatives, p));
    }
  }
  return spread;
}

bool fits(const Interval& range) {
  return range.low <= 1.0 && range.high >= -1.0;
}

// Fills in what the counts imply; false where nothing can be said.
bool complete(ConsistencyCheck& check) {
  if (check.n_pos) {
    const auto positives = static_cast<double>(*check.n_pos);
    const double negatives = static_cast<double>(check.n) - positives;
    const auto printed = stats::implied_correlation(check.auc_a, check.auc_b, positives, negatives, check.p);
    const Spread spread = over_rounding(check, positives, negatives);
    if (!printed || !spread.range) return false;
    check.correlation = printed->correlation;
    check.range = *spread.range;
    return true;
  }
  Spread whole;
  bool before = false;
  for (int step = 0; step <= kShareSteps; ++step) {
    const double share = kLeastShare + (kMostShare - kLeastShare) * step / kShareSteps;
    const double positives = share * static_cast<double>(check.n);
    const Spread here = over_rounding(check, positives, static_cast<double>(check.n) - positives);
    if (!here.range) continue;
    whole.range = whole.range ? Interval{std::min(whole.range->low, here.range->low),
                                         std::max(whole.range->high, here.range->high)}
                              : here.range;
    const bool now = fits(*here.range);
    if (now && !before) check.shares.push_back({share, share});
    if (now) check.shares.back().high = share;
    before = now;
  }
  if (!whole.range) return false;
  check.range = *whole.range;
  return true;
}

bool is_p(Metric metric) {
  return metric == Metric::p_delong || metric == Metric::p_clustered;
}

// The published number of a metric in the same unit and subset; `model` empty: any model's.
std::optional<double> published(const Targets& targets, const Target& like, Metric metric,
                                const std::string& model) {
  for (const Target& t : targets.targets) {
    if (t.metric != metric || t.unit != like.unit || t.subset != like.subset || t.comparison) continue;
    if (!model.empty() && t.model != model) continue;
    if (t.value && t.value->number) return t.value->number;
  }
  return std::nullopt;
}

std::optional<std::int64_t> published_count(const Targets& targets, const Target& like, Metric metric) {
  const auto number = published(targets, like, metric, "");
  return number ? std::optional(static_cast<std::int64_t>(std::llround(*number))) : std::nullopt;
}

Json interval_json(const Interval& interval) {
  return {finite_or_null(interval.low), finite_or_null(interval.high)};
}

std::string counts_text(const ConsistencyCheck& check) {
  const std::string n = "n " + format_count(check.n);
  if (check.counts_of_results)
    return n + " with " + format_count(*check.n_pos) + " positives, as in these results";
  if (check.n_pos) return n + " with " + format_count(*check.n_pos) + " positives, as in the targets";
  return n + " as in the targets, which do not hold n_pos (share of positives " +
         format_percent(kLeastShare, 0) + " to " + format_percent(kMostShare, 0) + " tried)";
}

std::string finding_text(const ConsistencyCheck& check) {
  std::string out = "correlation ";
  if (check.correlation) out += format_signed(*check.correlation, 2) + ", by rounding ";
  out += format_signed_interval(check.range, 2);
  if (!check.possible()) return out + ": none from \u22121 to 1 fits";
  if (check.n_pos || (check.shares.size() == 1 && check.shares[0].low <= kLeastShare &&
                      check.shares[0].high >= kMostShare - 1e-9))
    return out;
  std::vector<std::string> ranges;
  for (const Interval& s : check.shares)
    ranges.push_back(format_percent(s.low, 0) + " to " + format_percent(s.high, 0));
  return out + "; one from \u22121 to 1 fits at shares of " + join_words(ranges) + " only";
}

}  // namespace

std::vector<ConsistencyCheck> check_consistency(const Targets& targets, const Results& results) {
  std::vector<ConsistencyCheck> out;
  const auto add = [&](ConsistencyCheck check) {
    const bool known = std::any_of(out.begin(), out.end(), [&](const ConsistencyCheck& c) {
      return c.a == check.a && c.b == check.b && c.p == check.p && c.n == check.n && c.n_pos == check.n_pos;
    });
    if (!known && complete(check)) out.push_back(check);
  };
  for (const Target& t : targets.targets) {
    if (!is_p(t.metric) || !t.comparison || !t.value || !t.value->number) continue;
    const auto auc_a = published(targets, t, Metric::auc, t.comparison->first);
    const auto auc_b = published(targets, t, Metric::auc, t.comparison->second);
    if (!auc_a || !auc_b) continue;
    ConsistencyCheck check;
    check.a = t.comparison->first;
    check.b = t.comparison->second;
    check.auc_a = *auc_a;
    check.auc_b = *auc_b;
    check.p = *t.value->number;
    if (const auto n = published_count(targets, t, Metric::n)) {
      ConsistencyCheck own = check;
      own.n = *n;
      own.n_pos = published_count(targets, t, Metric::n_pos);
      add(own);
    }
    const UnitResult* unit = results.find(t.unit, t.subset);
    if (unit == nullptr || unit->models.empty()) continue;
    check.n = unit->models.front().n;
    check.n_pos = unit->models.front().n_pos;
    check.counts_of_results = true;
    add(check);
  }
  return out;
}

Json to_json(const std::vector<ConsistencyCheck>& checks) {
  Json out = Json::array();
  for (const auto& c : checks) {
    Json shares = Json::array();
    for (const Interval& s : c.shares) shares.push_back(interval_json(s));
    out.push_back({{"a", c.a},
                   {"b", c.b},
                   {"auc_a", c.auc_a},
                   {"auc_b", c.auc_b},
                   {"p", c.p},
                   {"n", c.n},
                   {"n_pos", c.n_pos ? Json(*c.n_pos) : Json(nullptr)},
                   {"counts_of", c.counts_of_results ? "results" : "targets"},
                   {"correlation", c.correlation ? finite_or_null(*c.correlation) : Json(nullptr)},
                   {"range", interval_json(c.range)},
                   {"shares_tried", c.n_pos ? Json(nullptr) : Json{kLeastShare, kMostShare}},
                   {"shares_possible", c.n_pos ? Json(nullptr) : shares},
                   {"possible", c.possible()}});
  }
  return out;
}

std::string consistency_text(const std::vector<ConsistencyCheck>& checks) {
  if (checks.empty()) return "";
  std::string out =
      "\nWhich correlation between two models' AUCs the targets' p implies (Hanley-McNeil standard errors, "
      "rows "
      "independent; shown, never judged):\n";
  std::string before;
  for (const auto& c : checks) {
    const std::string pair = "  " + c.a + " minus " + c.b + ", AUC " + format_number(c.auc_a) + " and " +
                             format_number(c.auc_b) + ", p " + format_number(c.p) + "\n";
    if (pair != before) out += pair;
    before = pair;
    out += "    " + counts_text(c) + ": " + finding_text(c) + "\n";
  }
  return out;
}

}  // namespace tagconf::report
