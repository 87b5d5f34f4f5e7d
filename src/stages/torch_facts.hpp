// What LibTorch makes of the machine and may change a result: part of a run's cache key.
#pragma once

#include "tagconf/nn/compute.hpp"
#include "tagconf/stage/stage.hpp"

namespace tagconf::stages {

// The number format that the request comes to on this device, and LibTorch's version.
inline Json torch_facts(nn::Precision requested, const stage::Context& context) {
  const auto compute = nn::resolve({requested, context.device, context.threads});
  return {{"precision", name_of(compute.precision)}, {"libtorch", nn::torch_version()}};
}

}  // namespace tagconf::stages
