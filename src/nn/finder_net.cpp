#include "finder_net.hpp"

#include <array>
#include <cmath>
#include <string>
#include <variant>
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

// Convolution and batch norm; `relu` after it. Outside training the two are one convolution (Jacob et al.,
// CVPR 2018, eq. 14), made by eval().
class ConvNormImpl : public layers::Module {
 public:
  ConvNormImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, bool relu)
      : conv_(register_module(
            "conv",
            layers::Conv2d(
                layers::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false)))),
        norm_(register_module("norm", layers::BatchNorm2d(out))),
        relu_(relu) {}

  Tensor forward(const Tensor& x) {
    if (is_training()) {
      const Tensor y = norm_(conv_(x));
      return relu_ ? torch::relu(y) : y;
    }
    const auto& o = conv_->options;
    const Tensor y =
        torch::conv2d(x, weight_, bias_, o.stride(), std::get<torch::ExpandingArray<2>>(o.padding()));
    return relu_ ? y.relu_() : y;
  }

  void train(bool on) override {
    layers::Module::train(on);
    if (!on) merge();
  }

 private:
  void merge() {
    const torch::NoGradGuard no_grad;
    const Tensor scale = norm_->weight / torch::sqrt(norm_->running_var + norm_->options.eps());
    weight_ = (conv_->weight * scale.view({-1, 1, 1, 1})).contiguous(torch::MemoryFormat::ChannelsLast);
    bias_ = norm_->bias - norm_->running_mean * scale;
  }

  layers::Conv2d conv_;
  layers::BatchNorm2d norm_;
  bool relu_;
  Tensor weight_;
  Tensor bias_;
};
TORCH_MODULE(ConvNorm);

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
      sides_.push_back(
          register_module("side" + number, layers::Conv2d(layers::Conv2dOptions(out, kPyramidChannels, 1))));
      channels = out;
      if (i + 1 < kStageChannels.size())
        merges_.push_back(
            register_module("merge" + number, ConvNorm(kPyramidChannels, kPyramidChannels, 3, 1, true)));
    }
    head_ = register_module("head", layers::Conv2d(layers::Conv2dOptions(kPyramidChannels, 1, 1)));
  }

  Tensor forward(const Tensor& planes) {
    Tensor x = stem_(planes);
    std::vector<Tensor> maps;
    for (auto& stage : stages_) {
      x = stage(x);
      maps.push_back(x);
    }
    Tensor y = sides_.back()(maps.back());
    for (std::size_t i = merges_.size(); i-- > 0;)
      y = merges_[i](sides_[i](maps[i]) + enlarged_to(y, maps[i]));
    return head_(y);
  }

 private:
  ConvNorm stem_;
  std::vector<Stage> stages_;
  std::vector<layers::Conv2d> sides_;
  std::vector<ConvNorm> merges_;
  layers::Conv2d head_{nullptr};
};

FinderNetImpl::FinderNetImpl() : trunk_(register_module("finder", std::make_shared<FinderTrunkImpl>())) {}
FinderNetImpl::~FinderNetImpl() = default;

Tensor FinderNetImpl::forward(const Tensor& planes) {
  return trunk_->forward(planes);
}

void initialise(FinderNetImpl& network, std::uint64_t seed) {
  initialise_convolutions(network, seed, "finder init");
  const torch::NoGradGuard no_grad;
  network.named_parameters()["finder.head.bias"].fill_(std::log(kFirstProbability / (1 - kFirstProbability)));
}

}  // namespace tagconf::nn
