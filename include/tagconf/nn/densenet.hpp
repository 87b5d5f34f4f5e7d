// DenseNet-121 (Huang et al., "Densely Connected Convolutional Networks", CVPR 2017) as a plain LibTorch
// module with torchvision's parameter names. The reference that every faster path is tested against. Only nn
// and saliency include this header: it pulls in torch.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

namespace tagconf::nn {

class TrunkImpl;

class DenseNet121Impl : public torch::nn::Module {
 public:
  explicit DenseNet121Impl(std::int64_t outputs = 1);
  ~DenseNet121Impl() override;

  // Images B x 3 x S x S (S a multiple of 32), normalised -> B x 1024 x S/32 x S/32 after the last ReLU: what
  // global pooling sees.
  torch::Tensor features(const torch::Tensor& images);
  // The head: mean over the plane, then the linear layer; B x outputs logits.
  torch::Tensor classify(const torch::Tensor& features);
  torch::Tensor forward(const torch::Tensor& images) { return classify(features(images)); }

 private:
  std::shared_ptr<TrunkImpl> trunk_;
  torch::nn::Linear classifier_{nullptr};
};
TORCH_MODULE(DenseNet121);

// torchvision's initialisation (convolutions normal with variance 2 / fan-in, batch norms 1 and 0, the head's
// weights uniform within 1/sqrt(fan-in), its bias 0), each tensor drawn from its own stream of `seed`: all
// trainings of one seed start from the same weights, whatever else differs.
void initialise(DenseNet121Impl& network, std::uint64_t seed);
void initialise_head(DenseNet121Impl& network, std::uint64_t seed);

}  // namespace tagconf::nn
