// Single models: AUC, intervals, precision-recall, operating points, calibration, placements.
#include <cmath>

#include "catch.hpp"
#include "oracle_case.hpp"
#include "tagconf/stats/calibration.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/threshold_curve.hpp"

namespace tagconf::test {
namespace {

using stats::Contrast;
using stats::Placements;

void check_fraction(const Placements& placements, const stats::Labels& labels, const std::string& fraction) {
  const auto slash = fraction.find('/');
  const auto top = std::stoull(fraction.substr(0, slash));
  const auto bottom = std::stoull(fraction.substr(slash + 1));
  const std::uint64_t pairs = 2 * std::uint64_t{labels.positives()} * labels.negatives();
  REQUIRE(pairs % bottom == 0);
  CHECK(static_cast<std::uint64_t>(placements.twice_u) == top * (pairs / bottom));
}

void check_point(const stats::OperatingPoint& found, const Json& expected, const Level& level) {
  CHECK(found.threshold == expected.at("threshold").get<double>());
  CHECK(found.true_positives == expected.at("tp").get<std::size_t>());
  CHECK(found.false_positives == expected.at("fp").get<std::size_t>());
  CHECK(found.true_negatives == expected.at("tn").get<std::size_t>());
  CHECK(found.false_negatives == expected.at("fn").get<std::size_t>());
  check_number(found.sensitivity, expected.at("sensitivity").get<double>(), level);
  check_number(found.specificity, expected.at("specificity").get<double>(), level);
  check_interval(found.sensitivity_ci, expected.at("sensitivity_wilson95"), level);
  check_interval(found.specificity_ci, expected.at("specificity_wilson95"), level);
}

void check_calibration(const std::vector<double>& scores, const Json& expected, const Level& level) {
  const auto found = stats::calibrate(scores, level.labels);
  REQUIRE(found.has_value() == expected.contains("calibration"));
  if (!found) return;
  const Json& calibration = expected.at("calibration");
  check_number(found->brier, calibration.at("brier").get<double>(), level);
  check_number(found->ece, calibration.at("ece15").get<double>(), level);
  check_number(found->mce, calibration.at("mce15").get<double>(), level);
  const auto right = stats::calibrate(scores, level.labels, stats::BinRule::right_closed);
  check_number(right->ece, calibration.at("ece15_right_closed").get<double>(), level);
  for (std::size_t k = 0; k < found->bins.size(); ++k) {
    const Json& bin = calibration.at("bins15").at(k);
    CHECK(found->bins[k].count == bin.at(0).get<std::size_t>());
    check_optional(found->bins[k].mean_probability, bin.at(1), level);
    check_optional(found->bins[k].positive_fraction, bin.at(2), level);
  }
}

void check_youden(const Json& finite_or_text, double found) {
  const double expected = finite_or_text.is_string()
                              ? (finite_or_text.get<std::string>() == "inf" ? INFINITY : -INFINITY)
                              : finite_or_text.get<double>();
  CHECK(found == expected);
}

void check_placements(const Level& level, const std::string& model, const Json& expected) {
  const auto& twice = level.placements.at(model).twice;
  std::size_t positive = 0;
  std::size_t negative = 0;
  for (std::size_t row = 0; row < twice.size(); ++row) {
    const bool is_positive = level.labels.positive(row);
    const auto others =
        static_cast<double>(is_positive ? level.labels.negatives() : level.labels.positives());
    const Json& value = is_positive ? expected.at("V10").at(positive++) : expected.at("V01").at(negative++);
    check_number(twice[row] / (2.0 * others), value.get<double>(), level);
  }
}

void check_delong(const Level& level, double auc, const Placements& placements, const Json& expected) {
  REQUIRE((stats::delong_obstacle(level.labels) == stats::Reason::none) == !expected.is_null());
  if (expected.is_null()) return;
  const Contrast<Placements> self{&placements};
  const auto found = stats::infer_auc(auc, stats::delong_covariance(self, self, level.labels));
  check_optional(found.variance, expected.at("var"), level);
  check_optional(found.se, expected.at("se"), level);
  check_interval(found.wald, expected.at("ci95_wald"), level);
  check_interval(found.clipped, expected.at("ci95_wald_clipped"), level);
  check_interval(found.logit, expected.at("ci95_logit"), level);
  CHECK((found.reason == stats::Reason::zero_variance) == expected.at("ci95_wald").is_null());
}

}  // namespace

void check_models(const Level& level, const Json& expected) {
  for (const auto& [model, e] : expected.at("models").items()) {
    INFO("model " << model);
    const Placements& placements = level.placements.at(model);
    const double auc = stats::auc(placements, level.labels);
    check_number(auc, e.at("auc").get<double>(), level);
    check_fraction(placements, level.labels, e.at("auc_fraction").get<std::string>());
    check_delong(level, auc, placements, e.at("delong"));
    check_number(stats::hanley_mcneil_se(auc, static_cast<double>(level.labels.positives()),
                                         static_cast<double>(level.labels.negatives())),
                 e.at("hanley_mcneil_se").get<double>(), level);
    const std::vector<double>& scores = level.scores.at(model);
    const auto curve = stats::threshold_curve(level.rankings.at(model), scores, level.labels);
    check_number(stats::average_precision(curve), e.at("average_precision").get<double>(), level);
    check_number(stats::pr_auc_trapezoid(curve), e.at("pr_auc_trapezoid").get<double>(), level);
    check_point(stats::operating_point(scores, level.labels, 0.5), e.at("at_0.5"), level);
    const stats::Youden youden = stats::youden(curve);
    if (e.at("youden").at("threshold").is_number()) check_point(youden.point, e.at("youden"), level);
    check_number(youden.j, e.at("youden").at("youden_j").get<double>(), level);
    REQUIRE(youden.thresholds.size() == e.at("youden").at("all_maximising_thresholds").size());
    for (std::size_t i = 0; i < youden.thresholds.size(); ++i)
      check_youden(e.at("youden").at("all_maximising_thresholds").at(i), youden.thresholds[i]);
    check_calibration(scores, e, level);
    if (expected.contains("placements") && expected.at("placements").contains(model))
      check_placements(level, model, expected.at("placements").at(model));
  }
}

}  // namespace tagconf::test
