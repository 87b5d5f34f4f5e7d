// A small fully convolutional network that says of every place of a picture how likely a tag is there.
// Feature pyramid (Lin et al., CVPR 2017) on a light residual encoder; one logit for each 4 x 4 pixels. No
// torch in this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <vector>

#include "tagconf/nn/compute.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::nn {

class FinderNetImpl;

// The network halves the picture five times.
inline constexpr int kFinderMultiple = 32;
inline constexpr int kFinderStride = 4;
inline constexpr int kFinderPlanes = 3;

// width x height pictures -> kFinderPlanes planes, one after the other: grey from -1 to 1; contrast with the
// mean of the 31 x 31 pixels round, in their standard deviations (+ 0.03), cut at 4 and halved; 1 inside the
// picture. `grey`: 0 to 1. `inside`: 1 where the picture is, 0 where it is filled up; only pixels inside
// count as surroundings, and outside the planes are -1, 0 and 0.
[[nodiscard]] std::vector<float> finder_planes(std::span<const float> grey,
                                               std::span<const std::uint8_t> inside, int width, int height);

class FinderNet {
 public:
  // Random weights, a function of the seed alone.
  [[nodiscard]] static FinderNet random(std::uint64_t seed);
  // Error input when the file is broken or of another network.
  [[nodiscard]] static FinderNet read(const std::filesystem::path& weights);
  [[nodiscard]] static FinderNet from(const Safetensors& file);

  FinderNet(FinderNet&&) noexcept;
  FinderNet& operator=(FinderNet&&) noexcept;
  ~FinderNet();

  // The weights as a file of 16-bit floats holds them: going on from here equals going on from the file.
  void round();

  // Every weight and running statistic goes `share` of the way to the other's, 0 to 1. Half-way between a
  // network and what it became by training on narrow data the old ability stays and most of the new is there
  // (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
  void move_towards(const FinderNet& other, double share);

  // 16-bit floats; same weights and metadata, same bytes.
  void write(const std::filesystem::path& path, const Metadata& metadata) const;
  [[nodiscard]] const Metadata& metadata() const { return metadata_; }

  // What later answers are computed in: fp32, unless it is said here, or bf16.
  void use(Precision precision);

  // Probabilities, (height / 4) x (width / 4), of one picture of grey values 0 to 1, with width and height
  // multiples of 32. May be called from several threads at a time. The same to the bit on one machine.
  [[nodiscard]] std::vector<float> probabilities(std::span<const float> grey,
                                                 std::span<const std::uint8_t> inside, int width,
                                                 int height) const;

  [[nodiscard]] FinderNetImpl& network() { return *network_; }

 private:
  FinderNet();
  std::shared_ptr<FinderNetImpl> network_;
  Metadata metadata_;
};

}  // namespace tagconf::nn
