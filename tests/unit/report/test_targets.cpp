// Targets are read strictly, and results judged by them exactly as they say.
#include <filesystem>

#include "catch.hpp"
#include "results_fixture.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/report/verdict.hpp"

using namespace tagconf;
using namespace tagconf::report;

namespace {

Json targets_with(const Json& target) {
  return {{"schema", "tagconf.targets/1"}, {"targets", Json::array({target})}};
}

Json auc_target() {
  return {{"name", "t"}, {"model", "original"}, {"metric", "auc"}, {"value", 0.844}, {"tolerance", 0.02}};
}

// The message of the config error that reading must throw.
std::string refusal(const Json& json) {
  try {
    (void)parse_targets(json, "my.json");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
    return error.message();
  }
  return "accepted";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

VerdictRow judged(const Json& results, const Json& target, const Json& truth = nullptr) {
  const Results r = parse_results(results, "results.json");
  return judge(r, parse_targets(targets_with(target), "my.json"), truth, "truth.json").rows.at(0);
}

Json with(Json target, const char* key, const Json& value) {
  target[key] = value;
  return target;
}

}  // namespace

TEST_CASE("a target with a slip is refused with file and pointer") {
  struct Case {
    Json json;
    std::string says;
  };
  Json comparison{{"name", "t"},
                  {"comparison", {"covered", "original"}},
                  {"metric", "difference"},
                  {"direction", "positive"}};
  const std::vector<Case> cases{
      {with(targets_with(auc_target()), "schema", "other"),
       "my.json: /schema: expected \"tagconf.targets/1\""},
      {with(targets_with(auc_target()), "taregts", 1), "/taregts: unknown key 'taregts'"},
      {with(targets_with(auc_target()), "targets", Json::array()), "/targets: the list is empty"},
      {with(targets_with(auc_target()), "targets", 3), "/targets: expected a list, found 3"},
      {with(targets_with(auc_target()), "unit", "patient"), "/unit: expected one of image, study"},
      {with(targets_with(auc_target()), "note", 3), "/note: expected a text"},
      {targets_with(with(auc_target(), "toleranse", 1)), "/targets/0/toleranse: unknown key"},
      {targets_with(with(auc_target(), "tolerance", -0.1)),
       "/targets/0/tolerance: expected a number of at least 0"},
      {targets_with(with(auc_target(), "tolerance", "0.1")), "/targets/0/tolerance: expected a number"},
      {targets_with(with(auc_target(), "value", 84.4)), "/targets/0/value: expected a number from 0 to 1"},
      {targets_with(with(auc_target(), "metric", "accuracy")), "/targets/0/metric: expected one of auc,"},
      {targets_with(with(auc_target(), "judged", 1)), "/targets/0/judged: expected true or false"},
      {targets_with(with(auc_target(), "name", "")), "/targets/0/name: the text is empty"},
      {targets_with(with(auc_target(), "direction", "positive")),
       "/targets/0/direction: 'direction' belongs to"},
      {targets_with(
           with(auc_target(), "min", 0.9).patch(Json::parse(R"([{"op":"add","path":"/max","value":0.1}])"))),
       "/targets/0: 'min' is larger than 'max'"},
      {targets_with(with(auc_target(), "comparison", {"a", "b"})),
       "/targets/0: give 'model' or 'comparison'"},
      {targets_with({{"name", "t"}, {"metric", "auc"}, {"min", 0.5}}),
       "/targets/0: metric 'auc' needs 'model'"},
      {targets_with({{"name", "t"}, {"model", "a"}, {"metric", "difference"}, {"min", 0.0}}),
       "needs 'comparison'"},
      {targets_with({{"name", "t"}, {"model", "a"}, {"metric", "auc"}, {"value", 0.5}}),
       "needs a 'tolerance'"},
      {targets_with({{"name", "t"}, {"model", "a"}, {"metric", "auc"}}), "nothing to judge by"},
      {targets_with({{"model", "a"}, {"metric", "auc"}}), "/targets/0: the key 'name' is missing"},
      {targets_with(with(comparison, "comparison", {"a"})), "/targets/0/comparison: expected a list of two"},
      {targets_with(with(comparison, "comparison", {"a", "a"})),
       "/targets/0/comparison: a model compared with itself"},
      {targets_with(with(comparison, "direction", "up")),
       "/targets/0/direction: expected one of positive, negative"},
      {targets_with(with(comparison, "interval", "bootstrap")),
       "/targets/0/interval: there is no bootstrap interval"},
      {targets_with(with(auc_target(), "interval_contains", {{"truth", "ideal"}})),
       "/interval_contains/truth: expected a JSON"},
      {targets_with(with(auc_target(), "interval_contains", {{"truht", "/ideal"}})),
       "/interval_contains/truht: unknown key"},
      {Json::array(), "my.json: /: expected an object"}};
  for (const auto& c : cases) {
    CAPTURE(c.says);
    const std::string said = refusal(c.json);
    CAPTURE(said);
    CHECK(contains(said, c.says));
  }
  Json twice = targets_with(auc_target());
  twice["targets"].push_back(auc_target());
  CHECK(contains(refusal(twice), "/targets/1/name: a second target named 't'"));
}

TEST_CASE("a targets file with a duplicate key or a torn end is a config error") {
  test::ScratchFolder scratch;
  for (const char* text :
       {R"({"schema": "tagconf.targets/1", "schema": "tagconf.targets/1"})", R"({"schema": )", ""}) {
    write_text(scratch / "t.json", text);
    try {
      (void)read_targets(scratch / "t.json");
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::config);
      CHECK(contains(error.message(), "t.json"));
    }
  }
}

TEST_CASE("a tolerance holds its end and nothing beyond") {
  Json results = test::made_up_results();
  results["units"][0]["models"][0]["auc"] = 0.864;
  CHECK(judged(results, auc_target()).pass == true);
  results["units"][0]["models"][0]["auc"] = 0.8641;
  const VerdictRow row = judged(results, auc_target());
  CHECK(row.pass == false);
  CHECK(row.criterion == "0.844 \u00b1 0.020");
  CHECK(row.reason == "off by +0.020, more than the tolerance");
  results["units"][0]["models"][0]["auc"] = 0.824;
  CHECK(judged(results, auc_target()).pass == true);
}

TEST_CASE("a difference is judged by its sign whichever way it was computed") {
  Json target{{"name", "gain"},
              {"comparison", {"covered", "original"}},
              {"metric", "difference"},
              {"direction", "positive"}};
  Json results = test::made_up_results();
  CHECK(judged(results, target).pass == true);
  CHECK(judged(results, target).of == "covered minus original");
  target["comparison"] = {"original", "covered"};
  const VerdictRow turned = judged(results, target);
  CHECK(turned.pass == false);
  CHECK(*turned.found == Approx(-0.013));
  results["units"][0]["comparisons"][0]["difference"] = 0.0;
  CHECK(judged(results, target).pass == false);
  target["metric"] = "ci_low";
  target.erase("direction");
  target["interval"] = "clustered";
  target["min"] = -0.0277 - 1e-9;
  CHECK(judged(test::made_up_results(), target).pass == true);
  target["min"] = -0.0276;
  CHECK(judged(test::made_up_results(), target).pass == false);
}

TEST_CASE("an interval must hold a number, which may stand in the phantom's truth") {
  Json target{{"name", "t"}, {"model", "tags_only"}, {"metric", "auc"}, {"interval_contains", 0.65}};
  CHECK(judged(test::made_up_results(), target).pass == true);
  target["interval_contains"] = 0.70;
  const VerdictRow row = judged(test::made_up_results(), target);
  CHECK(row.pass == false);
  CHECK(row.reason == "the interval does not hold it");
  CHECK(row.criterion == "CI holds 0.700");
  CHECK(found_text(row) == "0.638 (0.617 to 0.659)");
  target["interval_contains"] = {{"truth", "/ideal_auc/test"}};
  CHECK(judged(test::made_up_results(), target, {{"ideal_auc", {{"test", 0.63}}}}).pass == true);
  for (const Json& truth : {Json(nullptr), Json{{"other", 1}}, Json{{"ideal_auc", "x"}}, Json::array()}) {
    try {
      (void)judged(test::made_up_results(), target, truth);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
      CHECK(contains(error.message(), "/ideal_auc/test"));
    }
  }
}

TEST_CASE("what is not there or not estimable fails a judged target and says why") {
  Json results = test::made_up_results();
  results["units"][0]["models"][0]["auc"] = nullptr;
  results["units"][0]["models"][0]["not_estimable"] = {{"auc", "one_class"}};
  CHECK(judged(results, auc_target()).reason == "one class");
  CHECK(judged(results, auc_target()).pass == false);
  results = test::made_up_results();
  results["units"][0]["models"][0]["delong"]["ci"] = nullptr;
  results["units"][0]["models"][0]["not_estimable"] = {{"delong.ci", "zero_variance"}};
  Json bound{{"name", "t"}, {"model", "original"}, {"metric", "ci_low"}, {"min", 0.5}};
  CHECK(judged(results, bound).reason == "zero variance");
  CHECK(judged(results, bound).pass == false);
  Json inside{{"name", "t"}, {"model", "original"}, {"metric", "auc"}, {"interval_contains", 0.8}};
  CHECK(judged(results, inside).pass == false);
  CHECK(judged(results, inside).reason == "zero variance");

  CHECK(contains(judged(results, with(auc_target(), "model", "nobody")).reason, "no such model"));
  CHECK(contains(judged(results, with(auc_target(), "subset", "nowhere")).reason, "no results for unit"));
  const VerdictRow shown = judged(results, with(with(auc_target(), "model", "nobody"), "judged", false));
  CHECK_FALSE(shown.pass);
  CHECK(state_text(shown) == "shown");
}

TEST_CASE("a verdict survives its file and counts only what is judged") {
  Json targets = targets_with(auc_target());
  targets["source"] = {{"citation", "Someone, 2022"}};
  targets["targets"].push_back({{"name", "p"},
                                {"comparison", {"covered", "original"}},
                                {"metric", "p_delong"},
                                {"value", 0.9},
                                {"judged", false}});
  targets["targets"].push_back({{"name", "n"}, {"metric", "n"}, {"value", 40561}, {"judged", false}});
  const Results results = parse_results(test::made_up_results(), "results.json");
  const Verdict verdict = judge(results, parse_targets(targets, "t.json"), nullptr, "");
  CHECK(verdict.match());
  CHECK(verdict.judged() == 1);
  const Json json = to_json(verdict);
  CHECK(json["state"] == "match");
  CHECK(json["rows"][1]["pass"].is_null());
  CHECK(json["rows"][2]["found"] == 3197);
  const Verdict again = parse_verdict(json, "verify.json");
  CHECK(to_json(again) == json);
  Json other = json;
  other["source"]["citation"] = 5;
  CHECK_THROWS_WITH(parse_verdict(other, "verify.json"),
                    "verify.json: /source/citation: expected a text, found 5");
  const std::string table = verdict_table(verdict);
  CHECK(contains(table, "pass"));
  CHECK(contains(table, "40,561"));
  CHECK(contains(table, "1 of 1 judged targets met"));
}

TEST_CASE("the article's targets can be read and hold what it printed") {
  const Targets targets = read_targets(test::source_folder() / "configs/targets/ajr2022.json");
  std::map<std::string, double> judged_values;
  for (const auto& t : targets.targets) {
    if (t.judged && t.metric == Metric::auc) judged_values[t.model] = *t.value->number;
    if (t.metric == Metric::n || t.metric == Metric::p_delong || t.metric == Metric::p_clustered)
      CHECK_FALSE(t.judged);
    if (t.judged && t.value) CHECK(*t.tolerance == 0.02);
  }
  CHECK(judged_values ==
        std::map<std::string, double>{{"covered", 0.857}, {"original", 0.844}, {"tags_only", 0.638}});
  CHECK(contains(targets.note, "40,005"));
}

TEST_CASE("results of another schema are refused") {
  Json results = test::made_up_results();
  results["schema"] = "tagconf.evaluate/9";
  CHECK_THROWS_AS(parse_results(results, "results.json"), Error);
  results = test::made_up_results();
  results["units"][0]["models"][1]["auc"] = "high";
  try {
    (void)parse_results(results, "results.json");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message() == "results.json: /units/0/models/1/auc: expected a number, found \"high\"");
  }
}
