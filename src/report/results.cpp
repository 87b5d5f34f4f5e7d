#include "tagconf/report/results.hpp"

#include <algorithm>

#include "tagconf/base/files.hpp"
#include "tagconf/base/json_place.hpp"

namespace tagconf::report {
namespace {

std::optional<Interval> interval(const JsonPlace& place, const char* key) {
  if (!place.given(key)) return std::nullopt;
  const JsonPlace ci = place.at(key);
  if (!ci.value().is_array() || ci.value().size() != 2) ci.fail_expected("a list of two numbers");
  if (ci.value()[0].is_null() || ci.value()[1].is_null()) return std::nullopt;
  Interval out;
  std::size_t i = 0;
  ci.each([&](const JsonPlace& end) { (i++ == 0 ? out.low : out.high) = end.number(); });
  return out;
}

// `not_estimable` is a reason, or an object from what is missing ("delong.ci", "delong") to its reason.
std::string reason_for(const JsonPlace& place, const std::string& what) {
  if (!place.given("not_estimable")) return "";
  const Json& reasons = place.value()["not_estimable"];
  if (reasons.is_string()) return reasons.get<std::string>();
  if (!reasons.is_object()) return "";
  for (const auto& [key, reason] : reasons.items()) {
    const bool same = key == what || key.rfind(what + ".", 0) == 0;
    if (same && reason.is_string()) return reason.get<std::string>();
  }
  return "";
}

std::string block_reason(const JsonPlace& parent, const char* block) {
  const std::string own = parent.given(block) ? reason_for(parent.at(block), "ci") : "";
  return own.empty() ? reason_for(parent, block) : own;
}

Uncertainty read_uncertainty(const JsonPlace& parent, const char* block) {
  Uncertainty out;
  out.reason = block_reason(parent, block);
  if (!parent.given(block)) return out;
  const JsonPlace place = parent.at(block).object();
  out.se = place.number_or_none("se");
  // Wald's interval can leave 0 to 1; the clipped one is what people read.
  out.ci = interval(place, place.given("ci_clipped") ? "ci_clipped" : "ci");
  out.ci_logit = interval(place, "ci_logit");
  return out;
}

Test read_test(const JsonPlace& parent, const char* block) {
  Test out;
  out.reason = block_reason(parent, block);
  if (!parent.given(block)) return out;
  const JsonPlace place = parent.at(block).object();
  out.se = place.number_or_none("se");
  out.z = place.number_or_none("z");
  out.p = place.number_or_none("p");
  out.ci = interval(place, "ci");
  return out;
}

OperatingPoint read_operating_point(const JsonPlace& place) {
  OperatingPoint out;
  out.rule = place.text_or_empty("rule");
  out.score = place.text_or_empty("score");
  out.chosen_on = place.text_or_empty("chosen_on");
  out.optimistic = place.given("optimistic") && place.at("optimistic").boolean();
  out.threshold = place.number_or_none("threshold");
  out.sensitivity = place.number_or_none("sensitivity");
  out.specificity = place.number_or_none("specificity");
  out.sensitivity_ci = interval(place, "sensitivity_ci");
  out.specificity_ci = interval(place, "specificity_ci");
  out.reason = reason_for(place, "threshold");
  return out;
}

ModelResult read_model(const JsonPlace& place) {
  ModelResult m;
  m.name = place.require("name").text();
  m.train_arm = place.text_or_empty("train_arm");
  m.test_arm = place.text_or_empty("test_arm");
  m.seed = place.integer_or_none("seed");
  m.n = place.integer_or_none("n").value_or(0);
  m.n_pos = place.integer_or_none("n_pos").value_or(0);
  m.clusters = place.integer_or_none("clusters");
  m.auc = place.number_or_none("auc");
  if (!m.auc) m.reason = reason_for(place, "auc");
  m.delong = read_uncertainty(place, "delong");
  if (place.given("clustered")) m.clustered = read_uncertainty(place, "clustered");
  if (place.given("bootstrap")) {
    m.bootstrap = interval(place.at("bootstrap"), "ci");
    m.bootstrap_replicates = place.at("bootstrap").integer_or_none("replicates").value_or(0);
  }
  m.average_precision = place.number_or_none("average_precision");
  m.brier = place.number_or_none("brier");
  m.ece = place.number_or_none("ece");
  if (place.given("operating_points")) {
    place.at("operating_points").each([&](const JsonPlace& p) {
      m.operating_points.push_back(read_operating_point(p.object()));
    });
  }
  return m;
}

Comparison read_comparison(const JsonPlace& place) {
  Comparison c;
  c.a = place.require("a").text();
  c.b = place.require("b").text();
  c.family = place.text_or_empty("family");
  c.difference = place.number_or_none("difference");
  if (!c.difference) c.reason = reason_for(place, "difference");
  c.delong = read_test(place, "delong");
  if (place.given("clustered")) c.clustered = read_test(place, "clustered");
  c.p_holm = place.number_or_none("p_holm");
  c.p_holm_clustered = place.number_or_none("p_holm_clustered");
  return c;
}

void read_models(const JsonPlace& place, std::vector<ModelResult>& models,
                 std::vector<Comparison>& comparisons) {
  if (place.given("models")) {
    place.at("models").each([&](const JsonPlace& m) { models.push_back(read_model(m.object())); });
  }
  if (place.given("comparisons")) {
    place.at("comparisons").each([&](const JsonPlace& c) {
      comparisons.push_back(read_comparison(c.object()));
    });
  }
}

// Entries name a model, or the two of a difference.
bool names_difference(const JsonPlace& place) {
  return place.given("a");
}
std::string name_words(const JsonPlace& place) {
  if (!names_difference(place)) return place.require("model").text();
  return place.at("a").text() + " minus " + place.require("b").text();
}

PartsTest read_parts_test(const JsonPlace& place) {
  PartsTest out;
  out.chi2 = place.number_or_none("chi2");
  out.df = place.integer_or_none("df").value_or(0);
  out.p = place.number_or_none("p");
  out.reason = reason_for(place, "heterogeneity");
  if (!place.given("left_out")) return out;
  place.at("left_out").each([&](const JsonPlace& part) {
    out.left_out.push_back(part.require("part").text() + " (" + spoken(part.text_or_empty("reason")) + ")");
  });
  return out;
}

Heterogeneity read_heterogeneity(const JsonPlace& place) {
  Heterogeneity out;
  out.is_difference = names_difference(place);
  out.what = name_words(place);
  out.delong = read_parts_test(place);
  if (place.given("clustered")) out.clustered = read_parts_test(place.at("clustered").object());
  return out;
}

SeedSpread read_spread(const JsonPlace& place) {
  SeedSpread out;
  out.is_difference = names_difference(place);
  out.what = name_words(place);
  const char* quantity = out.is_difference ? "difference" : "auc";
  place.require("values").each([&](const JsonPlace& v) {
    if (const auto number = v.object().number_or_none(quantity)) out.values.push_back(*number);
  });
  out.mean = place.number_or_none("mean");
  out.sd = place.number_or_none("sd");
  out.reason = reason_for(place, "spread");
  if (place.given("two_way")) out.two_way = interval(place.at("two_way").object(), "ci");
  return out;
}

UnitResult read_unit(const JsonPlace& place) {
  UnitResult unit;
  unit.unit = place.require("unit").text();
  unit.subset = place.given("subset") ? place.at("subset").text() : "all";
  read_models(place, unit.models, unit.comparisons);
  if (place.given("global")) {
    const JsonPlace g = place.at("global").object();
    unit.global = GlobalResult{g.number_or_none("chi2"), g.integer_or_none("df").value_or(0),
                               g.number_or_none("p"), reason_for(g, "global")};
  }
  if (place.given("by_body_part")) {
    place.at("by_body_part").each([&](const JsonPlace& p) {
      PartResult part;
      part.body_part = p.require("body_part").text();
      read_models(p, part.models, part.comparisons);
      unit.by_body_part.push_back(std::move(part));
    });
  }
  if (place.given("heterogeneity")) {
    place.at("heterogeneity").each([&](const JsonPlace& h) {
      unit.heterogeneity.push_back(read_heterogeneity(h.object()));
    });
  }
  unit.tagged = place.integer_or_none("n_tagged");
  unit.untagged = place.integer_or_none("n_untagged");
  if (place.given("seeds")) {
    place.at("seeds").each([&](const JsonPlace& s) { unit.seeds.push_back(read_spread(s.object())); });
  }
  return unit;
}

std::optional<Interval> negated(const std::optional<Interval>& ci) {
  return ci ? std::optional(Interval{-ci->high, -ci->low}) : std::nullopt;
}

std::optional<double> negated(const std::optional<double>& v) {
  return v ? std::optional(-*v) : std::nullopt;
}

Test turned(Test test) {
  test.z = negated(test.z);
  test.ci = negated(test.ci);
  return test;
}

}  // namespace

bool ModelResult::crossed() const {
  return !train_arm.empty() && !test_arm.empty() && train_arm != test_arm;
}

const ModelResult* UnitResult::find(std::string_view model) const {
  const auto it = std::find_if(models.begin(), models.end(), [&](const auto& m) { return m.name == model; });
  return it == models.end() ? nullptr : &*it;
}

std::optional<Comparison> UnitResult::compare(std::string_view a, std::string_view b) const {
  for (const auto& c : comparisons) {
    if (c.a == a && c.b == b) return c;
    if (c.a != b || c.b != a) continue;
    Comparison out = c;
    std::swap(out.a, out.b);
    out.difference = negated(c.difference);
    out.delong = turned(c.delong);
    if (c.clustered) out.clustered = turned(*c.clustered);
    return out;
  }
  return std::nullopt;
}

std::vector<ModelResult> UnitResult::headline() const {
  std::vector<ModelResult> out;
  const auto has_ensemble = [&](const ModelResult& m) {
    return std::any_of(models.begin(), models.end(), [&](const auto& other) {
      return !other.seed && !m.train_arm.empty() && other.train_arm == m.train_arm &&
             other.test_arm == m.test_arm;
    });
  };
  for (const auto& m : models) {
    if (!m.crossed() && (!m.seed || !has_ensemble(m))) out.push_back(m);
  }
  return out;
}

const UnitResult* Results::find(std::string_view unit, std::string_view subset) const {
  const auto it = std::find_if(units.begin(), units.end(),
                               [&](const auto& u) { return u.unit == unit && u.subset == subset; });
  return it == units.end() ? nullptr : &*it;
}

std::string Results::cluster_word() const {
  const std::string suffix = "_id";
  const bool has = cluster.size() > suffix.size() && cluster.compare(cluster.size() - 3, 3, suffix) == 0;
  return has ? cluster.substr(0, cluster.size() - 3) : cluster;
}

Results parse_results(const Json& json, const std::string& source) {
  const JsonPlace root(json, source, ErrorCode::input);
  const std::string schema = root.require("schema").text();
  if (schema != "tagconf.evaluate/1") {
    root.at("schema").fail("expected \"tagconf.evaluate/1\" (results.json of tagconf evaluate), found \"" +
                           schema + "\"");
  }
  Results out;
  out.split = root.text_or_empty("split");
  out.cluster = root.text_or_empty("cluster");
  out.aggregation = root.text_or_empty("aggregation");
  out.by = root.text_or_empty("by");
  out.optimistic = root.given("optimistic") && root.at("optimistic").boolean();
  root.require("units").each([&](const JsonPlace& u) { out.units.push_back(read_unit(u.object())); });
  return out;
}

Results read_results(const std::filesystem::path& path) {
  const std::string source = path.filename().string();
  return parse_results(parse_json(read_text(path), source), source);
}

}  // namespace tagconf::report
