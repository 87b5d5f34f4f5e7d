// What a training on the processor will need of memory, said before its first step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tagconf/nn/compute.hpp"
#include "tagconf/nn/trainer.hpp"

namespace tagconf::nn {

// Bytes by what holds them. The pack is memory-mapped and counts for nothing: its pages can be given back.
struct TrainingMemory {
  std::uint64_t program = 0;  // LibTorch and all else that does not grow
  std::uint64_t weights = 0;  // the network's and, where an epoch is chosen, the best so far
  std::uint64_t gradients = 0;
  std::uint64_t optimizer = 0;    // one or two moments a weight
  std::uint64_t activations = 0;  // of one batch, with the images made ready ahead
  [[nodiscard]] std::uint64_t total() const {
    return program + weights + gradients + optimizer + activations;
  }
};

// An upper estimate for images of `size` x `size`: the batch is no larger than `images`. `precision` is
// resolved.
[[nodiscard]] TrainingMemory training_memory(const TrainOptions& options, std::size_t images, int size,
                                             Precision precision);

// Error environment, naming what is needed and what there is, when `available` bytes do not suffice; nothing
// where it is not known.
void require_memory(const TrainingMemory& need, std::optional<std::uint64_t> available);

}  // namespace tagconf::nn
