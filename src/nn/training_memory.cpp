#include "tagconf/nn/training_memory.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tagconf/base/error.hpp"

namespace tagconf::nn {
namespace {

constexpr std::uint64_t kParameters = 6'954'881;  // DenseNet-121 with one output
constexpr std::uint64_t kFloat = 4;
// Measured as peak resident memory of `tagconf bench` less weights, gradients and moments, LibTorch 2.13.0 on
// a processor with AVX2; fp32 at 64, 128 (batches of 16), 224 (4 and 16) and 320 px (8): 371, 995, 824, 2658
// and 2830 MB. For bf16 on a processor with AMX, when freed memory went back to the system at once: 378, 674,
// 574, 1524 and 1481 MB; its figure below is raised by what keeping that memory added in fp32. The program's
// share holds a checkpoint's copies, too, the activations the loader's three batches (36 bytes a pixel).
constexpr std::uint64_t kProgram = 300'000'000;
constexpr std::uint64_t kActivationsFp32 = 3150;  // bytes for each pixel of a batch
constexpr std::uint64_t kActivationsBf16 = 1850;

double gigabytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / 1e9;
}

}  // namespace

TrainingMemory training_memory(const TrainOptions& options, std::size_t images, int size,
                               Precision precision) {
  const std::uint64_t network = kParameters * kFloat;
  const auto side = static_cast<std::uint64_t>(size);
  // A last image that would be alone joins the batch before it.
  const std::uint64_t batch = std::min<std::uint64_t>(static_cast<std::uint64_t>(options.batch) + 1, images);
  TrainingMemory need;
  need.program = kProgram;
  need.weights = options.select == Select::last ? network : 2 * network;
  need.gradients = network;
  need.optimizer = options.optimizer.kind == OptimizerKind::sgd ? network : 2 * network;
  need.activations =
      batch * side * side * (precision == Precision::bf16 ? kActivationsBf16 : kActivationsFp32);
  return need;
}

void require_memory(const TrainingMemory& need, std::optional<std::uint64_t> available) {
  if (!available || need.total() <= *available) return;
  throw Error(
      ErrorCode::environment,
      fmt::format(
          "the training needs about {:.2f} GB of memory and {:.2f} GB are available ({:.2f} GB for a batch's "
          "activations, {:.2f} GB for weights, gradients and the optimiser, {:.2f} GB for the program)",
          gigabytes(need.total()), gigabytes(*available), gigabytes(need.activations),
          gigabytes(need.weights + need.gradients + need.optimizer), gigabytes(need.program)),
      "use a smaller --batch, a pack of a smaller --size, or --dtype bf16; or free some memory");
}

}  // namespace tagconf::nn
