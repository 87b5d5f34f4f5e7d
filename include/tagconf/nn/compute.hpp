// Where and how a network is computed: device, precision, threads.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf::nn {

// automatic: bf16 where the processor (or GPU) multiplies it in hardware, else fp32.
enum class Precision { automatic, fp32, bf16 };

}  // namespace tagconf::nn

template <>
struct tagconf::EnumNames<tagconf::nn::Precision> {
  using P = tagconf::nn::Precision;
  static constexpr std::array kNames{std::pair{P::automatic, "auto"}, std::pair{P::fp32, "fp32"},
                                     std::pair{P::bf16, "bf16"}};
};

namespace tagconf::nn {

struct Compute {
  Precision precision = Precision::fp32;
  std::string device = "cpu";  // cpu, cuda or cuda:N
  int threads = 0;             // 0 = all that the process may use
};

// The request with every choice made: precision fp32 or bf16, threads counted, the device checked. Sets
// LibTorch's thread count for the process, and lets it keep the memory it frees. Warns once where bf16 was
// asked of a processor that is not known to multiply it. Error environment for a device that is not there,
// usage for one that does not exist.
[[nodiscard]] Compute resolve(const Compute& request);

// LibTorch's version, for run records.
[[nodiscard]] std::string torch_version();

}  // namespace tagconf::nn
