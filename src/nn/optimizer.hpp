// One optimisation step, and the optimiser's state under the parameters' names.
#pragma once

#include <torch/torch.h>

#include <string>
#include <vector>

#include "tagconf/nn/densenet.hpp"
#include "tagconf/nn/trainer.hpp"
#include "tagconf/nn/weights.hpp"

namespace tagconf::nn {

// LibTorch's fused kernels (one pass over all parameters) behind PyTorch's formulas: Adam and AdamW with
// betas 0.9 and 0.999 and epsilon 1e-8; SGD with momentum, without dampening.
class Optimizer {
 public:
  Optimizer(torch::nn::Module& network, const OptimizerOptions& options);

  void clear_gradients();
  // Clips if asked to, then updates the parameters from their gradients.
  void step(double rate);

  // Moments under "exp_avg/NAME" and "exp_avg_sq/NAME", or "momentum/NAME"; borrowed.
  [[nodiscard]] TensorMap state() const;
  [[nodiscard]] std::int64_t steps() const { return steps_; }
  // `state` must hold what state() gave.
  void restore(const TensorMap& state, std::int64_t steps);

 private:
  OptimizerOptions options_;
  std::vector<std::string> names_;
  std::vector<torch::Tensor> parameters_;
  std::vector<torch::Tensor> first_;   // exp_avg, or the momentum buffer
  std::vector<torch::Tensor> second_;  // exp_avg_sq
  torch::Tensor count_;                // Adam's step
  std::vector<torch::Tensor> counts_;  // the same tensor for every parameter, as the kernels want it
  std::int64_t steps_ = 0;
};

// Forward, loss, backward, update. Returns the mean loss; when that is not finite nothing is updated.
[[nodiscard]] double train_step(DenseNet121Impl& network, Optimizer& optimizer, const torch::Tensor& input,
                                const torch::Tensor& labels, double pos_weight, double rate,
                                const Compute& compute);

}  // namespace tagconf::nn
