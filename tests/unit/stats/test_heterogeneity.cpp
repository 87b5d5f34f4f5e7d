// Heterogeneity between parts, against closed forms and definitions written out here.
#include <cmath>
#include <map>
#include <set>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/analysis.hpp"
#include "tagconf/stats/covariance.hpp"

namespace tagconf::stats {
namespace {

struct Row {
  std::string part;
  std::string patient;
  int label = 0;
  double a = 0;
  double b = 0;
};

EvaluationSet set_of(const std::vector<Row>& rows) {
  EvaluationSet set;
  std::vector<std::uint8_t> labels;
  ModelScores a;
  a.name = a.train_arm = a.test_arm = "original";
  ModelScores b = a;
  b.name = b.train_arm = b.test_arm = "covered";
  for (const Row& row : rows) {
    labels.push_back(static_cast<std::uint8_t>(row.label));
    set.part.push_back(row.part);
    set.cluster.push_back(row.patient);
    a.score.push_back(row.a);
    b.score.push_back(row.b);
  }
  set.labels = Labels(labels);
  set.models = {a, b};
  return set;
}

// Patients have an effect and a usual label that all their images share; the true AUC is the same in every
// part.
std::vector<Row> simulated(std::uint64_t seed, int patients, const std::vector<std::string>& parts,
                           bool shared) {
  Rng rng(seed, "heterogeneity test");
  std::vector<Row> rows;
  for (int p = 0; p < patients; ++p) {
    const double effect = rng.normal();
    const int usual = rng.chance(0.5) ? 1 : 0;
    for (const std::string& part : parts) {
      const double own = shared ? effect : rng.normal();
      const int images = 1 + static_cast<int>(rng.below(3));
      for (int i = 0; i < images; ++i) {
        Row row;
        row.part = part;
        row.patient = "p" + std::to_string(p) + (shared ? "" : part);
        row.label = rng.chance(0.85) ? usual : 1 - usual;
        const double common = row.label + own + 0.5 * rng.normal();
        row.a = common + 0.5 * rng.normal();
        row.b = common + 0.5 * rng.normal();
        rows.push_back(row);
      }
    }
  }
  return rows;
}

double psi(double x, double y) {
  return x > y ? 1.0 : x == y ? 0.5 : 0.0;
}

// AUC of a part and what each patient adds, from pairs; `score` picks the quantity.
struct ByPairs {
  double value = 0;
  std::map<std::string, double> influence;
};
template <class Score>
ByPairs by_pairs(const std::vector<Row>& rows, const std::string& part, const Score& score) {
  std::vector<Row> positive;
  std::vector<Row> negative;
  std::set<std::string> patients;
  for (const Row& row : rows) {
    if (row.part != part) continue;
    (row.label == 1 ? positive : negative).push_back(row);
    patients.insert(row.patient);
  }
  const auto m = static_cast<double>(positive.size());
  const auto n = static_cast<double>(negative.size());
  ByPairs out;
  for (const Row& x : positive) {
    for (const Row& y : negative) out.value += psi(score(x), score(y)) / (m * n);
  }
  for (const Row& x : positive) {
    double v = 0;
    for (const Row& y : negative) v += psi(score(x), score(y)) / n;
    out.influence[x.patient] += (v - out.value) / m;
  }
  for (const Row& y : negative) {
    double v = 0;
    for (const Row& x : positive) v += psi(score(x), score(y)) / m;
    out.influence[y.patient] += (v - out.value) / n;
  }
  const auto count = static_cast<double>(patients.size());
  for (auto& [patient, value] : out.influence) value *= std::sqrt(count / (count - 1.0));
  return out;
}

double cochran(const std::vector<double>& value, const std::vector<double>& variance) {
  double weights = 0;
  double mean = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    weights += 1.0 / variance[i];
    mean += value[i] / variance[i];
  }
  mean /= weights;
  double q = 0;
  for (std::size_t i = 0; i < value.size(); ++i) q += (value[i] - mean) * (value[i] - mean) / variance[i];
  return q;
}

AnalysisPlan quick() {
  AnalysisPlan plan;
  plan.replicates = 0;
  return plan;
}

const std::vector<std::string> kParts{"ELBOW", "HAND", "WRIST"};

}  // namespace

TEST_CASE("independent parts give Cochran's Q with inverse-variance weights") {
  const std::vector<PartEstimate> parts{{"a", 0.80, 0.0004, {}, Reason::none},
                                        {"b", 0.85, 0.0009, {}, Reason::none},
                                        {"c", 0.70, 0.0025, {}, Reason::none},
                                        {"d", 0.91, 0.0001, {}, Reason::none}};
  const auto found = test_heterogeneity(parts);
  CHECK(found.test.df == 3);
  CHECK(*found.test.chi2 ==
        Approx(cochran({0.80, 0.85, 0.70, 0.91}, {0.0004, 0.0009, 0.0025, 0.0001})).epsilon(1e-12));
  const std::vector<PartEstimate> turned(parts.rbegin(), parts.rend());
  CHECK(*test_heterogeneity(turned).test.chi2 == Approx(*found.test.chi2).epsilon(1e-12));
}

TEST_CASE("parts without a variance are left out with their reason, and fewer than two admit no test") {
  std::vector<PartEstimate> parts{{"a", 0.80, 0.0004, {}, Reason::none},
                                  {"b", 0.0, 0.0, {}, Reason::one_class},
                                  {"c", 0.70, 0.0025, {}, Reason::none}};
  const auto found = test_heterogeneity(parts);
  CHECK(found.parts == std::vector<std::string>{"a", "c"});
  REQUIRE(found.left_out.size() == 1);
  CHECK(found.left_out[0] == std::pair{std::string("b"), Reason::one_class});
  CHECK(*found.test.chi2 == Approx(0.01 / 0.0029));
  parts.pop_back();
  CHECK(test_heterogeneity(parts).test.reason == Reason::fewer_than_two_parts);
  CHECK_FALSE(test_heterogeneity(parts).test.p);
}

TEST_CASE("patients of one part only: the clustered test is Cochran's Q of the clustered variances") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const SetAnalysis out = analyse(set_of(simulated(seed, 25, kParts, false)), quick());
    REQUIRE(out.heterogeneity.size() == 3);
    std::vector<double> value;
    std::vector<double> variance;
    std::vector<double> difference;
    std::vector<double> of_difference;
    for (const PartAnalysis& part : out.parts) {
      value.push_back(*part.analysis.models[0].auc);
      variance.push_back(*part.analysis.models[0].clustered->variance);
      difference.push_back(*part.analysis.comparisons[0].difference);
      of_difference.push_back(*part.analysis.comparisons[0].clustered->variance);
    }
    CHECK(*out.heterogeneity[0].clustered->test.chi2 == Approx(cochran(value, variance)).epsilon(1e-9));
    CHECK(out.heterogeneity[0].clustered->test.df == 2);
    CHECK(out.heterogeneity[2].a == 1);
    CHECK(out.heterogeneity[2].b == std::size_t{0});
    CHECK(*out.heterogeneity[2].clustered->test.chi2 ==
          Approx(cochran(difference, of_difference)).epsilon(1e-9));
  }
}

TEST_CASE("patients of several parts: two parts differ by their variances and what their patients share") {
  const std::vector<std::string> two{"HAND", "WRIST"};
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const auto rows = simulated(seed, 30, two, true);
    const SetAnalysis out = analyse(set_of(rows), quick());
    const auto expected = [&](const auto& score, double first, double second) {
      const ByPairs hand = by_pairs(rows, "HAND", score);
      const ByPairs wrist = by_pairs(rows, "WRIST", score);
      double covariance = 0;
      for (const auto& [patient, value] : hand.influence) {
        const auto other = wrist.influence.find(patient);
        if (other != wrist.influence.end()) covariance += value * other->second;
      }
      CHECK(covariance != 0.0);
      return (hand.value - wrist.value) * (hand.value - wrist.value) / (first + second - 2.0 * covariance);
    };
    const auto variance = [&](std::size_t part) {
      return *out.parts[part].analysis.models[0].clustered->variance;
    };
    const double chi2 = expected([](const Row& r) { return r.a; }, variance(0), variance(1));
    CHECK(*out.heterogeneity[0].clustered->test.chi2 == Approx(chi2).epsilon(1e-9));
    // Without clusters the parts are independent.
    const auto delong = [&](std::size_t part) { return *out.parts[part].analysis.models[0].delong.variance; };
    const double gap = *out.parts[0].analysis.models[0].auc - *out.parts[1].analysis.models[0].auc;
    CHECK(*out.heterogeneity[0].delong.test.chi2 ==
          Approx(gap * gap / (delong(0) + delong(1))).epsilon(1e-9));
  }
}

TEST_CASE("influences sum to nothing, and their squares to no more than the clustered variance") {
  const auto rows = simulated(3, 40, {"HAND"}, true);
  const EvaluationSet set = set_of(rows);
  const Clusters clusters = cluster_rows(std::span<const std::string>(set.cluster), set.labels);
  const Placements placements = place(rank_scores(set.models[0].score), set.labels);
  const ClusterSums sums = sum_by_cluster(placements, set.labels, clusters);
  const auto influence = cluster_influence({&sums}, set.labels, clusters);
  const ByPairs expected = by_pairs(rows, "HAND", [](const Row& r) { return r.a; });
  double sum = 0;
  double squares = 0;
  for (std::size_t row = 0; row < rows.size(); ++row)
    CHECK(influence[clusters.of_row[row]] == Approx(expected.influence.at(rows[row].patient)).margin(1e-12));
  for (const double value : influence) {
    sum += value;
    squares += value * value;
  }
  CHECK(std::abs(sum) < 1e-12);
  const double variance = clustered_covariance({&sums}, {&sums}, set.labels, clusters);
  CHECK(squares <= variance * (1.0 + 1e-12));
  CHECK(squares > 0.9 * variance);
}

TEST_CASE("the clustered test holds its level where patients recur in every part") {
  int tests = 0;
  int model = 0;
  int difference = 0;
  for (std::uint64_t seed = 100; seed < 900; ++seed) {
    const SetAnalysis out = analyse(set_of(simulated(seed, 60, kParts, true)), quick());
    ++tests;
    model += *out.heterogeneity[0].clustered->test.p < 0.05 ? 1 : 0;
    difference += *out.heterogeneity[2].clustered->test.p < 0.05 ? 1 : 0;
  }
  INFO("rejected: AUC " << model << ", difference " << difference << " of " << tests);
  // 5 % within four standard errors (0.8 points) and some room for the small sample.
  for (const int rejected : {model, difference}) {
    CHECK(rejected > tests * 2 / 100);
    CHECK(rejected < tests * 9 / 100);
  }
}

}  // namespace tagconf::stats
