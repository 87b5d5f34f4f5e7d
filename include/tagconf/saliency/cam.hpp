// Class activation maps: where on an image the evidence for a class lies. No torch in this header.
#pragma once

#include <array>
#include <span>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/nn/model.hpp"

namespace tagconf::saliency {

// A is the features after the last ReLU (C x h x w), g the gradient of the target with respect to it.
//   gradcam    ReLU(sum_k mean(g_k) A_k)         Selvaraju et al., "Grad-CAM", ICCV 2017
//   hirescam   ReLU(sum_k g_k * A_k)             Draelos & Carin, "HiResCAM", arXiv 2011.08891
//   gradcampp  ReLU(sum_k w_k A_k), w_k = sum a_k ReLU(g_k), a = 1 / (2 + S_k g), S_k = sum A_k, a = 0 where
//              g = 0                             Chattopadhay et al., "Grad-CAM++", WACV 2018
// The gradient is taken from the logit, not from the probability, whose factor p (1 - p) scales the whole
// map. DenseNet-121 pools A and applies one linear layer: g is constant within a channel, and the first two
// agree.
enum class CamMethod { gradcam, hirescam, gradcampp };
// positive: evidence for abnormal (the logit z); negative: against it (-z); predicted: the one that z's sign
// says.
enum class CamTarget { positive, negative, predicted };

}  // namespace tagconf::saliency

template <>
struct tagconf::EnumNames<tagconf::saliency::CamMethod> {
  using M = tagconf::saliency::CamMethod;
  static constexpr std::array kNames{std::pair{M::gradcam, "gradcam"}, std::pair{M::hirescam, "hirescam"},
                                     std::pair{M::gradcampp, "gradcampp"}};
};

template <>
struct tagconf::EnumNames<tagconf::saliency::CamTarget> {
  using T = tagconf::saliency::CamTarget;
  static constexpr std::array kNames{std::pair{T::positive, "positive"}, std::pair{T::negative, "negative"},
                                     std::pair{T::predicted, "predicted"}};
};

namespace tagconf::saliency {

// Raw maps: not normalised, not enlarged, none below 0. A map may be 0 everywhere.
struct Cams {
  int height = 0;
  int width = 0;
  std::vector<float> maps;         // N x height x width
  std::vector<double> logits;      // N
  std::vector<CamTarget> targets;  // N, positive or negative
};

// planes: N x size x size, fractions of full scale; the model must be `use`d. In float32.
[[nodiscard]] Cams class_activation_maps(nn::Model& model, std::span<const float> planes, int size,
                                         CamMethod method, CamTarget target);

}  // namespace tagconf::saliency
