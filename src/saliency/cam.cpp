#include "tagconf/saliency/cam.hpp"

#include <torch/torch.h>

#include <algorithm>

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

// The maps of one filled-up group; adds the first `present` of them to `out`.
void add_group(nn::Model& model, std::vector<float>& input, std::int64_t side, std::size_t present,
               CamMethod method, CamTarget target, Cams& out) {
  nn::DenseNet121Impl& network = model.network();
  const auto n = static_cast<std::int64_t>(nn::kGroup);
  Tensor features;
  {
    const torch::NoGradGuard no_grad;
    const Tensor images =
        torch::from_blob(input.data(), {n, 3, side, side}, {3 * side * side, 1, 3 * side, 3});
    features = network.features(images.to(torch::Device(model.compute().device)));
  }
  features.requires_grad_(true);
  const Tensor logits = network.classify(features).flatten();
  const Tensor host_logits = logits.detach().to(torch::kCPU, torch::kDouble).contiguous();
  std::vector<float> signs;
  for (std::size_t i = 0; i < nn::kGroup; ++i) {
    const double z = host_logits.const_data_ptr<double>()[i];
    const bool positive = target == CamTarget::positive || (target == CamTarget::predicted && z >= 0);
    signs.push_back(positive ? 1.0F : -1.0F);
    if (i >= present) continue;
    out.logits.push_back(z);
    out.targets.push_back(positive ? CamTarget::positive : CamTarget::negative);
  }
  const Tensor sign = torch::tensor(signs).to(logits.device());
  const Tensor gradient = torch::autograd::grad({(sign * logits).sum()}, {features}).at(0);
  const torch::NoGradGuard no_grad;
  const Tensor maps = maps_of(features, gradient, method).to(torch::kCPU, torch::kFloat).contiguous();
  out.height = static_cast<int>(maps.size(1));
  out.width = static_cast<int>(maps.size(2));
  const float* values = maps.const_data_ptr<float>();
  out.maps.insert(out.maps.end(), values,
                  values + present * static_cast<std::size_t>(maps.size(1) * maps.size(2)));
}

}  // namespace

Cams class_activation_maps(nn::Model& model, std::span<const float> planes, int size, CamMethod method,
                           CamTarget target) {
  nn::check_input_size(size, "the input");
  const std::size_t area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
  const std::size_t count = planes.size() / area;
  std::vector<float> input(3 * area * nn::kGroup);
  model.network().eval();
  Cams out;
  for (std::size_t start = 0; start < count; start += nn::kGroup) {
    const std::size_t present = std::min(nn::kGroup, count - start);
    nn::normalise(planes.subspan(start * area, present * area), input);
    std::fill(input.begin() + static_cast<std::ptrdiff_t>(3 * area * present), input.end(), 0.0F);
    add_group(model, input, size, present, method, target, out);
  }
  return out;
}

}  // namespace tagconf::saliency
