// How fast this machine trains, predicts and makes batches ready. No torch in this header.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <utility>

#include "tagconf/base/names.hpp"
#include "tagconf/nn/augment.hpp"
#include "tagconf/nn/compute.hpp"

namespace tagconf::nn {

enum class Work { train, predict };

}  // namespace tagconf::nn

template <>
struct tagconf::EnumNames<tagconf::nn::Work> {
  using W = tagconf::nn::Work;
  static constexpr std::array kNames{std::pair{W::train, "train"}, std::pair{W::predict, "predict"}};
};

namespace tagconf::nn {

struct SpeedCase {
  Work work = Work::train;
  int size = 224;  // of the images, a multiple of 32
  int batch = 16;
};

struct Speed {
  double images_per_s = 0;
  int steps = 0;  // that were timed
  // The most memory held during the case: of the process, or on a GPU of the device. Empty where nothing
  // tells.
  std::optional<std::uint64_t> peak_bytes;
};

// One step to warm up, then steps until `seconds` have passed, at least 2, on random images and a network of
// random weights. Training: forward, backward, Adam. Predicting: Model::logits. `compute` is resolved. Error
// incomplete when stopped.
[[nodiscard]] Speed measure_speed(const SpeedCase& what, const Compute& compute, double seconds,
                                  const std::function<bool()>& stop_requested);

// Images a second that one loader thread reads from a memory-mapped 16-bit pack, augments and normalises.
// `scratch` is a folder for the pack.
[[nodiscard]] double measure_loader(int size, const AugmentOptions& augment, double seconds,
                                    const std::filesystem::path& scratch);

}  // namespace tagconf::nn
