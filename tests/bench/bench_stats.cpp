// Times of the statistics: two models compared from arrays in memory on one thread (DeLong, and by cluster),
// the memory that takes, and the cluster bootstrap.
//
//   bench_stats paired N [ROUNDS]  medians of processor time, and peak memory per observation and model
//   bench_stats bootstrap [ROUNDS] 2000 cluster replicates of three models, n = 3197, 783 clusters, on 2
//                                  threads, by the clock
//   bench_stats write N FILE       the data of `paired` for other programs: labels, a, b as float64
//
// Prints one line a figure: name, value, unit.
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/stats/bootstrap.hpp"
#include "tagconf/stats/clusters.hpp"
#include "tagconf/stats/covariance.hpp"
#include "tagconf/stats/inference.hpp"
#include "timing.hpp"

namespace {

// Bytes on the heap now, and the most there have been.
std::size_t held = 0;
std::size_t most_held = 0;

void* take(std::size_t size) {
  void* memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  held += malloc_usable_size(memory);
  most_held = std::max(most_held, held);
  return memory;
}

void give(void* memory) noexcept {
  if (memory == nullptr) return;
  held -= malloc_usable_size(memory);
  std::free(memory);
}

}  // namespace

void* operator new(std::size_t size) {
  return take(size);
}
void* operator new[](std::size_t size) {
  return take(size);
}
void operator delete(void* memory) noexcept {
  give(memory);
}
void operator delete[](void* memory) noexcept {
  give(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  give(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  give(memory);
}

namespace {

using namespace tagconf;

struct Data {
  std::vector<std::uint8_t> labels;
  std::vector<std::vector<double>> scores;
  std::vector<std::uint64_t> cluster;
};

// Float32 scores of correlated models on a cohort of clusters of about four rows, in the order of a file.
Data make_data(std::size_t n, std::size_t models, std::size_t clusters) {
  Rng rng(1, "bench");
  Data data;
  data.scores.resize(models);
  std::vector<double> effect(clusters);
  for (double& e : effect) e = rng.normal();
  for (std::size_t row = 0; row < n; ++row) {
    const std::uint64_t cluster = row * clusters / n;
    const std::uint8_t label = rng.chance(0.4786) ? 1 : 0;
    const double shared = 1.4 * label + 0.6 * effect[cluster] + 0.6 * rng.normal();
    data.labels.push_back(label);
    data.cluster.push_back(cluster);
    for (auto& scores : data.scores)
      scores.push_back(static_cast<double>(static_cast<float>(shared + 0.5 * rng.normal())));
  }
  return data;
}

stats::DifferenceInference compare(const Data& data, bool by_cluster) {
  const stats::Labels labels(data.labels);
  const auto a = stats::place(stats::rank_scores(data.scores[0]), labels);
  const auto b = stats::place(stats::rank_scores(data.scores[1]), labels);
  const double difference = stats::difference_of_auc(a, b, labels);
  const auto infer = [&](const auto& x, const auto& y, auto covariance) {
    using Contrast = stats::Contrast<std::decay_t<decltype(x)>>;
    const Contrast pair{&x, &y};
    return stats::infer_difference(difference, covariance(pair, pair), covariance(Contrast{&x}, Contrast{&x}),
                                   covariance(Contrast{&y}, Contrast{&y}),
                                   covariance(Contrast{&x}, Contrast{&y}));
  };
  if (!by_cluster) return infer(a, b, [&](auto x, auto y) { return stats::delong_covariance(x, y, labels); });
  const auto clusters = stats::cluster_rows(std::span<const std::uint64_t>(data.cluster), labels);
  return infer(stats::sum_by_cluster(a, labels, clusters), stats::sum_by_cluster(b, labels, clusters),
               [&](auto x, auto y) { return stats::clustered_covariance(x, y, labels, clusters); });
}

double milliseconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
}

void tell(const std::string& name, double value, const std::string& unit) {
  std::printf("%s %.6g %s\n", name.c_str(), value, unit.c_str());
}

void bench_paired(std::size_t n, int rounds) {
  const Data data = make_data(n, 2, n / 4);
  double sink = *compare(data, true).z;  // warms up
  std::vector<double> delong, clustered, ratio;
  for (int round = 0; round < rounds; ++round) {
    delong.push_back(processor_milliseconds([&] { sink += *compare(data, false).z; }));
    clustered.push_back(processor_milliseconds([&] { sink += *compare(data, true).z; }));
    ratio.push_back(clustered.back() / delong.back());
  }
  tell("delong", median(delong), "ms");
  tell("clustered", median(clustered), "ms");
  tell("clustered_over_delong", median(ratio), "x");
  for (const bool by_cluster : {false, true}) {
    const std::size_t before = most_held = held;
    sink += *compare(data, by_cluster).z;
    tell(by_cluster ? "memory_clustered" : "memory_delong",
         static_cast<double>(most_held - before) / (2.0 * static_cast<double>(n)), "bytes/row/model");
  }
  tell("z", *compare(data, false).z, "");
  if (!std::isfinite(sink)) std::exit(1);
}

void bench_bootstrap(int rounds) {
  const Data data = make_data(3197, 3, 783);
  const stats::Labels labels(data.labels);
  const auto clusters = stats::cluster_rows(std::span<const std::uint64_t>(data.cluster), labels);
  std::vector<stats::Ranking> models;
  for (const auto& scores : data.scores) models.push_back(stats::rank_scores(scores));
  std::vector<double> times;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(milliseconds([&] {
      const auto draws =
          stats::bootstrap_auc(models, labels, &clusters, {stats::Resampling::cluster, 2000, 1, 2});
      if (draws.auc.size() != 3) std::exit(1);
    }));
  }
  tell("bootstrap", median(times), "ms");
}

void write_data(std::size_t n, const std::string& file) {
  const Data data = make_data(n, 2, n / 4);
  std::vector<double> values(data.labels.begin(), data.labels.end());
  for (const auto& scores : data.scores) values.insert(values.end(), scores.begin(), scores.end());
  std::ofstream out(file, std::ios::binary);
  out.write(reinterpret_cast<const char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(double)));
  if (!out) {
    std::cerr << file << ": cannot be written\n";
    std::exit(8);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i, int fallback) {
    return i < words.size() ? std::max(1, std::atoi(words[i].c_str())) : fallback;
  };
  if (words.size() >= 2 && words[0] == "paired") {
    bench_paired(static_cast<std::size_t>(std::max(8, number(1, 40561))), number(2, 11));
  } else if (!words.empty() && words[0] == "bootstrap") {
    bench_bootstrap(number(1, 5));
  } else if (words.size() == 3 && words[0] == "write") {
    write_data(static_cast<std::size_t>(std::max(8, number(1, 40561))), words[2]);
  } else {
    std::cerr << "usage: bench_stats paired N [ROUNDS] | bootstrap [ROUNDS] | write N FILE\n";
    return 2;
  }
}
