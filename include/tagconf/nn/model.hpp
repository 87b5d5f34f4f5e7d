// A DenseNet-121 with one output as stages use it: made, read, applied, written. No torch in this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/nn/compute.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::nn {

class DenseNet121Impl;

// Images are always computed in groups of this size, the last one filled up: matrix kernels choose how they
// group sums by the number of images, and a result must not depend on how many others were asked for. (Within
// a group of 4 or more the place of an image was seen to make no difference.)
inline constexpr std::size_t kGroup = 8;

// What a file written by `train` says of itself; empty where it does not.
struct ModelInfo {
  std::optional<int> input_size;
  std::string arm;
  std::string seed;
};

class Model {
 public:
  // Random weights, a function of the seed alone.
  [[nodiscard]] static Model random(std::uint64_t seed);
  // Published weights as a start: a head of another size is replaced by a seeded one.
  [[nodiscard]] static Model pretrained(const std::filesystem::path& weights, std::uint64_t seed);
  // A trained model; its head must have one output.
  [[nodiscard]] static Model trained(const std::filesystem::path& weights);

  Model(Model&&) noexcept;
  Model& operator=(Model&&) noexcept;
  ~Model();

  // float32; same weights and metadata, same bytes.
  void write(const std::filesystem::path& path, const Metadata& metadata) const;
  [[nodiscard]] const ModelInfo& info() const { return info_; }

  // Moves the weights to the device; `compute` must be resolved.
  void use(const Compute& compute);
  // Logits of N grey planes (N x size x size, fractions of full scale; size a multiple of 32), with the
  // file's batch statistics. On one machine with one thread count an image's logit is the same to the bit
  // whatever else is computed with it.
  [[nodiscard]] std::vector<double> logits(std::span<const float> planes, int size);

  [[nodiscard]] DenseNet121Impl& network() { return *network_; }
  [[nodiscard]] const Compute& compute() const { return compute_; }

 private:
  Model();
  std::shared_ptr<DenseNet121Impl> network_;
  ModelInfo info_;
  Compute compute_;
};

// Error input unless size is a positive multiple of 32; `what` says whose size it is.
void check_input_size(int size, const std::string& what);

}  // namespace tagconf::nn
