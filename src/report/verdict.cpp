#include "tagconf/report/verdict.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "tagconf/base/error.hpp"
#include "tagconf/base/json_place.hpp"

namespace tagconf::report {
namespace {

// Decimal values that are exactly a tolerance apart differ by a rounding error of binary numbers.
constexpr double kSlack = 1e-12;

struct Found {
  std::optional<double> value;
  std::optional<Interval> interval;
  std::string reason;
};

std::optional<double> as_double(const std::optional<std::int64_t>& v) {
  return v ? std::optional(static_cast<double>(*v)) : std::nullopt;
}

Found from_interval(const std::optional<Interval>& ci, Metric metric, const std::string& reason) {
  if (!ci) return {std::nullopt, std::nullopt, reason.empty() ? "the interval is not estimable" : reason};
  return {metric == Metric::ci_low ? ci->low : ci->high, ci, ""};
}

std::pair<std::optional<Interval>, std::string> interval_of(const ModelResult& m, IntervalKind kind) {
  switch (kind) {
    case IntervalKind::delong:
      return {m.delong.ci, m.delong.reason};
    case IntervalKind::clustered:
      if (!m.clustered) return {std::nullopt, "no cluster column: there is no clustered interval"};
      return {m.clustered->ci, m.clustered->reason};
    case IntervalKind::bootstrap:
      return {m.bootstrap, ""};
  }
  return {std::nullopt, ""};
}

std::pair<std::optional<Interval>, std::string> interval_of(const Comparison& c, IntervalKind kind) {
  if (kind == IntervalKind::delong) return {c.delong.ci, c.delong.reason};
  if (!c.clustered) return {std::nullopt, "no cluster column: there is no clustered interval"};
  return {c.clustered->ci, c.clustered->reason};
}

Found look_up(const ModelResult& m, const Target& target) {
  const auto [ci, ci_reason] = interval_of(m, target.interval);
  switch (target.metric) {
    case Metric::auc:
      return {m.auc, target.interval_contains ? ci : std::nullopt, m.auc ? ci_reason : m.reason};
    case Metric::average_precision:
      return {m.average_precision, std::nullopt, m.reason};
    case Metric::brier:
      return {m.brier, std::nullopt, m.reason};
    case Metric::ece:
      return {m.ece, std::nullopt, m.reason};
    case Metric::n:
      return {static_cast<double>(m.n), std::nullopt, ""};
    case Metric::n_pos:
      return {static_cast<double>(m.n_pos), std::nullopt, ""};
    case Metric::clusters:
      return {as_double(m.clusters), std::nullopt, "no cluster column"};
    case Metric::ci_low:
    case Metric::ci_high:
      return from_interval(ci, target.metric, ci_reason);
    default:
      return {};
  }
}

Found look_up(const Comparison& c, const Target& target) {
  const auto [ci, ci_reason] = interval_of(c, target.interval);
  switch (target.metric) {
    case Metric::difference:
      return {c.difference, target.interval_contains ? ci : std::nullopt,
              c.difference ? ci_reason : c.reason};
    case Metric::p_delong:
      return {c.delong.p, std::nullopt, c.delong.reason};
    case Metric::p_clustered:
      if (!c.clustered) return {std::nullopt, std::nullopt, "no cluster column: there is no clustered test"};
      return {c.clustered->p, std::nullopt, c.clustered->reason};
    case Metric::p_holm:
      return {c.p_holm, std::nullopt, c.delong.reason};
    case Metric::p_holm_clustered:
      return {c.p_holm_clustered, std::nullopt, c.clustered ? c.clustered->reason : "no cluster column"};
    case Metric::ci_low:
    case Metric::ci_high:
      return from_interval(ci, target.metric, ci_reason);
    default:
      return {};
  }
}

std::string names_of(const UnitResult& unit) {
  std::string out;
  for (const auto& m : unit.models) out += (out.empty() ? "" : ", ") + m.name;
  return out.empty() ? "none" : out;
}

Found look_up(const Results& results, const Target& target) {
  const UnitResult* unit = results.find(target.unit, target.subset);
  if (unit == nullptr) {
    return {std::nullopt, std::nullopt,
            "no results for unit '" + target.unit + "', subset '" + target.subset + "'"};
  }
  if (target.comparison) {
    const auto comparison = unit->compare(target.comparison->first, target.comparison->second);
    if (!comparison)
      return {std::nullopt, std::nullopt, "not compared in the results (models: " + names_of(*unit) + ")"};
    return look_up(*comparison, target);
  }
  // A count without a model is that of the first one: all models of a unit stand on the same rows.
  const ModelResult* model = target.model.empty() ? (unit->models.empty() ? nullptr : &unit->models.front())
                                                  : unit->find(target.model);
  if (model == nullptr) {
    return {std::nullopt, std::nullopt, "no such model in the results (models: " + names_of(*unit) + ")"};
  }
  return look_up(*model, target);
}

bool is_p(std::string_view metric) {
  return metric.rfind("p_", 0) == 0;
}
bool is_count(std::string_view metric) {
  return metric == "n" || metric == "n_pos" || metric == "clusters";
}
bool is_difference(const VerdictRow& row) {
  return row.of.find(" minus ") != std::string::npos && !is_p(row.metric);
}

std::string value_text(const VerdictRow& row, double value) {
  if (is_count(row.metric)) return format_count(std::llround(value));
  if (is_p(row.metric)) return format_p(value);
  return is_difference(row) ? format_signed(value) : format_value(value);
}

double resolve(const Expected& expected, const Json& truth, const std::string& truth_source,
               const std::string& target) {
  if (expected.number) return *expected.number;
  if (truth.is_null()) {
    throw Error(
        ErrorCode::input,
        "target '" + target + "' refers to " + expected.truth_pointer + " of truth.json, which was not given",
        "give the phantom's truth folder as the input 'truth'");
  }
  const Json::json_pointer pointer(expected.truth_pointer);
  bool found = false;
  try {
    found = truth.contains(pointer) && truth.at(pointer).is_number();
  } catch (const Json::exception&) {
    found = false;
  }
  if (!found)
    throw_input(truth_source + ": " + expected.truth_pointer + ": expected a number (target '" + target +
                "')");
  return truth.at(pointer).get<double>();
}

// One thing asked of a target; `words` goes into the criterion, `miss` into the reason when it fails.
struct Demand {
  std::string words;
  bool holds = false;
  std::string miss;
};

std::vector<Demand> demands_of(const Target& t, const VerdictRow& row, std::optional<double> contained) {
  std::vector<Demand> out;
  const double found = row.found.value_or(0);
  if (row.expected) {
    std::string words = value_text(row, *row.expected);
    if (t.tolerance) words += " \u00b1 " + format_value(*t.tolerance, 3);
    const double off = found - *row.expected;
    const bool holds = !t.tolerance || std::abs(off) <= *t.tolerance + kSlack;
    out.push_back({words, holds, "off by " + format_signed(off) + ", more than the tolerance"});
  }
  if (t.min)
    out.push_back(
        {"at least " + value_text(row, *t.min), found >= *t.min - kSlack, "below the least allowed"});
  if (t.max)
    out.push_back({"at most " + value_text(row, *t.max), found <= *t.max + kSlack, "above the most allowed"});
  if (t.direction) {
    const bool positive = *t.direction == Direction::positive;
    out.push_back(
        {positive ? "above 0" : "below 0", positive ? found > 0 : found < 0, "the sign is not as expected"});
  }
  if (contained) {
    const bool holds =
        row.interval && row.interval->low - kSlack <= *contained && *contained <= row.interval->high + kSlack;
    out.push_back({"CI holds " + value_text(row, *contained), holds, "the interval does not hold it"});
  }
  return out;
}

VerdictRow judge_one(const Results& results, const Target& t, const Json& truth,
                     const std::string& truth_source) {
  VerdictRow row;
  row.name = t.name;
  row.of = t.comparison ? t.comparison->first + " minus " + t.comparison->second : t.model;
  row.metric = name_of(t.metric);
  row.unit = t.unit;
  row.subset = t.subset;
  row.judged = t.judged;
  row.tolerance = t.tolerance;
  if (t.value) row.expected = resolve(*t.value, truth, truth_source, t.name);
  std::optional<double> contained;
  if (t.interval_contains) contained = resolve(*t.interval_contains, truth, truth_source, t.name);

  const Found found = look_up(results, t);
  row.found = found.value;
  row.interval = found.interval;
  bool holds = row.found.has_value();
  if (!row.found) row.reason = found.reason.empty() ? "not estimable" : spoken(found.reason);
  for (const auto& demand : demands_of(t, row, contained)) {
    row.criterion += (row.criterion.empty() ? "" : ", ") + demand.words;
    if (!row.found || demand.holds) continue;
    holds = false;
    std::string miss = demand.miss;
    if (contained && !row.interval)
      miss = found.reason.empty() ? "the interval is not estimable" : spoken(found.reason);
    if (t.judged) row.reason += (row.reason.empty() ? "" : "; ") + miss;
  }
  if (t.judged) row.pass = holds;
  return row;
}

Json optional_number(const std::optional<double>& v) {
  return v ? finite_or_null(*v) : Json(nullptr);
}

}  // namespace

int Verdict::judged() const {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(), [](const auto& r) { return r.judged; }));
}

int Verdict::passed() const {
  return static_cast<int>(std::count_if(rows.begin(), rows.end(),
                                        [](const auto& r) { return r.judged && r.pass.value_or(false); }));
}

Verdict judge(const Results& results, const Targets& targets, const Json& truth,
              const std::string& truth_source) {
  Verdict verdict{targets.source, targets.note, {}, check_consistency(targets, results)};
  for (const auto& target : targets.targets) {
    verdict.rows.push_back(judge_one(results, target, truth, truth_source));
  }
  return verdict;
}

Json to_json(const Verdict& verdict) {
  Json rows = Json::array();
  for (const auto& r : verdict.rows) {
    rows.push_back(
        {{"name", r.name},
         {"of", r.of},
         {"metric", r.metric},
         {"unit", r.unit},
         {"subset", r.subset},
         {"criterion", r.criterion},
         {"expected", optional_number(r.expected)},
         {"tolerance", optional_number(r.tolerance)},
         {"found", optional_number(r.found)},
         {"interval", r.interval ? Json{finite_or_null(r.interval->low), finite_or_null(r.interval->high)}
                                 : Json(nullptr)},
         {"judged", r.judged},
         {"pass", r.pass ? Json(*r.pass) : Json(nullptr)},
         {"reason", r.reason}});
  }
  return {{"schema", "tagconf.verify/1"},
          {"state", verdict.match() ? "match" : "mismatch"},
          {"judged", verdict.judged()},
          {"passed", verdict.passed()},
          {"source", verdict.source},
          {"note", verdict.note},
          {"rows", rows},
          {"consistency", to_json(verdict.consistency)}};
}

Verdict parse_verdict(const Json& json, const std::string& source) {
  const JsonPlace root(json, source, ErrorCode::input);
  if (root.require("schema").text() != "tagconf.verify/1") {
    root.at("schema").fail_expected("\"tagconf.verify/1\" (verify.json of tagconf verify)");
  }
  Verdict out;
  if (root.given("source")) {
    const JsonPlace texts = root.at("source").object();
    for (const auto& entry : texts.value().items()) (void)texts.at(entry.key()).text();
    out.source = texts.value();
  }
  out.note = root.text_or_empty("note");
  root.require("rows").each([&](const JsonPlace& place) {
    VerdictRow row;
    row.name = place.require("name").text();
    row.of = place.text_or_empty("of");
    row.metric = place.text_or_empty("metric");
    row.unit = place.text_or_empty("unit");
    row.subset = place.text_or_empty("subset");
    row.criterion = place.text_or_empty("criterion");
    row.expected = place.number_or_none("expected");
    row.tolerance = place.number_or_none("tolerance");
    row.found = place.number_or_none("found");
    if (place.given("interval")) {
      std::vector<double> ends;
      place.at("interval").each([&](const JsonPlace& end) { ends.push_back(end.number()); });
      if (ends.size() != 2) place.at("interval").fail_expected("a list of two numbers");
      row.interval = Interval{ends[0], ends[1]};
    }
    row.judged = place.require("judged").boolean();
    if (place.given("pass")) row.pass = place.at("pass").boolean();
    row.reason = place.text_or_empty("reason");
    out.rows.push_back(std::move(row));
  });
  return out;
}

std::string found_text(const VerdictRow& row) {
  if (!row.found) return "\u2013";
  std::string out = value_text(row, *row.found);
  if (row.interval) {
    out += " (" +
           (is_difference(row) ? format_signed_interval(*row.interval) : format_interval(*row.interval)) +
           ")";
  }
  return out;
}

std::string state_text(const VerdictRow& row) {
  if (!row.judged) return "shown";
  return row.pass.value_or(false) ? "pass" : "FAIL";
}

std::string verdict_table(const Verdict& verdict) {
  std::vector<std::array<std::string, 5>> lines{{"", "target", "expected", "found", ""}};
  for (const auto& row : verdict.rows) {
    lines.push_back({state_text(row), row.name, row.criterion.empty() ? "\u2013" : row.criterion,
                     found_text(row), row.reason});
  }
  const auto letters = [](const std::string& s) {
    return static_cast<std::size_t>(std::count_if(
        s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
  };
  std::array<std::size_t, 5> width{};
  for (const auto& line : lines) {
    for (std::size_t k = 0; k < line.size(); ++k) width[k] = std::max(width[k], letters(line[k]));
  }
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t k = 0; k < line.size(); ++k) {
      text += line[k] + std::string(width[k] - letters(line[k]) + 2, ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  out +=
      std::to_string(verdict.passed()) + " of " + std::to_string(verdict.judged()) + " judged targets met\n";
  return out + consistency_text(verdict.consistency);
}

}  // namespace tagconf::report
