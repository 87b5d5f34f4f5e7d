// The estimate of a training's memory, and the refusal that follows from it.
#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/nn/training_memory.hpp"

using namespace tagconf;
using namespace tagconf::nn;

namespace {

constexpr std::uint64_t kNetwork = 6'954'881 * 4;

std::uint64_t activations(int batch, std::size_t images, int size, Precision precision) {
  TrainOptions options;
  options.batch = batch;
  return training_memory(options, images, size, precision).activations;
}

}  // namespace

TEST_CASE("activations grow with the pixels of a batch, which holds no more images than there are") {
  const auto one = activations(15, 1000, 224, Precision::fp32);  // 16: one left over may join
  CHECK(activations(31, 1000, 224, Precision::fp32) == 2 * one);
  CHECK(activations(15, 1000, 448, Precision::fp32) == 4 * one);
  CHECK(activations(4096, 16, 224, Precision::fp32) == one);
  CHECK(activations(15, 1000, 224, Precision::bf16) < one);
}

TEST_CASE("weights count twice where the best are kept, moments as the optimiser has them") {
  TrainOptions options;
  const auto adam = training_memory(options, 100, 224, Precision::fp32);
  CHECK(adam.weights == 2 * kNetwork);
  CHECK(adam.gradients == kNetwork);
  CHECK(adam.optimizer == 2 * kNetwork);
  CHECK(adam.total() == adam.program + 5 * kNetwork + adam.activations);
  options.select = Select::last;
  options.optimizer.kind = OptimizerKind::sgd;
  const auto sgd = training_memory(options, 100, 224, Precision::fp32);
  CHECK(sgd.weights == kNetwork);
  CHECK(sgd.optimizer == kNetwork);
}

TEST_CASE("what does not fit is refused with both figures, and the unknown is no obstacle") {
  const TrainingMemory need{100'000'000, 50'000'000, 50'000'000, 100'000'000, 2'000'000'000};
  CHECK_NOTHROW(require_memory(need, std::nullopt));
  CHECK_NOTHROW(require_memory(need, need.total()));
  try {
    require_memory(need, need.total() - 1'000'000'000);
    FAIL("was not refused");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::environment);
    CHECK(
        error.message().find("needs about 2.30 GB of memory and 1.30 GB are available (2.00 GB for a batch's "
                             "activations") != std::string::npos);
    CHECK(error.hint().find("--batch") != std::string::npos);
  }
}
