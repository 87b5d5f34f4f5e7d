// The finder's network as a plain LibTorch module: what finder.hpp promises, with torch in the header.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

namespace tagconf::nn {

class FinderTrunkImpl;

class FinderNetImpl : public torch::nn::Module {
 public:
  FinderNetImpl();
  ~FinderNetImpl() override;

  // B x kFinderPlanes x H x W (multiples of 32) -> B x 1 x H/4 x W/4 logits.
  torch::Tensor forward(const torch::Tensor& planes);

  // Outside training, convolutions and batch norms are one; eval() makes them so.
  void train(bool on = true) override;

  // Outside training, logits are computed in this type: kFloat at first, or kBFloat16.
  void answer_in(torch::ScalarType type);

 private:
  torch::ScalarType type_ = torch::kFloat;
  std::shared_ptr<FinderTrunkImpl> trunk_;
};

// Random weights, a function of the seed; the head starts at a probability of 0.05 everywhere.
void initialise(FinderNetImpl& network, std::uint64_t seed);

}  // namespace tagconf::nn
