// The power that the formulae tell against how often the library's own test comes out on simulated data.
#include <cmath>

#include "catch.hpp"
#include "paired_data.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/equivalence.hpp"
#include "tagconf/stats/normal.hpp"
#include "tagconf/stats/power.hpp"

namespace tagconf::test {
namespace {

using stats::AucVariance;
using stats::ClassCounts;
using stats::PairedDesign;
using stats::PowerTest;

constexpr std::uint64_t kReplicates = 4000;

struct Scenario {
  const char* name;
  double auc_a;
  double auc_b;
  double score_correlation;
  ClassCounts counts;
  double margin;
};

// Scores whose joint law is normal with the given correlation within a class.
PairedData normal_scores(const Scenario& s, std::uint64_t replicate) {
  Rng rng(3, s.name, replicate);
  const double r = s.score_correlation;
  PairedData data;
  for (std::int64_t i = 0; i < s.counts.total(); ++i) {
    const std::uint8_t label = i < s.counts.positives ? 1 : 0;
    const double first = rng.normal();
    const double second = r * first + std::sqrt(1.0 - r * r) * rng.normal();
    data.labels.push_back(label);
    data.a.push_back(first + label * std::sqrt(2.0) * stats::normal_quantile(s.auc_a));
    data.b.push_back(second + label * std::sqrt(2.0) * stats::normal_quantile(s.auc_b));
  }
  return data;
}

// Exponential scores: negatives of mean 1, positives of mean A / (1 - A), for which Hanley and McNeil's
// variance is exact; joined by a normal copula.
PairedData exponential_scores(const Scenario& s, std::uint64_t replicate) {
  PairedData data = normal_scores({s.name, 0.5, 0.5, s.score_correlation, s.counts, s.margin}, replicate);
  for (std::size_t i = 0; i < data.labels.size(); ++i) {
    const auto turn = [&](double z, double auc) {
      return -std::log(stats::normal_tail(z)) * (data.labels[i] != 0 ? auc / (1.0 - auc) : 1.0);
    };
    data.a[i] = turn(data.a[i], s.auc_a);
    data.b[i] = turn(data.b[i], s.auc_b);
  }
  return data;
}

struct Outcome {
  double difference = 0;  // share of replicates in which the two-sided test finds one
  double non_inferior = 0;
  double equivalent = 0;
  double correlation = 0;  // mean of DeLong's
  double variance_a = 0;   // mean of DeLong's
};

template <class Generate>
Outcome simulate(const Scenario& s, Generate generate) {
  Outcome out;
  for (std::uint64_t replicate = 0; replicate < kReplicates; ++replicate) {
    const PairedAnalysis found = analyse_pair(generate(s, replicate));
    const auto margin = stats::test_margin(found.difference, found.paired, s.margin);
    const double weight = 1.0 / static_cast<double>(kReplicates);
    out.difference += *found.paired.p < 0.05 ? weight : 0.0;
    out.non_inferior += *margin.non_inferior ? weight : 0.0;
    out.equivalent += *margin.equivalent ? weight : 0.0;
    out.correlation += weight * *found.paired.correlation;
    out.variance_a += weight * *found.single.variance;
  }
  return out;
}

PairedDesign design_of(const Scenario& s, double correlation, AucVariance variance) {
  PairedDesign d;
  d.auc_a = s.auc_a;
  d.auc_b = s.auc_b;
  d.correlation = correlation;
  d.variance = variance;
  d.margin = s.margin;
  return d;
}

void check_power(PairedDesign design, PowerTest test, const ClassCounts& counts, double simulated,
                 double slack) {
  design.test = test;
  const double power = stats::power_of(design, counts);
  const double error = std::sqrt(power * (1.0 - power) / static_cast<double>(kReplicates));
  INFO(name_of(test) << ": power " << power << ", simulated " << simulated << ", Monte Carlo error "
                     << error);
  CHECK(std::abs(power - simulated) <= 3.5 * error + slack);
}

}  // namespace

TEST_CASE("the power of Hanley and McNeil's form is the simulated one for exponential scores") {
  for (const Scenario& s : {Scenario{"wide", 0.85, 0.78, 0.6, {150, 200}, 0.03},
                            Scenario{"near", 0.84, 0.81, 0.7, {300, 300}, 0.03},
                            Scenario{"equal", 0.80, 0.80, 0.8, {400, 500}, 0.03}}) {
    INFO(s.name);
    const Outcome found = simulate(s, exponential_scores);
    CHECK(stats::auc_variance(AucVariance::hanley_mcneil, s.auc_a, s.counts) ==
          Approx(found.variance_a).epsilon(0.02));
    const PairedDesign d = design_of(s, found.correlation, AucVariance::hanley_mcneil);
    // The normal approximation itself is good to about a point at these sizes.
    check_power(d, PowerTest::difference, s.counts, found.difference, 0.01);
    check_power(d, PowerTest::non_inferiority, s.counts, found.non_inferior, 0.01);
    check_power(d, PowerTest::equivalence, s.counts, found.equivalent, 0.01);
  }
}

TEST_CASE("the power of the binormal form is the simulated one for normal scores, correlation included") {
  for (const Scenario& s : {Scenario{"binormal", 0.80, 0.74, 0.5, {150, 200}, 0.04},
                            Scenario{"binormal, ten to one", 0.75, 0.70, 0.7, {60, 600}, 0.04}}) {
    INFO(s.name);
    const Outcome found = simulate(s, normal_scores);
    const double r =
        stats::binormal_auc_correlation(s.auc_a, s.auc_b, s.score_correlation, s.score_correlation, s.counts);
    CHECK(r == Approx(found.correlation).margin(0.03));
    // The form is that of the maximum-likelihood AUC, a few per cent better than the empirical one.
    CHECK(stats::auc_variance(AucVariance::binormal, s.auc_a, s.counts) ==
          Approx(found.variance_a).epsilon(0.06));
    const PairedDesign d = design_of(s, r, AucVariance::binormal);
    check_power(d, PowerTest::difference, s.counts, found.difference, 0.03);
    check_power(d, PowerTest::non_inferiority, s.counts, found.non_inferior, 0.03);
    // The published form for rating data never promises more.
    const PairedDesign published = design_of(s, r, AucVariance::obuchowski);
    CHECK(stats::power_of(published, s.counts) < found.difference);
  }
}

TEST_CASE("a sample of the size that the solver finds has the power that was asked for") {
  Scenario s{"solved", 0.86, 0.80, 0.65, {200, 300}, 0.03};
  const double r = simulate(s, exponential_scores).correlation;
  const auto counts = stats::sample_size(design_of(s, r, AucVariance::hanley_mcneil), 0.4, 0.8);
  REQUIRE(counts);
  s.counts = *counts;
  s.name = "solved again";
  CHECK(simulate(s, exponential_scores).difference == Approx(0.8).margin(0.03));
}

}  // namespace tagconf::test
