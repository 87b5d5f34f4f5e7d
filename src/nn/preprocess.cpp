#include "tagconf/nn/preprocess.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "tagconf/base/error.hpp"

namespace tagconf::nn {
namespace {

template <class T>
void scale(std::span<const std::byte> bytes, std::span<float> plane, float full_scale) {
  for (std::size_t i = 0; i < plane.size(); ++i) {
    T value;
    std::memcpy(&value, bytes.data() + i * sizeof(T), sizeof(T));
    plane[i] = static_cast<float>(value) / full_scale;
  }
}

}  // namespace

void read_plane(const NpyMap& pixels, std::size_t item, std::span<float> plane) {
  const auto bytes = pixels.item(item);
  if (bytes.size() != plane.size() * size_of(pixels.type()))
    throw Error(ErrorCode::bug, "an image's plane has another size than its array");
  switch (pixels.type()) {
    case NpyType::uint8:
      return scale<std::uint8_t>(bytes, plane, 255.0F);
    case NpyType::uint16:
      return scale<std::uint16_t>(bytes, plane, 65535.0F);
    case NpyType::float32:
      return scale<float>(bytes, plane, 1.0F);
  }
}

void round_to_16_bit(std::span<float> plane) {
  for (float& v : plane) {
    const double scaled = std::clamp(std::round(static_cast<double>(v) * 65535.0), 0.0, 65535.0);
    v = static_cast<float>(scaled) / 65535.0F;
  }
}

void normalise(std::span<const float> plane, std::span<float> input) {
  for (std::size_t i = 0; i < plane.size(); ++i) {
    for (std::size_t c = 0; c < 3; ++c) input[3 * i + c] = (plane[i] - kMean[c]) / kDeviation[c];
  }
}

}  // namespace tagconf::nn
