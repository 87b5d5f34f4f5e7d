#include "tagconf/nn/densenet.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "initialise.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::nn {
namespace {

namespace layers = torch::nn;
using torch::Tensor;

constexpr std::int64_t kGrowth = 32;     // channels a dense layer adds
constexpr std::int64_t kBottleneck = 4;  // its 1x1 convolution gives 4 x growth channels
constexpr std::int64_t kStemChannels = 64;
constexpr std::array kBlockLayers{6, 12, 24, 16};

layers::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1) {
  return layers::Conv2d(
      layers::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

class DenseLayerImpl : public layers::Module {
 public:
  explicit DenseLayerImpl(std::int64_t in)
      : norm1_(register_module("norm1", layers::BatchNorm2d(in))),
        conv1_(register_module("conv1", convolution(in, kBottleneck * kGrowth, 1))),
        norm2_(register_module("norm2", layers::BatchNorm2d(kBottleneck * kGrowth))),
        conv2_(register_module("conv2", convolution(kBottleneck * kGrowth, kGrowth, 3))) {}

  Tensor forward(const Tensor& x) { return conv2_(norm2_(conv1_(norm1_(x).relu_())).relu_()); }

 private:
  layers::BatchNorm2d norm1_;
  layers::Conv2d conv1_;
  layers::BatchNorm2d norm2_;
  layers::Conv2d conv2_;
};
TORCH_MODULE(DenseLayer);

class DenseBlockImpl : public layers::Module {
 public:
  DenseBlockImpl(int count, std::int64_t in) {
    for (int i = 0; i < count; ++i) {
      layers_.push_back(register_module("denselayer" + std::to_string(i + 1), DenseLayer(in + kGrowth * i)));
    }
  }

  Tensor forward(const Tensor& x) {
    std::vector<Tensor> maps{x};
    for (auto& layer : layers_) maps.push_back(layer(torch::cat(maps, 1)));
    return torch::cat(maps, 1);
  }

 private:
  std::vector<DenseLayer> layers_;
};
TORCH_MODULE(DenseBlock);

class TransitionImpl : public layers::Module {
 public:
  explicit TransitionImpl(std::int64_t in)
      : norm_(register_module("norm", layers::BatchNorm2d(in))),
        conv_(register_module("conv", convolution(in, in / 2, 1))) {}

  // The published order is convolution, then average. Both are linear and a 1x1 convolution mixes channels
  // alone, so they commute: averaging first leaves a quarter of the products.
  Tensor forward(const Tensor& x) { return conv_(torch::avg_pool2d(norm_(x).relu_(), 2, 2)); }

 private:
  layers::BatchNorm2d norm_;
  layers::Conv2d conv_;
};
TORCH_MODULE(Transition);

}  // namespace

class TrunkImpl : public layers::Module {
 public:
  TrunkImpl()
      : conv0_(register_module("conv0", convolution(3, kStemChannels, 7, 2))),
        norm0_(register_module("norm0", layers::BatchNorm2d(kStemChannels))) {
    std::int64_t channels = kStemChannels;
    for (std::size_t i = 0; i < kBlockLayers.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      blocks_.push_back(register_module("denseblock" + number, DenseBlock(kBlockLayers[i], channels)));
      channels += kGrowth * kBlockLayers[i];
      if (i + 1 == kBlockLayers.size()) break;
      transitions_.push_back(register_module("transition" + number, Transition(channels)));
      channels /= 2;
    }
    norm5_ = register_module("norm5", layers::BatchNorm2d(channels));
    channels_ = channels;
  }

  Tensor forward(const Tensor& images) {
    Tensor x = torch::max_pool2d(norm0_(conv0_(images)).relu_(), 3, 2, 1);
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      x = blocks_[i](x);
      if (i < transitions_.size()) x = transitions_[i](x);
    }
    return norm5_(x).relu_();
  }

  [[nodiscard]] std::int64_t channels() const { return channels_; }

 private:
  layers::Conv2d conv0_;
  layers::BatchNorm2d norm0_;
  std::vector<DenseBlock> blocks_;
  std::vector<Transition> transitions_;
  layers::BatchNorm2d norm5_{nullptr};
  std::int64_t channels_ = 0;
};

DenseNet121Impl::DenseNet121Impl(std::int64_t outputs) {
  trunk_ = register_module("features", std::make_shared<TrunkImpl>());
  classifier_ = register_module("classifier", layers::Linear(trunk_->channels(), outputs));
}

DenseNet121Impl::~DenseNet121Impl() = default;

Tensor DenseNet121Impl::features(const Tensor& images) {
  return trunk_->forward(images);
}

Tensor DenseNet121Impl::classify(const Tensor& features) {
  return classifier_(features.mean({2, 3}));
}

void initialise(DenseNet121Impl& network, std::uint64_t seed) {
  initialise_convolutions(network, seed, "init");
  initialise_head(network, seed);
}

void initialise_head(DenseNet121Impl& network, std::uint64_t seed) {
  const torch::NoGradGuard no_grad;
  auto parameters = network.named_parameters();
  Tensor& weight = parameters["classifier.weight"];
  const double bound = 1 / std::sqrt(static_cast<double>(weight.size(1)));
  Rng rng(seed, "init", key_word("classifier.weight"));
  std::vector<float> values(static_cast<std::size_t>(weight.numel()));
  for (float& v : values) v = static_cast<float>(rng.uniform(-bound, bound));
  weight.copy_(torch::from_blob(values.data(), weight.sizes(), torch::kFloat));
  parameters["classifier.bias"].zero_();
}

}  // namespace tagconf::nn
