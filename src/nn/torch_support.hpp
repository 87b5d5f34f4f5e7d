// Pieces of LibTorch handling shared by this layer's sources.
#pragma once

#include <torch/torch.h>

#include <span>

#include "tagconf/nn/compute.hpp"

namespace tagconf::nn {

[[nodiscard]] torch::Device device_of(const Compute& compute);

// bf16 autocast for as long as it lives, where the precision asks for it.
class Autocast {
 public:
  explicit Autocast(const Compute& compute);
  ~Autocast();
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  torch::DeviceType device_;
  bool on_;
};

// Normalised input, count x size x size x 3 in memory -> a count x 3 x size x size tensor, channels last, on
// the device. On the CPU it borrows the memory; on a GPU it may still be on its way.
[[nodiscard]] torch::Tensor input_tensor(std::span<float> values, std::int64_t count, std::int64_t size,
                                         const Compute& compute);

}  // namespace tagconf::nn
