#include "finder_net.hpp"

#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/nn/finder.hpp"

namespace tagconf::nn {
namespace {

namespace layers = torch::nn;
using torch::Tensor;

constexpr std::int64_t kStemChannels = 16;
constexpr std::array<std::int64_t, 4> kStageChannels{24, 40, 56, 56};  // at strides 4, 8, 16, 32
constexpr std::int64_t kPyramidChannels = 32;
constexpr double kFirstProbability = 0.05;

// Convolution and batch norm; `relu` after it.
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
    const Tensor y = norm_(conv_(x));
    return relu_ ? torch::relu(y) : y;
  }

 private:
  layers::Conv2d conv_;
  layers::BatchNorm2d norm_;
  bool relu_;
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
    return torch::relu(y + second_(first_(y)));
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
  const torch::NoGradGuard no_grad;
  for (auto& item : network.named_parameters()) {
    Tensor& tensor = item.value();
    const std::string& name = item.key();
    if (tensor.dim() == 4) {
      const double deviation = std::sqrt(2.0 / static_cast<double>(tensor.numel() / tensor.size(0)));
      Rng rng(seed, "finder init", key_word(name));
      std::vector<float> values(static_cast<std::size_t>(tensor.numel()));
      for (float& v : values) v = static_cast<float>(deviation * rng.normal());
      tensor.copy_(torch::from_blob(values.data(), tensor.sizes(), torch::kFloat));
    } else {
      tensor.fill_(name.ends_with("norm.weight") ? 1 : 0);
    }
    if (name.ends_with("head.bias")) tensor.fill_(std::log(kFirstProbability / (1 - kFirstProbability)));
  }
  for (auto& item : network.named_buffers()) item.value().fill_(item.key().ends_with("running_var") ? 1 : 0);
}

}  // namespace tagconf::nn
