// The same networks and trainings on a GPU and on the processor. Skipped, with the reason, where there is no
// GPU.
#include <cmath>
#include <cstdlib>
#include <iostream>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/nn/model.hpp"
#include "tagconf/nn/speed.hpp"
#include "tagconf/nn/trainer.hpp"

using namespace tagconf;
using namespace tagconf::nn;

namespace {

constexpr int kSize = 64;
constexpr std::size_t kArea = std::size_t{kSize} * kSize;
constexpr std::size_t kImages = 24;

Compute gpu_or_skip(Precision precision) {
  try {
    return resolve({precision, "cuda", 2});
  } catch (const Error& error) {
    std::cerr << "skipped: " << error.what() << "\n";
    std::exit(42);
  }
}

Compute processor() {
  return resolve({Precision::fp32, "cpu", 2});
}

// Noise; odd ones are brighter.
NpyMap make_pixels(const std::filesystem::path& path) {
  NpyWriter writer(path, NpyType::uint16, {kSize, kSize});
  for (std::size_t i = 0; i < kImages; ++i) {
    Rng rng(1, "gpu", i);
    std::vector<std::uint16_t> plane(kArea);
    for (auto& v : plane)
      v = static_cast<std::uint16_t>(65535 * (0.3 + 0.2 * rng.uniform() + (i % 2 == 1 ? 0.1 : 0)));
    writer.append(std::as_bytes(std::span(plane)));
  }
  writer.commit();
  return NpyMap(path);
}

std::vector<double> logits_on(const Compute& compute) {
  Rng rng(2, "gpu");
  std::vector<float> planes(11 * kArea);
  for (auto& v : planes) v = static_cast<float>(rng.uniform());
  Model model = Model::random(3);
  model.use(compute);
  return model.logits(planes, kSize);
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

TrainOptions options_of(OptimizerKind kind) {
  TrainOptions options;
  options.epochs = 2;
  options.batch = 6;
  options.select = Select::last;
  options.optimizer.kind = kind;
  options.augment = {true, 10, 0.05, 0.05, 0.05, 0.1};
  return options;
}

TrainResult train_on(const Compute& compute, const NpyMap& pixels, const TrainOptions& options,
                     int stop_after = 0, const std::filesystem::path& checkpoints = {}) {
  TrainingData data{pixels, {}, {}};
  for (std::size_t i = 0; i < kImages; ++i)
    data.train.push_back({i, "image" + std::to_string(i), static_cast<int>(i % 2)});
  Model model = Model::random(4);
  model.use(compute);
  TrainHooks hooks;
  int steps = 0;
  hooks.progress = [&](const TrainProgress&) { ++steps; };
  hooks.stop_requested = [&] { return stop_after > 0 && steps >= stop_after; };
  return train(model, data, options, "random", hooks, checkpoints);
}

}  // namespace

TEST_CASE("a GPU's logits in fp32 are the processor's, and in bf16 near them") {
  const auto exact = logits_on(gpu_or_skip(Precision::fp32));
  const auto half = logits_on(gpu_or_skip(Precision::bf16));
  const auto reference = logits_on(processor());
  CHECK(largest_difference(exact, reference) < 1e-4);
  CHECK(largest_difference(half, reference) < 0.05);
  CHECK(largest_difference(half, reference) > 0);
}

TEST_CASE("a training on a GPU takes the processor's course") {
  const test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy");
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::adamw, OptimizerKind::sgd}) {
    const TrainResult gpu = train_on(gpu_or_skip(Precision::fp32), pixels, options_of(kind));
    const TrainResult cpu = train_on(processor(), pixels, options_of(kind));
    CHECK(gpu.draws_digest == cpu.draws_digest);
    CHECK(gpu.steps == cpu.steps);
    REQUIRE(gpu.epochs.size() == 2);
    for (std::size_t i = 0; i < 2; ++i)
      CHECK(gpu.epochs[i].train_loss == Approx(cpu.epochs[i].train_loss).epsilon(5e-3));
  }
}

TEST_CASE("stopped and resumed on a GPU, a training ends where it would have ended") {
  const test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy");
  const TrainOptions options = options_of(OptimizerKind::adam);
  const Compute gpu = gpu_or_skip(Precision::fp32);
  const TrainResult whole = train_on(gpu, pixels, options);
  CHECK_THROWS_AS(train_on(gpu, pixels, options, 5, scratch / "checkpoints"), Error);
  const TrainResult resumed = train_on(gpu, pixels, options, 0, scratch / "checkpoints");
  CHECK(resumed.steps == whole.steps);
  CHECK(resumed.draws_digest == whole.draws_digest);
  CHECK(resumed.epochs.back().train_loss == Approx(whole.epochs.back().train_loss).epsilon(5e-3));
}

TEST_CASE("a GPU's speed and memory are told") {
  const Speed speed = measure_speed({Work::train, kSize, 4}, gpu_or_skip(Precision::bf16), 0.1, {});
  CHECK(speed.images_per_s > 0);
  REQUIRE(speed.peak_bytes);
  CHECK(*speed.peak_bytes > 28'000'000);  // seven million parameters of four bytes
}
