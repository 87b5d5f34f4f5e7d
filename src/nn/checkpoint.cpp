#include "checkpoint.hpp"

#include <vector>

#include "tagconf/base/error.hpp"

namespace tagconf::nn {
namespace {

constexpr const char* kStateKey = "state";
constexpr std::string_view kWeights = "weights:";
constexpr std::string_view kBest = "best:";
constexpr std::string_view kOptimizer = "optimizer:";

}  // namespace

TensorMap copy_of(const TensorMap& tensors) {
  TensorMap out;
  for (const auto& [name, tensor] : tensors) out.emplace(name, tensor.detach().to(torch::kCPU).clone());
  return out;
}

void restore_weights(torch::nn::Module& network, const TensorMap& weights) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, place] : weights_of(network)) place.copy_(weights.at(name));
}

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  std::vector<torch::Tensor> kept;
  std::vector<TensorView> views;
  const auto add = [&](std::string_view group, const TensorMap& tensors) {
    for (const auto& [name, tensor] : tensors) {
      kept.push_back(tensor.detach().to(torch::kCPU).contiguous());
      views.push_back(view_of(std::string(group) + name, kept.back()));
    }
  };
  add(kWeights, checkpoint.weights);
  add(kBest, checkpoint.best);
  add(kOptimizer, checkpoint.optimizer);
  write_safetensors(path, views, {{kStateKey, canonical_json(checkpoint.state)}});
}

std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  const Safetensors file = Safetensors::read(path);
  const auto state = file.metadata().find(kStateKey);
  if (state == file.metadata().end()) throw_input(path.string() + ": is no checkpoint of a training");
  Checkpoint checkpoint;
  checkpoint.state = parse_json(state->second, path.string());
  for (const TensorView& view : file.tensors()) {
    for (const auto& [group, place] :
         {std::pair{kWeights, &checkpoint.weights}, std::pair{kBest, &checkpoint.best},
          std::pair{kOptimizer, &checkpoint.optimizer}}) {
      if (view.name.starts_with(group))
        place->emplace(view.name.substr(group.size()), to_tensor(view, path.string()));
    }
  }
  return checkpoint;
}

}  // namespace tagconf::nn
