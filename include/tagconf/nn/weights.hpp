// Weights between a network and a file. Reads what torchvision and timm publish, the names of 2017
// (`denselayer1.norm.1.weight`), and DataParallel's `module.` prefix.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "tagconf/nn/densenet.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::nn {

// The torchvision name of a published name.
[[nodiscard]] std::string torchvision_name(std::string_view name);

enum class Head {
  exact,    // must have the network's number of outputs
  replace,  // of another size (ImageNet's 1000 classes): the network keeps the head it has
};

struct LoadReport {
  bool head_replaced = false;
  std::int64_t head_outputs = 0;  // of the file
};

// Fills the network. Floating-point types are converted; a file without num_batches_tracked counts as 0.
// Error input, naming file and tensor: missing or unknown names, wrong shapes (expected and found), whole
// numbers where weights belong, non-finite values, negative variances. The network is unchanged after an
// error.
LoadReport load_weights(DenseNet121Impl& network, const Safetensors& file, Head head);

// Parameters and buffers under torchvision's names, as float32 (num_batches_tracked as I64).
void save_weights(DenseNet121Impl& network, const std::filesystem::path& path, const Metadata& metadata);

// One tensor of a file, in the element type it is stored in; only float and 64-bit integer types.
[[nodiscard]] torch::Tensor to_tensor(const TensorView& view, const std::string& source);
// `tensor` must be contiguous, on the CPU, and outlive the view.
[[nodiscard]] TensorView view_of(const std::string& name, const torch::Tensor& tensor);

}  // namespace tagconf::nn
