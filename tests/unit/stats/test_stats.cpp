// Closed forms and edges of the statistics layer.
#include <cmath>
#include <limits>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/stats/calibration.hpp"
#include "tagconf/stats/evaluation_set.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/predictions.hpp"
#include "tagconf/stats/results.hpp"
#include "tagconf/stats/studies.hpp"
#include "tagconf/stats/threshold_curve.hpp"

namespace tagconf::stats {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

}  // namespace

TEST_CASE("the two-sided p keeps its digits in the far tail") {
  CHECK(two_sided_p(0.0) == 1.0);
  CHECK(two_sided_p(kZ95) == Approx(0.05).epsilon(1e-13));
  CHECK(two_sided_p(-10.0) == Approx(1.5239706048321052e-23).epsilon(1e-12));
  CHECK(two_sided_p(40.0) == 0.0);
}

TEST_CASE("the global test of independent standard contrasts is their sum of squares") {
  const std::vector<double> contrasts{1.0, -2.0, 0.5};
  const std::vector<double> covariance{1, 0, 0, 0, 4, 0, 0, 0, 0.25};
  const GlobalTest test = global_test(contrasts, covariance);
  CHECK(test.df == 3);
  CHECK(*test.chi2 == Approx(3.0));
  // P(chi2_3 > 3) = erfc(sqrt(3/2)) + sqrt(6/pi) exp(-3/2)
  CHECK(*test.p == Approx(std::erfc(std::sqrt(1.5)) + std::sqrt(6.0 / M_PI) * std::exp(-1.5)).epsilon(1e-12));
  CHECK(global_test({}, {}).reason == Reason::fewer_than_two_models);
  const std::vector<double> twice{1, 1, 1, 1};
  CHECK(global_test(std::vector<double>{1.0, 1.0}, twice).reason == Reason::singular_contrast_covariance);
}

TEST_CASE("Wilson intervals end exactly at 0 and 1") {
  CHECK(wilson(0, 7).low == 0.0);
  CHECK(wilson(7, 7).high == 1.0);
  // n = 4, k = 2: centre 1/2, half width z / (2 sqrt(n + z^2))
  CHECK(wilson(2, 4).low == Approx(0.5 - kZ95 / (2.0 * std::sqrt(4.0 + kZ95 * kZ95))));
  CHECK(wilson(2, 4).high == Approx(0.5 + kZ95 / (2.0 * std::sqrt(4.0 + kZ95 * kZ95))));
}

TEST_CASE("calibration needs probabilities") {
  const Labels labels(std::vector<std::uint8_t>{0, 1});
  CHECK_FALSE(calibrate(std::vector<double>{0.2, 1.5}, labels));
  CHECK_FALSE(calibrate(std::vector<double>{-kInf, 0.5}, labels));
  const auto perfect = calibrate(std::vector<double>{0.0, 1.0}, labels);
  REQUIRE(perfect);
  CHECK(perfect->brier == 0.0);
  CHECK(perfect->ece == 0.0);
  CHECK(perfect->bins[14].count == 1);
}

TEST_CASE("ROC points leave out the middle of straight pieces and keep the corners") {
  const Labels labels(std::vector<std::uint8_t>{1, 1, 0, 0, 1});
  const std::vector<double> scores{5, 4, 3, 2, 1};
  const auto points = roc_points(threshold_curve(rank_scores(scores), scores, labels));
  REQUIRE(points.size() == 4);
  CHECK(points[0].threshold == kInf);
  CHECK(points[1].threshold == 4.0);
  CHECK(points[1].tpr == Approx(2.0 / 3.0));
  CHECK(points[2].threshold == 2.0);
  CHECK(points[2].fpr == 1.0);
  CHECK(points[3].tpr == 1.0);
}

TEST_CASE("negative zero ties with zero and equal infinities tie") {
  const Labels labels(std::vector<std::uint8_t>{1, 0, 1, 0});
  CHECK(auc(place(rank_scores(std::vector<double>{0.0, -0.0, kInf, kInf}), labels), labels) == 0.5);
}

TEST_CASE("model names tell arm, seed and test arm") {
  const ModelName plain = parse_model_name("covered");
  CHECK(plain.train_arm == "covered");
  CHECK(plain.test_arm == "covered");
  CHECK_FALSE(plain.seed);
  const ModelName full = parse_model_name("tags_only.s12@original");
  CHECK(full.train_arm == "tags_only");
  CHECK(full.test_arm == "original");
  CHECK(full.seed == 12U);
  CHECK(full.headline() == "tags_only@original");
  CHECK(parse_model_name("net.small").train_arm == "net.small");
  CHECK(parse_model_name("net.small").headline() == "net.small");
  CHECK(parse_model_name("covered.s1@covered").headline() == "covered");
}

TEST_CASE("studies refuse a mean of opposite infinities") {
  const Labels labels(std::vector<std::uint8_t>{1, 1, 0});
  const std::vector<std::string> ids{"s", "s", "t"};
  const Studies studies = group_studies(ids, labels);
  CHECK_THROWS_AS(aggregate(std::vector<double>{kInf, -kInf, 0.0}, studies, Aggregation::mean), Error);
  CHECK(aggregate(std::vector<double>{kInf, -kInf, 0.0}, studies, Aggregation::max)[0] == kInf);
}

TEST_CASE("predictions are read back as they were written") {
  std::vector<PredictionRow> rows(2);
  rows[0].sample = {"a,1", "p1", "s1", "WRIST", Split::test, 1};
  rows[0].logit = 0.1 + 0.2;
  rows[0].probability = 5e-324;
  rows[0].tagged = true;
  rows[1].sample = {"b", "p2", "s2", "", Split::test, 0};
  rows[1].logit = -kInf;
  rows[1].tagged = false;
  const std::string text = predictions_csv(rows);
  CHECK(text ==
        "image_id,study_id,patient_id,body_part,label,logit,probability,tagged,split\n"
        "\"a,1\",s1,p1,WRIST,1,0.30000000000000004,5e-324,1,test\nb,s2,p2,,0,-inf,0,0,test\n");
  const PredictionTable table = parse_predictions(parse_csv(text, "p.csv"), "m");
  CHECK(table.image_id == std::vector<std::string>{"a,1", "b"});
  CHECK(table.logit == std::vector<double>{0.1 + 0.2, -kInf});
  CHECK(table.probability == std::vector<double>{5e-324, 0.0});
  CHECK(table.tagged == std::vector<std::uint8_t>{1, 0});
  CHECK(table.split == std::vector<Split>{Split::test, Split::test});
  CHECK(table.where(1) == "p.csv:3: model m row 1 (0-based)");
  rows[0].logit = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(predictions_csv(rows), Error);
}

TEST_CASE("p values for people") {
  CHECK(p_text(0.019262) == "0.0193");
  CHECK(p_text(3.54e-41) == "3.5e-41");
  CHECK(p_text(0.0) == "< 1e-300");
  CHECK(p_text(0.41) == "0.410");
  CHECK(p_text(1.0) == "1.00");
}

}  // namespace tagconf::stats
