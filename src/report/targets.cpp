#include "tagconf/report/targets.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

#include "tagconf/base/files.hpp"
#include "tagconf/base/json_place.hpp"

namespace tagconf::report {
namespace {

void only_keys(const JsonPlace& place, std::initializer_list<std::string_view> accepted) {
  for (const auto& entry : place.object().value().items()) {
    if (std::find(accepted.begin(), accepted.end(), entry.key()) != accepted.end()) continue;
    std::string list;
    for (const auto key : accepted) list += (list.empty() ? "" : ", ") + std::string(key);
    place.at(entry.key()).fail("unknown key '" + entry.key() + "' (accepted: " + list + ")");
  }
}

template <class E>
E choice(const JsonPlace& place) {
  const auto value = place.value().is_string() ? value_of<E>(place.text()) : std::nullopt;
  if (!value) place.fail_expected("one of " + all_names<E>());
  return *value;
}

std::string one_of(const JsonPlace& place, std::initializer_list<std::string_view> accepted) {
  const std::string text = place.text();
  if (std::find(accepted.begin(), accepted.end(), text) == accepted.end()) {
    std::string list;
    for (const auto word : accepted) list += (list.empty() ? "" : ", ") + std::string(word);
    place.fail_expected("one of " + list);
  }
  return text;
}

std::string filled_text(const JsonPlace& place) {
  const std::string text = place.text();
  if (text.empty()) place.fail("the text is empty");
  return text;
}

Expected expected(const JsonPlace& place) {
  if (!place.value().is_object()) return {place.number(), ""};
  only_keys(place, {"truth"});
  const JsonPlace pointer = place.require("truth");
  const std::string text = pointer.text();
  if (text.empty() || text.front() != '/')
    pointer.fail_expected("a JSON pointer such as \"/valid/ideal_auc\"");
  try {
    (void)Json::json_pointer(text);
  } catch (const Json::exception&) {
    pointer.fail_expected("a JSON pointer such as \"/valid/ideal_auc\"");
  }
  return {std::nullopt, text};
}

bool needs_comparison(Metric m) {
  return m == Metric::difference || m == Metric::p_delong || m == Metric::p_clustered ||
         m == Metric::p_holm || m == Metric::p_holm_clustered;
}
bool needs_model(Metric m) {
  return m == Metric::auc || m == Metric::average_precision || m == Metric::brier || m == Metric::ece;
}
bool is_count(Metric m) {
  return m == Metric::n || m == Metric::n_pos || m == Metric::clusters;
}
// Metrics that are fractions by nature: a target outside 0 to 1 is a slip of the pen.
bool is_fraction(const Target& t) {
  return !is_count(t.metric) && t.metric != Metric::difference && !t.comparison;
}
bool is_probability(Metric m) {
  return needs_comparison(m) && m != Metric::difference;
}

void check_number(const JsonPlace& place, const Target& target, double value) {
  if ((is_fraction(target) || is_probability(target.metric)) && (value < 0 || value > 1)) {
    place.fail_expected("a number from 0 to 1");
  }
  if (target.comparison && (value < -1 || value > 1)) place.fail_expected("a number from -1 to 1");
  if (is_count(target.metric) && value < 0) place.fail_expected("a count");
}

void read_subject(const JsonPlace& place, Target& target) {
  if (place.has("model") && place.has("comparison")) place.fail("give 'model' or 'comparison', not both");
  if (place.has("model")) target.model = filled_text(place.at("model"));
  if (place.has("comparison")) {
    const JsonPlace pair = place.at("comparison");
    if (!pair.value().is_array() || pair.value().size() != 2) pair.fail_expected("a list of two model names");
    std::vector<std::string> names;
    pair.each([&](const JsonPlace& name) { names.push_back(filled_text(name)); });
    if (names[0] == names[1]) pair.fail("a model compared with itself");
    target.comparison = {names[0], names[1]};
  }
  const std::string metric(name_of(target.metric));
  if (needs_comparison(target.metric) && !target.comparison)
    place.fail("metric '" + metric + "' needs 'comparison'");
  if (needs_model(target.metric) && target.model.empty()) place.fail("metric '" + metric + "' needs 'model'");
  if (is_count(target.metric) && target.comparison) place.fail("metric '" + metric + "' belongs to a model");
  if ((target.metric == Metric::ci_low || target.metric == Metric::ci_high) && target.model.empty() &&
      !target.comparison) {
    place.fail("metric '" + metric + "' needs 'model' or 'comparison'");
  }
}

void read_criteria(const JsonPlace& place, Target& target) {
  const auto limit = [&](const char* key) -> std::optional<double> {
    if (!place.has(key)) return std::nullopt;
    const double value = place.at(key).number();
    check_number(place.at(key), target, value);
    return value;
  };
  if (place.has("value")) {
    target.value = expected(place.at("value"));
    if (target.value->number) check_number(place.at("value"), target, *target.value->number);
  }
  if (place.has("tolerance")) {
    target.tolerance = place.at("tolerance").number();
    if (*target.tolerance < 0) place.at("tolerance").fail_expected("a number of at least 0");
    if (!target.value) place.at("tolerance").fail("'tolerance' needs 'value'");
  }
  target.min = limit("min");
  target.max = limit("max");
  if (target.min && target.max && *target.min > *target.max) place.fail("'min' is larger than 'max'");
  if (place.has("direction")) {
    target.direction = choice<Direction>(place.at("direction"));
    if (target.metric != Metric::difference)
      place.at("direction").fail("'direction' belongs to metric 'difference'");
  }
  if (place.has("interval_contains")) {
    const JsonPlace inside = place.at("interval_contains");
    if (target.metric != Metric::auc && target.metric != Metric::difference) {
      inside.fail("'interval_contains' belongs to metric 'auc' or 'difference'");
    }
    target.interval_contains = expected(inside);
    if (target.interval_contains->number) check_number(inside, target, *target.interval_contains->number);
  }
  if (place.has("interval")) target.interval = choice<IntervalKind>(place.at("interval"));
  if (target.interval == IntervalKind::bootstrap && target.comparison) {
    place.at("interval").fail("there is no bootstrap interval of a difference: delong or clustered");
  }
}

void check_judged(const JsonPlace& place, const Target& target) {
  if (!target.judged) return;
  const bool other = target.min || target.max || target.direction || target.interval_contains;
  if (target.value && !target.tolerance && !other) {
    place.fail("a judged 'value' needs a 'tolerance' (or \"judged\": false to show it only)");
  }
  if (!target.value && !other) {
    place.fail(
        "nothing to judge by: give 'value' with 'tolerance', 'min', 'max', 'direction' or "
        "'interval_contains'");
  }
}

Target read_target(const JsonPlace& place, const std::string& unit, const std::string& subset) {
  only_keys(place, {"name", "model", "comparison", "metric", "unit", "subset", "interval", "value",
                    "tolerance", "min", "max", "direction", "interval_contains", "judged"});
  Target target;
  target.name = filled_text(place.require("name"));
  target.metric = choice<Metric>(place.require("metric"));
  target.unit = place.has("unit") ? one_of(place.at("unit"), {"image", "study"}) : unit;
  target.subset = place.has("subset") ? filled_text(place.at("subset")) : subset;
  if (place.has("judged")) target.judged = place.at("judged").boolean();
  read_subject(place, target);
  read_criteria(place, target);
  check_judged(place, target);
  return target;
}

}  // namespace

Targets parse_targets(const Json& json, const std::string& source) {
  const JsonPlace root(json, source, ErrorCode::config);
  only_keys(root, {"schema", "source", "note", "unit", "subset", "targets"});
  if (root.require("schema").text() != "tagconf.targets/1") {
    root.at("schema").fail_expected("\"tagconf.targets/1\"");
  }
  Targets out;
  if (root.has("source")) {
    for (const auto& entry : root.at("source").object().value().items()) {
      (void)root.at("source").at(entry.key()).text();
    }
    out.source = root.at("source").value();
  }
  if (root.has("note")) out.note = root.at("note").text();
  const std::string unit = root.has("unit") ? one_of(root.at("unit"), {"image", "study"}) : "image";
  const std::string subset = root.has("subset") ? filled_text(root.at("subset")) : "all";
  std::set<std::string> names;
  root.require("targets").each([&](const JsonPlace& place) {
    out.targets.push_back(read_target(place, unit, subset));
    if (!names.insert(out.targets.back().name).second) {
      place.at("name").fail("a second target named '" + out.targets.back().name + "'");
    }
  });
  if (out.targets.empty()) root.at("targets").fail("the list is empty");
  return out;
}

Targets read_targets(const std::filesystem::path& path) {
  const std::string source = path.filename().string();
  return parse_targets(parse_json(read_text(path), source, true), source);
}

}  // namespace tagconf::report
