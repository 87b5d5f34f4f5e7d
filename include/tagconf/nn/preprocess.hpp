// From grey planes to the network's input: the plane three times, minus ImageNet's mean, over its deviation,
// channels last.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "tagconf/base/npy.hpp"

namespace tagconf::nn {

// Red, green, blue; of torchvision's published weights.
inline constexpr std::array<float, 3> kMean{0.485F, 0.456F, 0.406F};
inline constexpr std::array<float, 3> kDeviation{0.229F, 0.224F, 0.225F};

// Values of an array's item i (uint8 or uint16) as fractions of full scale.
void read_plane(const NpyMap& pixels, std::size_t item, std::span<float> plane);
// Fractions of full scale as a 16-bit pack would give them back: the nearest multiple of 1/65535 within 0
// and 1.
void round_to_16_bit(std::span<float> plane);
// plane: n values; input: n x 3.
void normalise(std::span<const float> plane, std::span<float> input);

}  // namespace tagconf::nn
