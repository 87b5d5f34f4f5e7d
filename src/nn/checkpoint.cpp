#include "checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::nn {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kKept = 2;
constexpr std::string_view kEnding = ".safetensors";
constexpr std::string_view kTemporary = ".tmp";
constexpr const char* kStateKey = "state";
constexpr std::string_view kWeights = "weights:";
constexpr std::string_view kBest = "best:";
constexpr std::string_view kOptimizer = "optimizer:";

void write_checkpoint(const fs::path& path, const Checkpoint& checkpoint) {
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

Checkpoint read_checkpoint(const fs::path& path) {
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

bool all_finite(const TensorMap& tensors) {
  return std::all_of(tensors.begin(), tensors.end(), [](const TensorMap::value_type& item) {
    return !item.second.is_floating_point() || torch::isfinite(item.second).all().item<bool>();
  });
}

CheckpointStore::CheckpointStore(fs::path folder, std::string name, std::string signature, int threads)
    : folder_(std::move(folder)),
      name_(std::move(name)),
      signature_(std::move(signature)),
      threads_(threads) {
  std::error_code error;
  if (!keeps() || !fs::is_directory(folder_, error)) return;
  std::vector<fs::path> leftovers;
  for (const auto& item : fs::directory_iterator(folder_)) {
    const std::string file = item.path().filename().string();
    if (file.starts_with("." + name_ + ".") && file.ends_with(kTemporary)) leftovers.push_back(item.path());
  }
  for (const auto& path : leftovers) fs::remove(path, error);
}

void CheckpointStore::save(Checkpoint checkpoint) {
  if (!keeps()) return;
  checkpoint.state["signature"] = signature_;
  checkpoint.state["threads"] = threads_;
  auto before = numbers();
  const fs::path path = file(before.empty() ? 1 : before.front() + 1);
  write_checkpoint(path, checkpoint);
  last_ = path;
  std::error_code ignored;
  for (std::size_t i = kKept - 1; i < before.size(); ++i) fs::remove(file(before[i]), ignored);
}

std::optional<Checkpoint> CheckpointStore::newest() {
  for (const std::uint64_t number : numbers()) {
    const fs::path path = file(number);
    try {
      Checkpoint checkpoint = read_checkpoint(path);
      if (!accepts(path, checkpoint.state)) return std::nullopt;
      last_ = path;
      return checkpoint;
    } catch (const std::exception& failure) {
      log_warning(
          fmt::format("a checkpoint cannot be used, going on from the one before: {}", failure.what()));
    }
  }
  return std::nullopt;
}

std::vector<std::uint64_t> CheckpointStore::numbers() const {
  std::vector<std::uint64_t> out;
  std::error_code error;
  if (!keeps() || !fs::is_directory(folder_, error)) return out;
  for (const auto& item : fs::directory_iterator(folder_)) {
    const std::string file = item.path().filename().string();
    const std::size_t start = name_.size() + 1;
    if (!file.starts_with(name_ + ".") || !file.ends_with(kEnding) || file.size() < start + kEnding.size())
      continue;
    const auto number = parse_int(file.substr(start, file.size() - start - kEnding.size()));
    if (number && *number > 0) out.push_back(static_cast<std::uint64_t>(*number));
  }
  std::sort(out.begin(), out.end(), std::greater<>());
  return out;
}

fs::path CheckpointStore::file(std::uint64_t number) const {
  return folder_ / fmt::format("{}.{}{}", name_, number, kEnding);
}

bool CheckpointStore::accepts(const fs::path& path, const Json& state) const {
  if (state.at("signature") != signature_) {
    log_warning(path.string() + " belongs to a training with other options or images: starting afresh");
    return false;
  }
  if (state.at("threads") != threads_) {
    log_warning(
        fmt::format("the checkpoint was made with {} threads, this run has {}: the last bits may differ",
                    state.at("threads").get<int>(), threads_));
  }
  return true;
}

}  // namespace tagconf::nn
