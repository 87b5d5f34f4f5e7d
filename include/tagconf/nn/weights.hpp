// Weights between a network and a file. Reads what torchvision and timm publish, the names of 2017
// (`denselayer1.norm.1.weight`), and DataParallel's `module.` prefix.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "tagconf/nn/densenet.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::nn {

using TensorMap = std::map<std::string, torch::Tensor>;

// Every parameter and buffer of a network under its name, borrowed.
[[nodiscard]] TensorMap weights_of(torch::nn::Module& network);

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

// The same for any network with the file's own names and no head to replace; `what` names it in messages ("a
// tag finder").
void load_weights(torch::nn::Module& network, const Safetensors& file, const std::string& what);

// Parameters and buffers under their names (torchvision's, for a DenseNet), floating-point ones in `type`,
// num_batches_tracked as I64.
void save_weights(torch::nn::Module& network, const std::filesystem::path& path, const Metadata& metadata,
                  torch::ScalarType type = torch::kFloat);

// One tensor of a file, in the element type it is stored in; only float and 64-bit integer types.
[[nodiscard]] torch::Tensor to_tensor(const TensorView& view, const std::string& source);
// `tensor` must be contiguous, on the CPU, and outlive the view.
[[nodiscard]] TensorView view_of(const std::string& name, const torch::Tensor& tensor);

}  // namespace tagconf::nn
