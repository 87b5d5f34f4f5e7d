// The statistics cases that ship with the project, as files through the stage.
#include <algorithm>
#include <cmath>
#include <functional>

#include "catch.hpp"
#include "run_stage.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::test {
namespace {

std::string cell(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? format_number(value.get<double>()) : value.dump();
}

// One CSV a model. Columns shorter than the others end in empty cells, longer ones in rows of their own.
std::string csv_of(const Json& oracle, const std::string& model) {
  const bool as_text = oracle.contains("score_text");
  const Json& scores = oracle.at(as_text ? "score_text" : "scores").at(model);
  const bool clusters = oracle.contains("clusters");
  const bool studies = oracle.contains("studies");
  std::string text = "image_id,label,probability";
  text += std::string(clusters ? ",patient_id" : "") + (studies ? ",study_id" : "") + "\n";
  const std::size_t rows = std::max(oracle.at("labels").size(), scores.size());
  const auto at = [](const Json& list, std::size_t i) { return i < list.size() ? cell(list.at(i)) : ""; };
  for (std::size_t i = 0; i < rows; ++i) {
    text += "img" + std::to_string(i) + "," +
            (i < oracle.at("labels").size() ? cell(oracle.at("labels").at(i)) : "0") + "," + at(scores, i);
    if (clusters) text += "," + at(oracle.at("clusters"), i);
    if (studies) text += "," + at(oracle.at("studies"), i);
    text += "\n";
  }
  return text;
}

std::vector<std::string> models_of(const Json& oracle) {
  const Json& expected = oracle.at("expected");
  if (expected.contains("image"))
    return expected.at("image").at("model_order").get<std::vector<std::string>>();
  std::vector<std::string> names;
  for (const auto& [name, scores] : oracle.at("scores").items()) names.push_back(name);
  return names;
}

EvaluateRun run_of(const Json& oracle) {
  EvaluateRun run;
  for (const auto& model : models_of(oracle)) run.predictions.emplace_back(model, csv_of(oracle, model));
  return run;
}

void check_same(const Json& found, const Json& expected, double scale = 1.0) {
  INFO("found " << found << " expected " << expected << " x " << scale);
  REQUIRE(found.is_null() == expected.is_null());
  if (expected.is_null()) return;
  const double e = scale * expected.get<double>();
  CHECK(std::abs(found.get<double>() - e) <= std::max(e == 0.0 ? 1e-15 : 0.0, 1e-12 * std::abs(e)));
}

void check_ci(const Json& found, const Json& expected) {
  REQUIRE(found.is_null() == expected.is_null());
  if (expected.is_null()) return;
  check_same(found.at(0), expected.at(0));
  check_same(found.at(1), expected.at(1));
}

void check_inference(const Json& found, const Json& expected) {
  if (expected.is_null()) {
    CHECK(found.at("se").is_null());
    CHECK(found.at("ci").is_null());
    return;
  }
  check_same(found.at("se"), expected.at("se"));
  check_ci(found.at("ci"), expected.at("ci95_wald"));
  check_ci(found.at("ci_clipped"), expected.at("ci95_wald_clipped"));
  check_ci(found.at("ci_logit"), expected.at("ci95_logit"));
}

void check_point(const Json& found, const Json& expected) {
  for (const char* key : {"tp", "fp", "tn", "fn", "threshold"}) {
    if (expected.at(key).is_number()) CHECK(found.at(key) == expected.at(key));
  }
  check_same(found.at("sensitivity"), expected.at("sensitivity"));
  check_same(found.at("specificity"), expected.at("specificity"));
  check_ci(found.at("sensitivity_ci"), expected.at("sensitivity_wilson95"));
  check_ci(found.at("specificity_ci"), expected.at("specificity_wilson95"));
}

void check_model(const Json& found, const Json& expected) {
  check_same(found.at("auc"), expected.at("auc"));
  check_inference(found.at("delong"), expected.at("delong"));
  check_same(found.at("hanley_mcneil").at("se"), expected.at("hanley_mcneil_se"));
  check_same(found.at("average_precision"), expected.at("average_precision"));
  check_point(found.at("operating_points").at(0), expected.at("at_0.5"));
  check_point(found.at("operating_points").at(1), expected.at("youden"));
  if (expected.contains("calibration")) {
    check_same(found.at("brier"), expected.at("calibration").at("brier"));
    check_same(found.at("ece"), expected.at("calibration").at("ece15"));
    check_same(found.at("mce"), expected.at("calibration").at("mce15"));
  } else {
    CHECK(found.at("not_estimable").at("calibration") == "scores_not_probabilities");
  }
}

// The oracle's pairs run a = earlier: ours are turned round.
void check_pair(const Json& comparisons, const std::string& kind, const Json& expected, bool holm) {
  const auto found = std::find_if(comparisons.begin(), comparisons.end(), [&](const Json& c) {
    return (c.at("a") == expected.at("b") && c.at("b") == expected.at("a")) ||
           (c.at("a") == expected.at("a") && c.at("b") == expected.at("b"));
  });
  REQUIRE(found != comparisons.end());
  CHECK(found->at("a") == expected.at("b"));
  check_same(found->at("difference"), expected.at("diff"), -1.0);
  const Json& test = found->at(kind);
  if (!expected.contains("se_diff")) {
    CHECK(test.at("p").is_null());
    return;
  }
  check_same(test.at("se"), expected.at("se_diff"));
  check_same(test.at("z"), expected.at("z"), -1.0);
  REQUIRE(test.at("p").is_null() == expected.at("p_two_sided").is_null());
  REQUIRE(test.at("ci").is_null() == expected.at("ci95_diff").is_null());
  if (test.at("p").is_null()) {
    CHECK(found->at("not_estimable").at(kind) == "zero_variance_of_difference");
    return;
  }
  const double z = expected.at("z").get<double>();
  const double p = expected.at("p_two_sided").get<double>();
  CHECK(std::abs(test.at("p").get<double>() - p) <= 1e-12 * (1.0 + z * z) * p);
  check_same(test.at("ci").at(0), expected.at("ci95_diff").at(1), -1.0);
  check_same(test.at("ci").at(1), expected.at("ci95_diff").at(0), -1.0);
  if (!holm || !expected.contains("p_holm")) return;
  const double adjusted = expected.at("p_holm").get<double>();
  const Json& ours = found->at(kind == "delong" ? "p_holm" : "p_holm_clustered");
  CHECK(std::abs(ours.get<double>() - adjusted) <= 1e-12 * (1.0 + z * z) * adjusted);
}

void check_global(const Json& found, const Json& expected) {
  CHECK(found.at("df") == expected.at("df"));
  check_same(found.at("chi2"), expected.at("chi2"));
  if (expected.at("chi2").is_null())
    CHECK(found.at("not_estimable").at("global") == "singular_contrast_covariance");
}

void check_bootstrap(const Json& unit, const Json& expected) {
  if (!expected.contains("bootstrap")) return;
  for (const Json& model : unit.at("models")) {
    const std::string kind = model.at("bootstrap").at("resampling");
    const Json& e = expected.at("bootstrap").at(kind == "cluster" ? "cluster_clusters" : kind);
    const Json& reference = e.at("models").at(model.at("name").get<std::string>());
    for (const std::size_t end : {0U, 1U}) {
      CHECK(std::abs(model.at("bootstrap").at("ci").at(end).get<double>() -
                     reference.at("ci95_percentile").at(end).get<double>()) <=
            reference.at("tol_endpoint_b2000").at(end).get<double>());
    }
  }
}

void check_unit(const Json& results, const std::string& unit_name, const Json& expected,
                const std::string& grouping) {
  INFO(unit_name << " clustered by " << grouping);
  const auto unit = std::find_if(results.at("units").begin(), results.at("units").end(),
                                 [&](const Json& u) { return u.at("unit") == unit_name; });
  REQUIRE(unit != results.at("units").end());
  CHECK(unit->at("n") == expected.at("n"));
  CHECK(unit->at("n_pos") == expected.at("n_pos"));
  for (const Json& model : unit->at("models")) {
    INFO(model.at("name"));
    check_model(model, expected.at("models").at(model.at("name").get<std::string>()));
  }
  if (expected.contains("delong_pairs")) {
    for (const Json& pair : expected.at("delong_pairs"))
      check_pair(unit->at("comparisons"), "delong", pair, true);
  }
  if (expected.contains("delong_global")) check_global(unit->at("global"), expected.at("delong_global"));
  check_bootstrap(*unit, expected);
  if (!expected.contains("clustered") || !expected.at("clustered").contains(grouping)) return;
  const Json& clustered = expected.at("clustered").at(grouping);
  for (const Json& model : unit->at("models")) {
    CHECK(model.at("clusters") == clustered.at("n_clusters"));
    if (!clustered.contains("models")) {
      CHECK(model.at("not_estimable").at("clustered") ==
            expected.at("not_estimable").at("clustered." + grouping));
      CHECK(model.at("warnings").size() == 1);
      continue;
    }
    check_inference(model.at("clustered"), clustered.at("models").at(model.at("name").get<std::string>()));
  }
  if (clustered.contains("pairs")) {
    for (const Json& pair : clustered.at("pairs"))
      check_pair(unit->at("comparisons"), "clustered", pair, true);
  }
  if (clustered.contains("global")) check_global(unit->at("global").at("clustered"), clustered.at("global"));
}

bool holds_token(const std::string& text, const std::string& token) {
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.';
  };
  for (auto at = text.find(token); at != std::string::npos; at = text.find(token, at + 1)) {
    const auto end = at + token.size();
    if ((at == 0 || !word(text[at - 1])) && (end == text.size() || !word(text[end]))) return true;
  }
  return false;
}

void check_refused(const Json& oracle) {
  const Json& expected = oracle.at("expected");
  std::string message;
  try {
    (void)run_of(oracle).run();
    FAIL("the stage accepted the data");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    message = error.message();
  }
  INFO(message);
  CHECK(holds_token(message, "reason=" + expected.at("error").get<std::string>()));
  for (const Json& text : expected.at("message_should_name"))
    CHECK(holds_token(message, text.get<std::string>()));
}

void check_data(const Json& oracle) {
  const Json& expected = oracle.at("expected");
  EvaluateRun run = run_of(oracle);
  const Json results = run.run().results;
  check_unit(results, "image", expected.at("image"), "clusters");
  if (!oracle.contains("studies")) return;
  check_unit(results, "study", expected.at("study_mean"), "clusters");
  run.options = {{"aggregate", "max"}, {"unit", {"study"}}, {"bootstrap", 0}};
  Json no_bootstrap = expected.at("study_max");
  no_bootstrap.erase("bootstrap");
  check_unit(run.run().results, "study", no_bootstrap, "clusters");
  run.options = {{"cluster", "study_id"}, {"unit", {"image"}}, {"bootstrap", 0}};
  no_bootstrap = expected.at("image");
  no_bootstrap.erase("bootstrap");
  check_unit(run.run().results, "image", no_bootstrap, "studies");
}

}  // namespace

TEST_CASE("the stage gives the reference results of every shipped case") {
  std::size_t checked = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_folder() / "tests/oracle/data/stats")) {
    const Json oracle = parse_json(read_text(entry.path()), entry.path().filename().string());
    const std::string kind = oracle.at("kind");
    if (kind != "auc" && kind != "error") continue;
    INFO(oracle.at("name"));
    ++checked;
    if (kind == "error") {
      check_refused(oracle);
    } else {
      check_data(oracle);
    }
  }
  CHECK(checked == 34);
}

}  // namespace tagconf::test
