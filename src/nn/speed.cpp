#include "tagconf/nn/speed.hpp"

#include <c10/core/CachingDeviceAllocator.h>
#include <chrono>

#include "optimizer.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/memory.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/nn/loader.hpp"
#include "tagconf/nn/model.hpp"
#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

constexpr int kLeastSteps = 2;
constexpr int kWarmUpSteps = 2;  // the first finds the kernels, the second the memory
constexpr double kRate = 1e-4;
constexpr std::size_t kLoaderImages = 64;
constexpr std::size_t kLoaderBatch = 16;

class Stopwatch {
 public:
  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

std::vector<float> random_values(std::size_t count) {
  Rng rng(1, "speed");
  std::vector<float> values(count);
  for (float& v : values) v = static_cast<float>(rng.uniform());
  return values;
}

// The peak of one stretch of work. What an earlier one freed is handed back first.
class PeakMeter {
 public:
  explicit PeakMeter(const Compute& compute) : device_(device_of(compute)) {
    if (device_.is_cuda()) {
      c10::getDeviceAllocator(device_.type())->resetPeakStats(index());
      return;
    }
    release_freed_memory();
    known_ = reset_peak_memory();
  }

  [[nodiscard]] std::optional<std::uint64_t> bytes() const {
    if (!device_.is_cuda()) return known_ ? peak_memory() : std::nullopt;
    const auto stats = c10::getDeviceAllocator(device_.type())->getDeviceStats(index());
    return static_cast<std::uint64_t>(stats.allocated_bytes[0].peak);
  }

 private:
  [[nodiscard]] c10::DeviceIndex index() const {
    return device_.has_index() ? device_.index() : c10::DeviceIndex{0};
  }
  torch::Device device_;
  bool known_ = false;
};

// `step` works on `batch` images and returns when they are done.
Speed timed(const std::function<void()>& step, int batch, double seconds,
            const std::function<bool()>& stop_requested) {
  const auto next = [&] {
    if (stop_requested && stop_requested()) throw Error(ErrorCode::incomplete, "stopped while measuring");
    step();
  };
  for (int i = 0; i < kWarmUpSteps; ++i) next();
  Speed speed;
  const Stopwatch watch;
  do {
    next();
    ++speed.steps;
  } while (speed.steps < kLeastSteps || watch.seconds() < seconds);
  speed.images_per_s = batch * speed.steps / watch.seconds();
  return speed;
}

Speed measure_training(Model& model, const SpeedCase& what, double seconds,
                       const std::function<bool()>& stop) {
  const Compute& compute = model.compute();
  Optimizer optimizer(model.network(), {});
  model.network().train();
  std::vector<float> values = random_values(static_cast<std::size_t>(what.batch) *
                                            static_cast<std::size_t>(what.size * what.size) * 3);
  std::vector<float> labels(static_cast<std::size_t>(what.batch));
  for (std::size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<float>(i % 2);
  return timed(
      [&] {
        const torch::Tensor target =
            torch::from_blob(labels.data(), {what.batch}, torch::kFloat).to(device_of(compute));
        (void)train_step(model.network(), optimizer, input_tensor(values, what.batch, what.size, compute),
                         target, 1, kRate, compute);
        if (device_of(compute).is_cuda()) torch::cuda::synchronize();
      },
      what.batch, seconds, stop);
}

}  // namespace

Speed measure_speed(const SpeedCase& what, const Compute& compute, double seconds,
                    const std::function<bool()>& stop_requested) {
  check_input_size(what.size, "the images' side");
  const PeakMeter peak(compute);
  Model model = Model::random(1);
  model.use(compute);
  Speed speed;
  if (what.work == Work::train) {
    speed = measure_training(model, what, seconds, stop_requested);
  } else {
    const std::vector<float> planes =
        random_values(static_cast<std::size_t>(what.batch) * static_cast<std::size_t>(what.size * what.size));
    speed = timed([&] { (void)model.logits(planes, what.size); }, what.batch, seconds, stop_requested);
  }
  speed.peak_bytes = peak.bytes();
  return speed;
}

double measure_loader(int size, const AugmentOptions& augment, double seconds,
                      const std::filesystem::path& scratch) {
  const auto side = static_cast<std::size_t>(size);
  const std::filesystem::path file = scratch / "pack.npy";
  NpyWriter writer(file, NpyType::uint16, {side, side});
  std::vector<LabelledImage> images;
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < kLoaderImages; ++i) {
    Rng rng(1, "speed", i);
    std::vector<std::uint16_t> plane(side * side);
    for (auto& v : plane) v = static_cast<std::uint16_t>(rng.below(65536));
    writer.append(std::as_bytes(std::span(plane)));
    ids.push_back(std::to_string(i));
    images.push_back({i, ids.back(), static_cast<int>(i % 2)});
  }
  writer.commit();
  const NpyMap pixels(file);
  std::size_t done = 0;
  const Stopwatch watch;
  for (std::uint64_t epoch = 1; epoch == 1 || watch.seconds() < seconds; ++epoch) {
    const EpochPlan plan = plan_epoch(1, epoch, ids, kLoaderBatch, augment);
    Loader loader(pixels, images, plan, 0, 1);
    while (const Batch* batch = loader.next()) done += batch->images.size();
  }
  return static_cast<double>(done) / watch.seconds();
}

}  // namespace tagconf::nn
