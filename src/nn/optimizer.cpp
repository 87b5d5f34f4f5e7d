#include "optimizer.hpp"

#include <ATen/ops/_fused_adam.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/_fused_sgd.h>

#include <cmath>

#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

using torch::Tensor;

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;

}  // namespace

Optimizer::Optimizer(torch::nn::Module& network, const OptimizerOptions& options) : options_(options) {
  const bool adam = options.kind != OptimizerKind::sgd;
  for (auto& item : network.named_parameters()) {
    names_.push_back(item.key());
    parameters_.push_back(item.value());
    first_.push_back(torch::zeros_like(item.value()));
    if (!adam) continue;
    second_.push_back(torch::zeros_like(item.value()));
  }
  if (!adam) return;
  // One number for all, seen by each parameter as its own.
  count_ = torch::zeros({}, torch::device(parameters_.front().device()).dtype(torch::kFloat));
  counts_.assign(parameters_.size(), count_);
}

void Optimizer::clear_gradients() {
  for (auto& parameter : parameters_) parameter.mutable_grad() = Tensor();
}

void Optimizer::step(double rate) {
  const torch::NoGradGuard no_grad;
  if (options_.clip_norm > 0) torch::nn::utils::clip_grad_norm_(parameters_, options_.clip_norm);
  std::vector<Tensor> gradients;
  for (const auto& parameter : parameters_) gradients.push_back(parameter.grad());
  const bool first_step = steps_ == 0;
  ++steps_;
  if (options_.kind == OptimizerKind::sgd) {
    at::_fused_sgd_(parameters_, gradients, first_, options_.weight_decay, options_.momentum, rate,
                    /*dampening=*/0, options_.nesterov, /*maximize=*/false, first_step);
    return;
  }
  count_.fill_(steps_);
  using Kernel = void (*)(at::TensorList, at::TensorList, at::TensorList, at::TensorList, at::TensorList,
                          at::TensorList, double, double, double, double, double, bool, bool,
                          const std::optional<Tensor>&, const std::optional<Tensor>&);
  const Kernel kernel =
      options_.kind == OptimizerKind::adamw ? Kernel(at::_fused_adamw_) : Kernel(at::_fused_adam_);
  kernel(parameters_, gradients, first_, second_, at::TensorList(), counts_, rate, kBeta1, kBeta2,
         options_.weight_decay, kEpsilon, /*amsgrad=*/false, /*maximize=*/false, std::nullopt, std::nullopt);
}

TensorMap Optimizer::state() const {
  TensorMap state;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (options_.kind == OptimizerKind::sgd) {
      state.emplace("momentum/" + names_[i], first_[i]);
    } else {
      state.emplace("exp_avg/" + names_[i], first_[i]);
      state.emplace("exp_avg_sq/" + names_[i], second_[i]);
    }
  }
  return state;
}

void Optimizer::restore(const TensorMap& state, std::int64_t steps) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, place] : this->state()) place.copy_(state.at(name));
  steps_ = steps;
}

double train_step(DenseNet121Impl& network, Optimizer& optimizer, const Tensor& input, const Tensor& labels,
                  double pos_weight, double rate, const Compute& compute) {
  optimizer.clear_gradients();
  Tensor loss;
  {
    const Autocast autocast(compute);
    const Tensor logits = network.forward(input).flatten().to(labels.scalar_type());
    const Tensor weight = torch::full({1}, pos_weight, labels.options());
    loss = torch::binary_cross_entropy_with_logits(logits, labels, {}, weight, at::Reduction::Mean);
  }
  const double value = loss.item<double>();
  if (!std::isfinite(value)) return value;
  loss.backward();
  optimizer.step(rate);
  return value;
}

}  // namespace tagconf::nn
