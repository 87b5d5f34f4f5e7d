// tagconf power: how many cases a paired comparison of two AUCs needs, or what a given number can show.
//
// Both models score the same cases. What is expected of them comes from the user: the two AUCs, and the
// correlation between their estimates (evaluate prints it for pilot data as `corr`) or that between their
// scores.
#include <fmt/format.h>

#include <cmath>

#include "tagconf/base/error.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/stats/power.hpp"

namespace tagconf::stages {
namespace {

using stats::AucVariance;
using stats::ClassCounts;
using stats::PairedDesign;
using stats::PowerTest;

struct PowerOptions {
  std::optional<double> auc_a;
  std::optional<double> auc_b;
  std::optional<double> correlation;
  std::optional<double> score_correlation;
  std::optional<std::int64_t> positives;
  std::optional<std::int64_t> negatives;
  double share = 0.5;
  double power = 0.8;
  PowerTest test = PowerTest::difference;
  std::optional<double> margin;
  double alpha = 0.05;
  int sides = 2;
  double design_effect = 1;
  AucVariance variance = AucVariance::hanley_mcneil;
  bool null_variance = false;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::within;
    using Count = std::optional<std::int64_t>;
    using Number = std::optional<double>;
    v(within(field<Number>("auc_a", "expected AUC of a"), 0, 1), auc_a);
    v(within(field<Number>("auc_b", "expected AUC of b, the reference"), 0, 1), auc_b);
    v(within(field<Number>("correlation", "correlation between the estimates of the two AUCs"), -1, 1),
      correlation);
    v(within(field<Number>("score_correlation",
                           "instead of correlation: that between the models' scores within a class"),
             -1, 1),
      score_correlation);
    v(within(field<Count>("positives", "cases with label 1; with negatives: their power is told"), 2, 1e9),
      positives);
    v(within(field<Count>("negatives", "cases with label 0"), 2, 1e9), negatives);
    v(within(field<double>("share", "without counts: the share of positives among the cases"), 0.0001,
             0.9999),
      share);
    v(within(field<double>("power", "without counts: the power wanted"), 0.01, 0.9999), power);
    v(field<PowerTest>("test", "what is to be shown: that they differ, a is not worse, or both are as good"),
      test);
    v(within(field<Number>("margin", "non_inferiority and equivalence: the least AUC that matters"), 0, 1),
      margin);
    v(within(field<double>("alpha", "level of the test; with a margin of each one-sided test"), 1e-9, 0.4999),
      alpha);
    v(within(field<int>("sides", "of the test for a difference"), 1, 2), sides);
    v(within(field<double>("design_effect", "of clusters: clustered variance / DeLong variance"), 0.01, 1000),
      design_effect);
    v(field<AucVariance>("variance", "how an AUC's variance follows from its value and the class counts"),
      variance);
    v(field<bool>("null_variance", "critical value with the SE under equal AUCs, as published formulae have"),
      null_variance);
  }
};

stage::StageInfo power_info() {
  stage::StageInfo info;
  info.name = "power";
  info.version = 1;
  info.answers = true;
  info.summary = "power and sample size of a paired comparison of two AUCs";
  info.examples = {
      "tagconf power --auc-a 0.857 --auc-b 0.844 --correlation 0.68 --positives 1530 --negatives 1667",
      "tagconf power --auc-a 0.85 --auc-b 0.85 --correlation 0.7 --test equivalence --margin 0.02 --share "
      "0.4"};
  return info;
}

double given(const std::optional<double>& value, const char* flag) {
  if (value) return *value;
  throw Error(ErrorCode::usage, std::string(flag) + " is missing",
              "give it as " + std::string(flag) + " NUMBER");
}

void check_combinations(const PowerOptions& o) {
  const auto refuse = [](const char* message, const char* hint) {
    throw Error(ErrorCode::usage, message, hint);
  };
  if (o.correlation.has_value() == o.score_correlation.has_value()) {
    refuse(o.correlation ? "--correlation and --score-correlation say the same thing twice"
                         : "--correlation is missing",
           "give the correlation of the AUCs (evaluate prints it as corr), or --score-correlation");
  }
  if (o.positives.has_value() != o.negatives.has_value()) {
    refuse("only one class has a count",
           "give --positives and --negatives, or neither and --share and --power");
  }
  if (o.test != PowerTest::difference && !o.margin) {
    refuse("--margin is missing", "non-inferiority and equivalence need the least AUC that matters");
  }
  if (o.test == PowerTest::difference && o.margin)
    refuse("--margin belongs to a test of non_inferiority or equivalence", "add --test equivalence");
  if (o.test != PowerTest::difference && o.null_variance)
    refuse("--null-variance belongs to a test for a difference", "leave it out, or leave out --test");
}

// The class counts before the size is known: the correlation depends on their ratio alone.
ClassCounts any_counts(const PowerOptions& o) {
  if (o.positives) return {*o.positives, *o.negatives};
  return stats::split_by_share(1'000'000, o.share);
}

PairedDesign design_of(const PowerOptions& o) {
  PairedDesign d;
  d.auc_a = given(o.auc_a, "--auc-a");
  d.auc_b = given(o.auc_b, "--auc-b");
  d.variance = o.variance;
  d.design_effect = o.design_effect;
  d.test = o.test;
  d.alpha = o.alpha;
  d.sides = o.sides;
  d.margin = o.margin.value_or(0.0);
  d.null_variance = o.null_variance;
  check_combinations(o);
  d.correlation = o.correlation.value_or(0.0);
  stats::check_design(d);
  if (o.score_correlation) {
    d.correlation = stats::binormal_auc_correlation(d.auc_a, d.auc_b, *o.score_correlation,
                                                    *o.score_correlation, any_counts(o));
  }
  return d;
}

ClassCounts counts_of(const PowerOptions& o, const PairedDesign& design) {
  if (o.positives) return {*o.positives, *o.negatives};
  if (const auto found = stats::sample_size(design, o.share, o.power)) return *found;
  throw_config(fmt::format("no sample of up to 10^9 cases gives this power: {} of {:g}",
                           o.test == PowerTest::difference ? "the difference is"
                                                           : "the expected difference lies at or "
                                                             "beyond the margin",
                           design.auc_a - design.auc_b),
               "expect a larger difference, or allow a wider margin");
}

std::string test_text(const PairedDesign& d) {
  if (d.test == PowerTest::difference)
    return fmt::format("a {}-sided test for a difference at {:g} %", d.sides == 1 ? "one" : "two",
                       100 * d.alpha);
  return fmt::format("a test of {} with a margin of {:g}, one-sided at {:g} %",
                     d.test == PowerTest::equivalence ? "equivalence" : "non-inferiority", d.margin,
                     100 * d.alpha);
}

std::string text_of(const PowerOptions& o, const PairedDesign& d, const ClassCounts& counts, double se,
                    double power) {
  std::string out =
      fmt::format("AUC {:g} against {:g}, difference {:+g}; correlation between the two AUCs {:.3g}", d.auc_a,
                  d.auc_b, d.auc_a - d.auc_b, d.correlation);
  if (o.score_correlation)
    out += fmt::format(" (from {:g} between their scores, binormal)", *o.score_correlation);
  if (d.design_effect != 1.0) out += fmt::format("; design effect {:g}", d.design_effect);
  out += fmt::format("\n{} positives + {} negatives = {} cases: SE of the difference {:.4g}\n",
                     counts.positives, counts.negatives, counts.total(), se);
  out += fmt::format("power of {}: {:.1f} %\n", test_text(d), 100 * power);
  if (!o.positives) out += fmt::format("this is the smallest sample that reaches {:g} %\n", 100 * o.power);
  return out;
}

stage::Summary run_power(const PowerOptions& options, const stage::StageIo&, const stage::Context&) {
  const PairedDesign d = design_of(options);
  const ClassCounts counts = counts_of(options, d);
  const double se = stats::difference_se(d, counts);
  const double power = stats::power_of(d, counts);
  return {{"auc_a", d.auc_a},
          {"auc_b", d.auc_b},
          {"difference", d.auc_a - d.auc_b},
          {"correlation", d.correlation},
          {"variance", name_of(d.variance)},
          {"design_effect", d.design_effect},
          {"test", name_of(d.test)},
          {"alpha", d.alpha},
          {"sides", d.test == PowerTest::difference ? d.sides : 1},
          {"margin", options.margin ? Json(*options.margin) : Json(nullptr)},
          {"positives", counts.positives},
          {"negatives", counts.negatives},
          {"n", counts.total()},
          {"wanted_power", options.positives ? Json(nullptr) : Json(options.power)},
          {"se", se},
          {"power", power},
          {"text", text_of(options, d, counts, se, power)}};
}

}  // namespace

stage::Stage power() {
  return stage::make_stage<PowerOptions>(power_info(), run_power);
}

}  // namespace tagconf::stages
