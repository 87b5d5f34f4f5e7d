// What the pages say of heterogeneity, thresholds and seeds.
#include <functional>

#include "catch.hpp"
#include "results_fixture.hpp"
#include "tagconf/report/sections.hpp"

using namespace tagconf;
using namespace tagconf::report;

namespace {

bool holds(const Section& section, const std::string& text) {
  return section.body.bytes.find(text) != std::string::npos;
}

Results results_with(const std::function<void(Json&)>& change) {
  Json json = test::made_up_results();
  for (auto& unit : json["units"]) {
    if (unit["unit"] == "image" && unit["subset"] == "all") change(unit);
  }
  return parse_results(json, "results.json");
}

}  // namespace

TEST_CASE("the body parts' page says whether they differ, and what is adjusted") {
  const Results results = results_with([](Json& unit) {
    unit["heterogeneity"] =
        Json::array({{{"model", "original"},
                      {"chi2", 11.25},
                      {"df", 5},
                      {"p", 0.0466},
                      {"left_out", Json::array({{{"part", "HAND"}, {"reason", "one_class"}}})},
                      {"clustered", {{"chi2", 7.5}, {"df", 5}, {"p", 0.186}}}},
                     {{"a", "covered"},
                      {"b", "original"},
                      {"chi2", nullptr},
                      {"df", 0},
                      {"p", nullptr},
                      {"not_estimable", {{"heterogeneity", "fewer_than_two_parts"}}}}});
  });
  const Section section = body_part_section(results);
  CHECK(holds(section, "11.25"));
  CHECK(holds(section, "0.19"));
  CHECK(holds(section, "covered minus original"));
  CHECK(holds(section, "not estimable: fewer than two parts"));
  CHECK(holds(section, "HAND (one class)"));
  CHECK(holds(section, "nothing is adjusted for the number of body parts"));
  CHECK_FALSE(holds(section, "Nothing is adjusted"));
}

TEST_CASE("operating points tell where their threshold comes from, validation before test") {
  const auto point = [](const char* rule, const Json& chosen_on, bool optimistic, double threshold) {
    return Json{{"rule", rule},
                {"score", "logit"},
                {"chosen_on", chosen_on},
                {"optimistic", optimistic},
                {"threshold", threshold},
                {"sensitivity", 0.71},
                {"specificity", 0.82},
                {"sensitivity_ci", {0.69, 0.73}},
                {"specificity_ci", {0.8, 0.84}}};
  };
  const auto sets = std::vector<RocSet>{{"image", "all", {{"original", {{}, {}, {{0, 0}, {1, 1}}, {}}}}}};
  const Section chosen = roc_section(
      sets, results_with([&](Json& unit) {
        unit["models"][0]["operating_points"] =
            Json::array({point("youden", "test", true, 0.123), point("youden", "valid", false, 0.456)});
      }));
  CHECK(holds(chosen, "validation images"));
  CHECK(holds(chosen, "0.456 (logit)"));
  CHECK_FALSE(holds(chosen, "0.123"));
  CHECK(holds(chosen, "0.710 (0.690 to 0.730)"));
  const Section test_only = roc_section(sets, results_with([&](Json& unit) {
                                          unit["models"][0]["operating_points"] =
                                              Json::array({point("youden", "test", true, 0.123)});
                                        }));
  CHECK(holds(test_only, "test images, optimistic"));
  CHECK_FALSE(holds(test_only, "calls every image abnormal"));
  const Section tied = roc_section(sets, results_with([&](Json& unit) {
                                     Json all = point("sensitivity>=0.9", "valid", false, -3.5);
                                     all["sensitivity"] = 1.0;
                                     all["specificity"] = 0.0;
                                     unit["models"][0]["operating_points"] = Json::array({all});
                                   }));
  CHECK(holds(tied, "calls every image abnormal"));
}

TEST_CASE("the interval over seeds and patients stands beside the spread") {
  VerdictFacts facts;
  facts.results = results_with([](Json& unit) {
    unit["seeds"] =
        Json::array({{{"model", "original"},
                      {"values", Json::array({{{"seed", 1}, {"auc", 0.83}}, {{"seed", 2}, {"auc", 0.85}}})},
                      {"mean", 0.84},
                      {"sd", 0.0141},
                      {"two_way", {{"ci", {0.8123, 0.8678}}}}}});
  });
  CHECK(holds(verdict_section(facts), "0.812 to 0.868"));
}
