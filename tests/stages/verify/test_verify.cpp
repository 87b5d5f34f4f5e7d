// The verify stage: what it writes, and the exit code it asks for.
#include "../../unit/report/results_fixture.hpp"
#include "../report/study.hpp"
#include "catch.hpp"
#include "tagconf/base/error.hpp"

using namespace tagconf;
namespace fs = std::filesystem;

namespace {

struct Verified {
  Json summary;
  Json verdict;
};

Verified verify(const test::ScratchFolder& scratch, const Json& results, const fs::path& targets,
                const std::string& truth = "") {
  write_text(scratch / "results.json", pretty_json(results));
  std::map<std::string, std::vector<stage::NamedPath>> inputs{{"results", {{"", scratch / "results.json"}}},
                                                              {"targets", {{"", targets}}}};
  if (!truth.empty()) {
    write_text(scratch / "truth/truth.json", truth);
    inputs["truth"] = {{"", scratch / "truth"}};
  }
  Verified out;
  out.summary = test::run_stage(stages::verify(), inputs, scratch / "out");
  out.verdict = parse_json(read_text(scratch / "out/verify.json"), "verify.json");
  return out;
}

fs::path article() {
  return test::source_folder() / "configs/targets/ajr2022.json";
}

}  // namespace

TEST_CASE("results that meet the article's values match") {
  test::ScratchFolder scratch;
  const Verified v = verify(scratch, test::made_up_results(), article());
  CHECK(v.summary["state"] == "match");
  CHECK_FALSE(v.summary.contains("exit"));
  CHECK(v.verdict["state"] == "match");
  CHECK(v.verdict["judged"] == 4);
  CHECK(v.summary["text"].get<std::string>().find("4 of 4 judged targets met") != std::string::npos);
}

TEST_CASE("a value outside its tolerance asks for exit code 5 and leaves the whole table") {
  test::ScratchFolder scratch;
  Json results = test::made_up_results();
  results["units"][0]["models"][2]["auc"] = 0.66;
  const Verified v = verify(scratch, results, article());
  CHECK(v.summary["state"] == "mismatch");
  CHECK(v.summary["exit"] == 5);
  CHECK(v.summary["passed"] == 3);
  CHECK(v.verdict["rows"].size() == 7);
  CHECK(v.verdict["rows"][2]["pass"] == false);
  CHECK(v.verdict["rows"][2]["found"] == 0.66);
  CHECK(v.verdict["rows"][5]["pass"].is_null());
}

TEST_CASE("a value that is not estimable is a mismatch") {
  test::ScratchFolder scratch;
  Json results = test::made_up_results();
  results["units"][0]["models"][0]["auc"] = nullptr;
  results["units"][0]["comparisons"][0]["difference"] = nullptr;
  const Verified v = verify(scratch, results, article());
  CHECK(v.summary["exit"] == 5);
  CHECK(v.verdict["rows"][0]["found"].is_null());
  CHECK(v.verdict["rows"][0]["reason"] == "not estimable");
}

TEST_CASE("a target may refer to the phantom's truth") {
  test::ScratchFolder scratch;
  const fs::path targets = scratch / "targets.json";
  write_text(targets, R"({"schema": "tagconf.targets/1", "targets": [{"name": "tags tell what they can",
    "model": "tags_only", "metric": "auc", "interval": "clustered", "interval_contains": {"truth": "/ideal_auc/test"}}]})");
  CHECK(verify(scratch, test::made_up_results(), targets, R"({"ideal_auc": {"test": 0.66}})")
            .summary["state"] == "match");
  CHECK(
      verify(scratch, test::made_up_results(), targets, R"({"ideal_auc": {"test": 0.8}})").summary["exit"] ==
      5);
  try {
    (void)verify(scratch, test::made_up_results(), targets);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
  }
}

TEST_CASE("a slip in the targets stops before anything is written") {
  test::ScratchFolder scratch;
  write_text(scratch / "targets.json",
             R"({"schema": "tagconf.targets/1", "targets": [{"name": "a", "metric": "auc", "modle": "x"}]})");
  try {
    (void)verify(scratch, test::made_up_results(), scratch / "targets.json");
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
    CHECK(error.message().find("targets.json: /targets/0/modle") == 0);
  }
  CHECK_FALSE(fs::exists(scratch / "out/verify.json"));
}

TEST_CASE("the correlation that the article's p implies is shown and changes no verdict") {
  test::ScratchFolder scratch;
  const Verified v = verify(scratch, test::made_up_results(), article());
  CHECK(v.summary["state"] == "match");
  const Json& checks = v.verdict["consistency"];
  // Two targets repeat the one p: once with the targets' count, once with the results' counts.
  REQUIRE(checks.size() == 2);
  CHECK(checks[0]["a"] == "covered");
  CHECK(checks[0]["b"] == "original");
  CHECK(checks[0]["counts_of"] == "targets");
  CHECK(checks[0]["n"] == 40561);
  CHECK(checks[0]["n_pos"].is_null());
  CHECK(checks[0]["correlation"].is_null());
  CHECK(checks[0]["shares_tried"] == Json{0.05, 0.95});
  CHECK(checks[1]["counts_of"] == "results");
  CHECK(checks[1]["n"] == 3197);
  CHECK(checks[1]["n_pos"] == 1530);
  // The reference result: r = 0.68 gives p = 0.01926, which is printed as 0.02.
  CHECK(checks[1]["correlation"].get<double>() == Approx(0.68).margin(0.01));
  CHECK(checks[1]["possible"] == true);
  // Of 40,561 rows a p of 0.02 fits only where one class is rare: the standard errors are too small else.
  REQUIRE(checks[0]["shares_possible"].size() == 2);
  CHECK(checks[0]["shares_possible"][0][1].get<double>() < 0.4);
  CHECK(checks[0]["shares_possible"][1][0].get<double>() > 0.6);
  CHECK(checks[0]["range"][0].get<double>() < -1.0);
  const double low = checks[1]["range"][0];
  const double high = checks[1]["range"][1];
  CHECK(low <= checks[1]["correlation"].get<double>());
  CHECK(checks[1]["correlation"].get<double>() <= high);
  CHECK(v.summary["text"].get<std::string>().find("shown, never judged") != std::string::npos);
}
