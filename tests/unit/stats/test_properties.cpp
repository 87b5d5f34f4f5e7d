// Properties of AUCs and their variances that need no reference numbers, over random data with ties.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <string>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/bootstrap.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/inference.hpp"
#include "tagconf/stats/threshold_curve.hpp"

namespace tagconf::stats {
namespace {

struct Data {
  std::vector<std::uint8_t> labels;
  std::vector<double> a;
  std::vector<double> b;
  std::vector<std::uint64_t> cluster;
};

// Scores on a grid, so that ties within and between classes are common; clusters of one to five rows.
Data random_data(std::uint64_t seed) {
  Rng rng(seed, "statistics properties");
  const std::size_t n = 20 + rng.below(180);
  const double grid = rng.chance(0.5) ? 4.0 : 64.0;
  Data data;
  std::uint64_t cluster = 0;
  double shared = rng.normal();
  for (std::size_t i = 0; i < n; ++i) {
    if (rng.chance(0.4)) {
      ++cluster;
      shared = rng.normal();
    }
    const std::uint8_t label = rng.chance(0.4) ? 1 : 0;
    data.labels.push_back(label);
    data.cluster.push_back(cluster);
    data.a.push_back(std::round((shared + label + rng.normal()) * grid) / grid);
    data.b.push_back(std::round((shared + 0.5 * label + rng.normal()) * grid) / grid);
  }
  data.labels[0] = data.labels[1] = 1;
  data.labels[n - 1] = data.labels[n - 2] = 0;
  data.cluster[1] = cluster + 1;
  data.cluster[n - 2] = cluster + 2;
  return data;
}

struct Figures {
  double auc_a, auc_b, difference;
  double delong_a, delong_difference;
  double clustered_a, clustered_difference;
  double average_precision;
  DifferenceInference test;
  DifferenceInference clustered_test;
};

Figures figures(const Data& data) {
  const Labels labels(data.labels);
  const Clusters clusters = cluster_rows(std::span<const std::uint64_t>(data.cluster), labels);
  const Ranking ranking = rank_scores(data.a);
  const Placements a = place(ranking, labels);
  const Placements b = place(rank_scores(data.b), labels);
  const ClusterSums sa = sum_by_cluster(a, labels, clusters);
  const ClusterSums sb = sum_by_cluster(b, labels, clusters);
  const Contrast<Placements> pair{&a, &b};
  const Contrast<ClusterSums> cluster_pair{&sa, &sb};
  Figures out;
  out.auc_a = auc(a, labels);
  out.auc_b = auc(b, labels);
  out.difference = difference_of_auc(a, b, labels);
  out.delong_a = delong_covariance({&a}, {&a}, labels);
  out.delong_difference = delong_covariance(pair, pair, labels);
  out.clustered_a = clustered_covariance({&sa}, {&sa}, labels, clusters);
  out.clustered_difference = clustered_covariance(cluster_pair, cluster_pair, labels, clusters);
  out.average_precision = average_precision(threshold_curve(ranking, data.a, labels));
  out.test = infer_difference(out.difference, out.delong_difference, out.delong_a, out.delong_a, 0.0);
  out.clustered_test =
      infer_difference(out.difference, out.clustered_difference, out.clustered_a, out.clustered_a, 0.0);
  return out;
}

bool close(double x, double y) {
  return std::abs(x - y) <= 1e-12 * std::max(std::abs(x), std::abs(y)) + 1e-16;
}

void check_variances(const Figures& x, const Figures& y) {
  CHECK(close(x.delong_a, y.delong_a));
  CHECK(close(x.delong_difference, y.delong_difference));
  CHECK(close(x.clustered_a, y.clustered_a));
  CHECK(close(x.clustered_difference, y.clustered_difference));
}

void check_equal(const Figures& x, const Figures& y) {
  CHECK(x.auc_a == y.auc_a);
  CHECK(x.auc_b == y.auc_b);
  CHECK(x.difference == y.difference);
  CHECK(close(x.average_precision, y.average_precision));
  check_variances(x, y);
}

template <class T>
std::vector<T> permuted(const std::vector<T>& values, const std::vector<std::size_t>& order) {
  std::vector<T> out;
  for (const std::size_t i : order) out.push_back(values[i]);
  return out;
}

constexpr std::uint64_t kDataSets = 60;

}  // namespace

TEST_CASE("the AUC is the mean over pairs, and DeLong's variance that of the placements") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    std::vector<double> v10, v01;
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
      double sum = 0;
      double count = 0;
      for (std::size_t j = 0; j < data.labels.size(); ++j) {
        if (data.labels[i] == data.labels[j]) continue;
        const double high = data.labels[i] == 1 ? data.a[i] : data.a[j];
        const double low = data.labels[i] == 1 ? data.a[j] : data.a[i];
        sum += high > low ? 1.0 : high == low ? 0.5 : 0.0;
        count += 1;
      }
      (data.labels[i] == 1 ? v10 : v01).push_back(sum / count);
    }
    const auto mean = [](const std::vector<double>& v) {
      return std::accumulate(v.begin(), v.end(), 0.0) / static_cast<double>(v.size());
    };
    const auto variance = [&](const std::vector<double>& v) {
      double sum = 0;
      for (const double x : v) sum += (x - mean(v)) * (x - mean(v));
      return sum / static_cast<double>(v.size() - 1);
    };
    const Figures f = figures(data);
    CHECK(f.auc_a == Approx(mean(v10)).epsilon(1e-13));
    CHECK(f.delong_a == Approx(variance(v10) / static_cast<double>(v10.size()) +
                               variance(v01) / static_cast<double>(v01.size()))
                            .epsilon(1e-11));
  }
}

TEST_CASE("shuffling rows changes nothing") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    std::vector<std::size_t> order(data.labels.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    Rng rng(seed, "shuffle");
    rng.shuffle(order);
    check_equal(figures(data), figures({permuted(data.labels, order), permuted(data.a, order),
                                        permuted(data.b, order), permuted(data.cluster, order)}));
  }
}

TEST_CASE("a strictly increasing map of the scores changes nothing") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    Data mapped = data;
    for (double& x : mapped.a) x = std::exp(0.3 * x) - 7.0;
    for (double& x : mapped.b) x = x * x * x + 4.0 * x;
    check_equal(figures(data), figures(mapped));
  }
}

TEST_CASE("negated scores or swapped labels give 1 - AUC with the same variances, both together nothing") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    Data negated = data;
    for (double& x : negated.a) x = -x;
    for (double& x : negated.b) x = -x;
    Data swapped = data;
    for (auto& label : swapped.labels) label = static_cast<std::uint8_t>(1 - label);
    Data both = negated;
    both.labels = swapped.labels;
    const Figures f = figures(data);
    for (const Data& turned : {negated, swapped}) {
      const Figures g = figures(turned);
      CHECK(g.auc_a == Approx(1.0 - f.auc_a).epsilon(1e-14));
      CHECK(g.difference == Approx(-f.difference).margin(1e-15));
      check_variances(f, g);
    }
    const Figures g = figures(both);
    CHECK(g.auc_a == f.auc_a);
    CHECK(g.difference == f.difference);
    check_variances(f, g);
  }
}

TEST_CASE("renaming clusters changes nothing, and neither does splitting them change an AUC") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    Data renamed = data;
    for (auto& c : renamed.cluster) c = (c * 2654435761U) ^ 0x5bd1e995U;
    check_equal(figures(data), figures(renamed));
    Data split = data;
    std::iota(split.cluster.begin(), split.cluster.end(), std::uint64_t{0});
    CHECK(figures(split).auc_a == figures(data).auc_a);
    CHECK(figures(split).difference == figures(data).difference);
  }
}

TEST_CASE("clusters of one row give DeLong's variance") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    Data data = random_data(seed);
    std::iota(data.cluster.begin(), data.cluster.end(), std::uint64_t{0});
    // With one row a cluster, I / (I - 1) multiplies nothing but zeros.
    const Figures f = figures(data);
    CHECK(close(f.clustered_a, f.delong_a));
    CHECK(close(f.clustered_difference, f.delong_difference));
  }
}

TEST_CASE("swapping the models turns difference and z round and keeps p") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    Data swapped = data;
    std::swap(swapped.a, swapped.b);
    const Figures f = figures(data);
    const Figures g = figures(swapped);
    CHECK(g.difference == -f.difference);
    CHECK(g.delong_difference == f.delong_difference);
    CHECK(g.clustered_difference == f.clustered_difference);
    REQUIRE(f.test.z.has_value());
    CHECK(*g.test.z == -*f.test.z);
    CHECK(*g.test.p == *f.test.p);
    REQUIRE(f.clustered_test.z.has_value());
    CHECK(*g.clustered_test.z == -*f.clustered_test.z);
    CHECK(*g.clustered_test.p == *f.clustered_test.p);
  }
}

TEST_CASE("a model against itself has a difference of exactly zero variance") {
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    Data data = random_data(seed);
    data.b = data.a;
    for (double& x : data.b) x = 4.0 * x + 1.0;
    const Figures f = figures(data);
    CHECK(f.difference == 0.0);
    CHECK(f.delong_difference == 0.0);
    CHECK(f.clustered_difference == 0.0);
    CHECK(f.test.reason == Reason::zero_variance_of_difference);
  }
}

TEST_CASE("the clustered variance obeys its lower bound") {
  // I / (I - 1) sum (D / m + E / n)^2 over the clusters, from placements as fractions.
  for (std::uint64_t seed = 0; seed < kDataSets; ++seed) {
    const Data data = random_data(seed);
    const Labels labels(data.labels);
    const Placements a = place(rank_scores(data.a), labels);
    const auto m = static_cast<double>(labels.positives());
    const auto n = static_cast<double>(labels.negatives());
    std::map<std::uint64_t, double> sums;
    for (std::size_t row = 0; row < labels.size(); ++row) {
      const double others = labels.positive(row) ? n : m;
      const double own = labels.positive(row) ? m : n;
      sums[data.cluster[row]] += (a.twice[row] / (2.0 * others) - auc(a, labels)) / own;
    }
    double bound = 0;
    for (const auto& [cluster, sum] : sums) bound += sum * sum;
    const auto count = static_cast<double>(sums.size());
    CHECK(figures(data).clustered_a >= bound * count / (count - 1.0) * (1.0 - 1e-9));
  }
}

TEST_CASE("large sets are ranked like small ones: signs, infinities, subnormals and ties") {
  Rng rng(3, "ranking");
  for (const std::size_t n : {1999U, 2000U, 6000U}) {
    std::vector<double> scores;
    for (std::size_t i = 0; i < n; ++i) {
      const double special[] = {0.0,
                                -0.0,
                                5e-324,
                                -5e-324,
                                1e308,
                                -1e308,
                                1.0,
                                -1.0,
                                std::numeric_limits<double>::infinity(),
                                -std::numeric_limits<double>::infinity()};
      const bool wide = rng.chance(0.5);
      scores.push_back(rng.chance(0.2) ? special[rng.below(10)]
                       : wide          ? rng.normal() * std::exp(rng.uniform(-300.0, 300.0))
                                       : std::round(8.0 * rng.normal()) / 8.0);
    }
    const Ranking ranking = rank_scores(scores);
    std::vector<std::uint32_t> rows = ranking.order;
    std::sort(rows.begin(), rows.end());
    for (std::uint32_t i = 0; i < n; ++i) REQUIRE(rows[i] == i);
    REQUIRE(ranking.run_end.back() == n);
    std::size_t begin = 0;
    for (const std::uint32_t end : ranking.run_end) {
      for (std::size_t i = begin; i < end; ++i)
        REQUIRE(scores[ranking.order[i]] == scores[ranking.order[begin]]);
      if (end < n) REQUIRE(scores[ranking.order[begin]] > scores[ranking.order[end]]);
      begin = end;
    }
  }
}

TEST_CASE("clusters are numbered in order of first appearance, whatever their ids and their order") {
  Rng rng(4, "clusters");
  const std::size_t n = 20000;
  std::vector<std::uint8_t> values;
  std::vector<std::uint64_t> ids;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < n; ++i) {
    values.push_back(i % 3 == 0 ? 1 : 0);
    const bool again = i > 0 && rng.chance(0.3);
    ids.push_back(again ? ids.back() : rng.below(5000) << 40U);
    names.push_back("patient" + std::to_string(ids.back()));
  }
  const Labels labels(values);
  const Clusters clusters = cluster_rows(std::span<const std::uint64_t>(ids), labels);
  std::map<std::uint64_t, std::uint32_t> number;
  for (std::size_t i = 0; i < n; ++i)
    REQUIRE(clusters.of_row[i] ==
            number.try_emplace(ids[i], static_cast<std::uint32_t>(number.size())).first->second);
  CHECK(clusters.count() == number.size());
  CHECK(cluster_rows(std::span<const std::string>(names), labels).of_row == clusters.of_row);
}

TEST_CASE("the bootstrap gives the same draws for any number of threads, and others for another seed") {
  const Data data = random_data(7);
  const Labels labels(data.labels);
  const Clusters clusters = cluster_rows(std::span<const std::uint64_t>(data.cluster), labels);
  const std::vector<Ranking> models{rank_scores(data.a), rank_scores(data.b)};
  for (const Resampling kind :
       {Resampling::observation, Resampling::observation_stratified, Resampling::cluster}) {
    BootstrapPlan plan{kind, 300, 11, 1};
    const auto one = bootstrap_auc(models, labels, &clusters, plan);
    plan.threads = 3;
    const auto three = bootstrap_auc(models, labels, &clusters, plan);
    CHECK(one.auc == three.auc);
    plan.seed = 12;
    CHECK(bootstrap_auc(models, labels, &clusters, plan).auc != one.auc);
  }
}

TEST_CASE("a bootstrap replicate of whole clusters is the AUC of the rows drawn") {
  // Two clusters: a draw is one of them twice, or both once.
  const Labels labels(std::vector<std::uint8_t>{1, 0, 1, 0});
  const std::vector<double> scores{2, 1, 1, 2};
  const std::vector<std::uint64_t> ids{5, 5, 9, 9};
  const Clusters clusters = cluster_rows(std::span<const std::uint64_t>(ids), labels);
  const std::vector<Ranking> models{rank_scores(scores)};
  const auto draws = bootstrap_auc(models, labels, &clusters, {Resampling::cluster, 400, 3, 2});
  REQUIRE(draws.auc[0].size() == 400);
  std::array<int, 3> seen{};
  for (const double a : draws.auc[0]) {
    if (a == 1.0) ++seen[0];
    if (a == 0.5) ++seen[1];
    if (a == 0.0) ++seen[2];
  }
  CHECK(seen[0] + seen[1] + seen[2] == 400);
  for (const int count : seen) CHECK(count > 60);
}

TEST_CASE("one-class draws are thrown away and counted") {
  const Labels labels(std::vector<std::uint8_t>{1, 0});
  const std::vector<double> scores{2, 1};
  const std::vector<Ranking> models{rank_scores(scores)};
  const auto draws = bootstrap_auc(models, labels, nullptr, {Resampling::observation, 1000, 3, 2});
  CHECK(draws.discarded + draws.auc[0].size() == 1000);
  CHECK(draws.discarded > 400);
  CHECK(draws.discarded < 600);
  CHECK_FALSE(summarise({0.5}).has_value());
}

}  // namespace tagconf::stats
