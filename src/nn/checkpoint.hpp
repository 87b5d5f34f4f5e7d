// A training's state as one file: weights, the best weights so far, the optimiser's moments, and a JSON text
// for the rest.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "optimizer.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/nn/weights.hpp"

namespace tagconf::nn {

// Copies that later steps leave alone.
[[nodiscard]] TensorMap copy_of(const TensorMap& tensors);
void restore_weights(torch::nn::Module& network, const TensorMap& weights);

struct Checkpoint {
  TensorMap weights;
  TensorMap best;  // empty: none yet
  TensorMap optimizer;
  Json state;
};

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
// nullopt when there is none.
[[nodiscard]] std::optional<Checkpoint> read_checkpoint(const std::filesystem::path& path);

}  // namespace tagconf::nn
