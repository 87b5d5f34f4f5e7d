#include "tagconf/saliency/cam.hpp"

#include <torch/torch.h>

#include "tagconf/nn/densenet.hpp"
#include "tagconf/nn/preprocess.hpp"

namespace tagconf::saliency {
namespace {

using torch::Tensor;

// features, gradient: N x C x h x w -> N x h x w.
Tensor maps_of(const Tensor& features, const Tensor& gradient, CamMethod method) {
  switch (method) {
    case CamMethod::gradcam:
      return (gradient.mean({2, 3}, true) * features).sum(1).relu();
    case CamMethod::hirescam:
      return (gradient * features).sum(1).relu();
    case CamMethod::gradcampp: {
      const Tensor sums = features.sum({2, 3}, true);
      const Tensor alpha =
          torch::where(gradient != 0, 1 / (2 + sums * gradient), torch::zeros_like(gradient));
      const Tensor weights = (alpha * gradient.relu()).sum({2, 3}, true);
      return (weights * features).sum(1).relu();
    }
  }
  return {};
}

}  // namespace

Cams class_activation_maps(nn::Model& model, std::span<const float> planes, int size, CamMethod method,
                           CamTarget target) {
  nn::check_input_size(size, "the input");
  const std::size_t area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  const std::size_t count = planes.size() / area;
  const auto n = static_cast<std::int64_t>(count);
  std::vector<float> values(3 * area * count);
  nn::normalise(planes.first(area * count), values);
  nn::DenseNet121Impl& network = model.network();
  network.eval();
  Tensor features;
  {
    const torch::NoGradGuard no_grad;
    const std::int64_t side = size;
    const Tensor input =
        torch::from_blob(values.data(), {n, 3, side, side}, {3 * side * side, 1, 3 * side, 3});
    features = network.features(input.to(torch::Device(model.compute().device)));
  }
  features.requires_grad_(true);
  const Tensor logits = network.classify(features).flatten();
  const Tensor host_logits = logits.detach().to(torch::kCPU, torch::kDouble).contiguous();

  Cams out;
  out.logits.assign(host_logits.const_data_ptr<double>(), host_logits.const_data_ptr<double>() + n);
  std::vector<float> signs;
  for (const double z : out.logits) {
    const bool positive = target == CamTarget::positive || (target == CamTarget::predicted && z >= 0);
    out.targets.push_back(positive ? CamTarget::positive : CamTarget::negative);
    signs.push_back(positive ? 1.0F : -1.0F);
  }
  const Tensor sign = torch::tensor(signs).to(logits.device());
  const Tensor gradient = torch::autograd::grad({(sign * logits).sum()}, {features}).at(0);
  const torch::NoGradGuard no_grad;
  const Tensor maps = maps_of(features, gradient, method).to(torch::kCPU, torch::kFloat).contiguous();
  out.height = static_cast<int>(maps.size(1));
  out.width = static_cast<int>(maps.size(2));
  out.maps.assign(maps.const_data_ptr<float>(), maps.const_data_ptr<float>() + maps.numel());
  return out;
}

}  // namespace tagconf::saliency
