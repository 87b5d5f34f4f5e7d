#include "initialise.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "tagconf/base/rng.hpp"

namespace tagconf::nn {

void initialise_convolutions(torch::nn::Module& network, std::uint64_t seed, std::string_view purpose) {
  const torch::NoGradGuard no_grad;
  for (auto& item : network.named_parameters()) {
    torch::Tensor& tensor = item.value();
    const std::string& name = item.key();
    if (tensor.dim() == 4) {
      const double deviation = std::sqrt(2.0 / static_cast<double>(tensor.numel() / tensor.size(0)));
      Rng rng(seed, purpose, key_word(name));
      std::vector<float> values(static_cast<std::size_t>(tensor.numel()));
      for (float& v : values) v = static_cast<float>(deviation * rng.normal());
      tensor.copy_(torch::from_blob(values.data(), tensor.sizes(), torch::kFloat));
    } else if (tensor.dim() == 1) {
      tensor.fill_(name.ends_with(".weight") ? 1 : 0);
    }
  }
  for (auto& item : network.named_buffers()) item.value().fill_(item.key().ends_with("running_var") ? 1 : 0);
}

}  // namespace tagconf::nn
