// Times of the audit's comparisons, without reading any picture.
//
//   bench_audit hashes N [ROUNDS] [THREADS]   all pairs of N random hashes
//   bench_audit correlate [ROUNDS]            one pair of thumbnails
//   bench_audit alike N [PERCENT [POSES [ROUNDS [THREADS]]]]
//       find_leaks of N pictures, of which PERCENT are brighter or darker copies of another; the rest differ
//       at random, or, with POSES, are so many kinds of picture whose members look alike to the hashes
//
// Times are the processor's, medians over rounds. Prints one line a figure: name, value, unit.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/parallel.hpp"
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

// Soft blobs, the same for pictures of one pose but for a shift of each by up to `jitter` of the side.
imaging::GreyImage picture_of(std::uint64_t pose, std::uint64_t number, double jitter) {
  constexpr int kSide = cohort::kThumbnailSide;
  constexpr int kBlobs = 9;
  Rng shape(3, "bench_audit.pose", pose);
  Rng own(3, "bench_audit.own", number);
  std::vector<double> grey(std::size_t{kSide} * kSide);
  for (int blob = 0; blob < kBlobs; ++blob) {
    const double x0 = kSide * (shape.uniform(0, 1) + own.uniform(-jitter, jitter));
    const double y0 = kSide * (shape.uniform(0, 1) + own.uniform(-jitter, jitter));
    const double across = kSide * shape.uniform(0.08, 0.25);
    const double down = kSide * shape.uniform(0.08, 0.25);
    const double bright = shape.uniform(0.2, 0.6);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) {
        const double dx = (x - x0) / across;
        const double dy = (y - y0) / down;
        grey[static_cast<std::size_t>(y * kSide + x)] += bright * std::exp(-dx * dx - dy * dy);
      }
    }
  }
  imaging::GreyImage out(kSide, kSide, 8);
  for (std::size_t i = 0; i < grey.size(); ++i)
    out.pixels[i] =
        static_cast<std::uint16_t>(std::lround(255 * std::clamp(grey[i] + 0.01 * own.normal(), 0.0, 1.0)));
  return out;
}

struct AlikeCase {
  std::size_t images = 0;
  int percent = 0;
  std::size_t poses = 0;  // 0: each picture its own
};

std::vector<std::optional<cohort::Fingerprint>> prints_of(const AlikeCase& c) {
  // Far enough to be told apart by the thumbnails, near enough for most hashes.
  constexpr double kJitter = 0.02;
  const std::size_t copies = c.images * static_cast<std::size_t>(c.percent) / 100;
  const std::size_t originals = c.images - copies;
  std::vector<std::optional<cohort::Fingerprint>> out(c.images);
  parallel_for(c.images, 0, [&](std::size_t i) {
    const std::size_t of = i < originals ? i : (i - originals) * 7 % originals;
    imaging::GreyImage picture = picture_of(c.poses > 0 ? of % c.poses : of, of, c.poses > 0 ? kJitter : 0);
    if (i >= originals) {
      for (auto& value : picture.pixels) value = static_cast<std::uint16_t>(value * 4 / 5 + i % 40);
    }
    out[i] = cohort::make_fingerprint(picture);
  });
  return out;
}

std::size_t count_hits(const std::vector<std::optional<cohort::Fingerprint>>& prints, bool mirrored) {
  std::vector<cohort::LookHash> hashes;
  std::vector<cohort::LookHash> others;
  for (const auto& print : prints) {
    hashes.push_back(print->hash);
    others.push_back(mirrored ? print->mirrored : print->hash);
  }
  std::atomic<std::size_t> hits{0};
  (void)cohort::find_near_pairs(
      hashes, others, cohort::LeakOptions{}.max_distance, 0,
      [&](std::size_t, std::size_t) {
        ++hits;
        return std::optional<double>();
      },
      [] { return false; });
  return hits;
}

void bench_alike(const AlikeCase& c, int rounds, int threads) {
  const auto prints = prints_of(c);
  std::vector<cohort::ManifestRow> rows(c.images);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].sample.image_id = std::to_string(i);
    rows[i].sample.split = i % 5 == 0 ? Split::test : Split::train;
  }
  std::vector<double> times;
  std::size_t found = 0;
  for (int round = 0; round < rounds; ++round) {
    times.push_back(processor_milliseconds(
        [&] { found = cohort::find_leaks(rows, prints, {}, threads, [] { return false; }).size(); }));
  }
  std::printf("find_leaks %.6g ms\nhashes_alike %zu\nhashes_alike_mirrored %zu\npairs_found %zu\n",
              median(times), count_hits(prints, false), count_hits(prints, true), found);
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
  } else if (words.size() >= 2 && words[0] == "alike") {
    const int poses = words.size() > 3 ? std::atoi(words[3].c_str()) : 0;
    bench_alike({static_cast<std::size_t>(number(1, 40561)), number(2, 5),
                 static_cast<std::size_t>(std::max(0, poses))},
                number(4, 3), number(5, 1));
  } else {
    std::cerr << "usage: bench_audit hashes N [ROUNDS] [THREADS] | correlate [ROUNDS] |\n"
                 "       alike N [PERCENT [POSES [ROUNDS [THREADS]]]]\n";
    return 2;
  }
}
