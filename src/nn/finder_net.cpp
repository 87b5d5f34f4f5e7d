#include "finder_net.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "initialise.hpp"
#include "tagconf/nn/finder.hpp"

namespace tagconf::nn {
namespace {

namespace layers = torch::nn;
using torch::Tensor;

constexpr std::int64_t kStemChannels = 16;
constexpr std::array<std::int64_t, 4> kStageChannels{24, 40, 56, 56};  // at strides 4, 8, 16, 32
constexpr std::int64_t kPyramidChannels = 32;
constexpr double kFirstProbability = 0.05;

// A convolution's weights as answers use them: channels last, perhaps in 16 bits.
struct Fixed {
  Tensor weight;
  Tensor bias;

  Fixed() = default;
  Fixed(const Tensor& w, const Tensor& b, torch::ScalarType type)
      : weight(w.to(type).contiguous(torch::MemoryFormat::ChannelsLast)), bias(b.to(type)) {}

  [[nodiscard]] Tensor operator()(const Tensor& x, std::int64_t stride, std::int64_t padding) const {
    return torch::conv2d(x, weight, bias, stride, padding);
  }
};

// Convolution and batch norm; `relu` after it. Outside training the two are one convolution (Jacob et al.,
// CVPR 2018, eq. 14), made by fix().
class ConvNormImpl : public layers::Module {
 public:
  ConvNormImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool relu)
      : conv_(register_module(
            "conv",
            layers::Conv2d(
                layers::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)))),
        norm_(register_module("norm", layers::BatchNorm2d(out))),
        stride_(stride),
        padding_(kernel / 2),
        relu_(relu) {}

  Tensor forward(const Tensor& x) {
    if (is_training()) {
      const Tensor y = norm_(conv_(x));
      return relu_ ? torch::relu(y) : y;
    }
    const Tensor y = fixed_(x, stride_, padding_);
    return relu_ ? y.relu_() : y;
  }

  void fix(torch::ScalarType type) {
    const Tensor scale = norm_->weight / torch::sqrt(norm_->running_var + norm_->options.eps());
    fixed_ =
        Fixed(conv_->weight * scale.view({-1, 1, 1, 1}), norm_->bias - norm_->running_mean * scale, type);
  }

 private:
  layers::Conv2d conv_;
  layers::BatchNorm2d norm_;
  std::int64_t stride_;
  std::int64_t padding_;
  bool relu_;
  Fixed fixed_;
};
TORCH_MODULE(ConvNorm);

// A 1 x 1 convolution with a bias.
class PointwiseImpl : public layers::Conv2dImpl {
 public:
  PointwiseImpl(std::int64_t in, std::int64_t out) : Conv2dImpl(layers::Conv2dOptions(in, out, 1)) {}

  Tensor answer(const Tensor& x) { return is_training() ? forward(x) : fixed_(x, 1, 0); }
  void fix(torch::ScalarType type) { fixed_ = Fixed(weight, bias, type); }

 private:
  Fixed fixed_;
};
TORCH_MODULE(Pointwise);

// Halves the picture, then one residual block.
class StageImpl : public layers::Module {
 public:
  StageImpl(std::int64_t in, std::int64_t out)
      : down_(register_module("down", ConvNorm(in, out, 3, 2, true))),
        first_(register_module("first", ConvNorm(out, out, 3, 1, true))),
        second_(register_module("second", ConvNorm(out, out, 3, 1, false))) {}

  Tensor forward(const Tensor& x) {
    const Tensor y = down_(x);
    return is_training() ? torch::relu(y + second_(first_(y))) : second_(first_(y)).add_(y).relu_();
  }

  void fix(torch::ScalarType type) {
    for (auto* part : {&down_, &first_, &second_}) (*part)->fix(type);
  }

 private:
  ConvNorm down_;
  ConvNorm first_;
  ConvNorm second_;
};
TORCH_MODULE(Stage);

Tensor enlarged_to(const Tensor& x, const Tensor& like) {
  return layers::functional::interpolate(x, layers::functional::InterpolateFuncOptions()
                                                .size(std::vector<std::int64_t>{like.size(2), like.size(3)})
                                                .mode(torch::kNearest));
}

}  // namespace

class FinderTrunkImpl : public layers::Module {
 public:
  FinderTrunkImpl() : stem_(register_module("stem", ConvNorm(kFinderPlanes, kStemChannels, 5, 2, true))) {
    std::int64_t channels = kStemChannels;
    for (std::size_t i = 0; i < kStageChannels.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      const std::int64_t out = kStageChannels[i];
      stages_.push_back(register_module("stage" + number, Stage(channels, out)));
      sides_.push_back(register_module("side" + number, Pointwise(out, kPyramidChannels)));
      channels = out;
      if (i + 1 < kStageChannels.size())
        merges_.push_back(
            register_module("merge" + number, ConvNorm(kPyramidChannels, kPyramidChannels, 3, 1, true)));
    }
    head_ = register_module("head", Pointwise(kPyramidChannels, 1));
  }

  Tensor forward(const Tensor& planes) {
    Tensor x = stem_(planes);
    std::vector<Tensor> maps;
    for (auto& stage : stages_) {
      x = stage(x);
      maps.push_back(x);
    }
    Tensor y = sides_.back()->answer(maps.back());
    for (std::size_t i = merges_.size(); i-- > 0;)
      y = merges_[i](sides_[i]->answer(maps[i]) + enlarged_to(y, maps[i]));
    return head_->answer(y);
  }

  void fix(torch::ScalarType type) {
    stem_->fix(type);
    for (auto& stage : stages_) stage->fix(type);
    for (auto& merge : merges_) merge->fix(type);
    for (auto& side : sides_) side->fix(type);
    head_->fix(type);
  }

 private:
  ConvNorm stem_;
  std::vector<Stage> stages_;
  std::vector<Pointwise> sides_;
  std::vector<ConvNorm> merges_;
  Pointwise head_{nullptr};
};

FinderNetImpl::FinderNetImpl() : trunk_(register_module("finder", std::make_shared<FinderTrunkImpl>())) {}
FinderNetImpl::~FinderNetImpl() = default;

Tensor FinderNetImpl::forward(const Tensor& planes) {
  return trunk_->forward(is_training() ? planes : planes.to(type_));
}

void FinderNetImpl::train(bool on) {
  Module::train(on);
  if (!on) answer_in(type_);
}

void FinderNetImpl::answer_in(torch::ScalarType type) {
  const torch::NoGradGuard no_grad;
  type_ = type;
  trunk_->fix(type);
}

void initialise(FinderNetImpl& network, std::uint64_t seed) {
  initialise_convolutions(network, seed, "finder init");
  const torch::NoGradGuard no_grad;
  network.named_parameters()["finder.head.bias"].fill_(std::log(kFirstProbability / (1 - kFirstProbability)));
}

}  // namespace tagconf::nn
