// Times of the audit's comparisons, without reading any picture.
//
//   bench_audit hashes N [ROUNDS] [THREADS]   all pairs of N random hashes
//   bench_audit correlate [ROUNDS]            one pair of thumbnails
//
// Times are the processor's, medians over rounds. Prints one line a figure: name, value, unit.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/leaks.hpp"
#include "tagconf/cohort/near_pairs.hpp"
#include "timing.hpp"

namespace {

using namespace tagconf;

std::uint64_t word(Rng& rng) {
  return std::uint64_t{rng.next()} << 32U | rng.next();
}

void bench_hashes(std::size_t n, int rounds, int threads) {
  Rng rng(1, "bench_audit");
  std::vector<cohort::LookHash> hashes(n);
  for (auto& hash : hashes) hash = {word(rng), word(rng)};
  std::vector<double> times;
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(processor_milliseconds([&] {
      found += cohort::find_near_pairs(
                   hashes, hashes, cohort::LeakOptions{}.max_distance, threads,
                   [](std::size_t, std::size_t) { return 1.0; }, [] { return false; })
                   .size();
    }));
  }
  std::printf("all_pairs %.6g ms\npairs_found %zu\n", median(times), found);
}

void bench_correlate(int rounds) {
  Rng rng(2, "bench_audit");
  std::vector<std::uint8_t> a(cohort::kThumbnailSide * cohort::kThumbnailSide);
  for (auto& value : a) value = static_cast<std::uint8_t>(rng.below(256));
  std::vector<std::uint8_t> b = a;
  for (std::size_t i = 0; i < b.size(); i += 50) b[i] = static_cast<std::uint8_t>(rng.below(256));
  std::vector<double> times;
  double sink = 0;
  constexpr int kCalls = 1000;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(processor_milliseconds([&] {
      for (int i = 0; i < kCalls; ++i) sink += cohort::correlate(a, b).value_or(0);
    }));
  }
  std::printf("correlate %.6g us\nmean %.6g\n", 1e3 * median(times) / kCalls, sink / rounds / kCalls);
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  const auto number = [&](std::size_t i, int fallback) {
    return i < words.size() ? std::max(1, std::atoi(words[i].c_str())) : fallback;
  };
  if (words.size() >= 2 && words[0] == "hashes") {
    bench_hashes(static_cast<std::size_t>(number(1, 40561)), number(2, 5), number(3, 1));
  } else if (!words.empty() && words[0] == "correlate") {
    bench_correlate(number(1, 5));
  } else {
    std::cerr << "usage: bench_audit hashes N [ROUNDS] [THREADS] | correlate [ROUNDS]\n";
    return 2;
  }
}
