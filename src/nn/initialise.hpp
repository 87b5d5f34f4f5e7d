// First weights of a network.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <string_view>

namespace tagconf::nn {

// Convolutions normal with variance 2 / fan-in (He et al., ICCV 2015), each tensor drawn from its own stream
// of (seed, purpose, name); batch norms 1 and 0 with running mean 0 and variance 1; biases 0.
void initialise_convolutions(torch::nn::Module& network, std::uint64_t seed, std::string_view purpose);

}  // namespace tagconf::nn
