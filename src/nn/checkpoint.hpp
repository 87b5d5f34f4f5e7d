// A training's state as files: weights, the best weights so far, the optimiser's moments, and a JSON text for
// the rest. The newest two are kept: one that is damaged costs some steps and never the training.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "optimizer.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/nn/weights.hpp"

namespace tagconf::nn {

// Copies that later steps leave alone.
[[nodiscard]] TensorMap copy_of(const TensorMap& tensors);
void restore_weights(torch::nn::Module& network, const TensorMap& weights);
[[nodiscard]] bool all_finite(const TensorMap& tensors);

struct Checkpoint {
  TensorMap weights;
  TensorMap best;  // empty: none yet
  TensorMap optimizer;
  Json state;
};

// The checkpoints of one training: files NAME.N.safetensors in a folder, N rising.
class CheckpointStore {
 public:
  // `signature` stands for all that must agree for a checkpoint to be this training's. An empty folder:
  // nothing is kept. Removes what a killed process left half written.
  CheckpointStore(std::filesystem::path folder, std::string name, std::string signature, int threads);

  [[nodiscard]] bool keeps() const { return !folder_.empty(); }
  // Atomic: under a temporary name, flushed to disk, renamed; only then all but the newest two go. Error
  // environment when the disk is full: those before stay as they are.
  void save(Checkpoint checkpoint);
  // The newest that can be read and is this training's; one that cannot be read, one of another training and
  // another number of threads are told as warnings.
  [[nodiscard]] std::optional<Checkpoint> newest();
  // The file that was last saved or taken up; empty when there is none.
  [[nodiscard]] const std::filesystem::path& last() const { return last_; }

 private:
  [[nodiscard]] std::vector<std::uint64_t> numbers() const;  // of the files, newest first
  [[nodiscard]] std::filesystem::path file(std::uint64_t number) const;
  [[nodiscard]] bool accepts(const std::filesystem::path& path, const Json& state) const;

  std::filesystem::path folder_;
  std::string name_;
  std::string signature_;
  int threads_;
  std::filesystem::path last_;
};

}  // namespace tagconf::nn
