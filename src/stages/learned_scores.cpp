#include "learned_scores.hpp"

#include <memory>

#include "tagconf/nn/finder.hpp"

namespace tagconf::stages {

tags::TagScores read_scores(const std::filesystem::path& weights) {
  // Images are worked on side by side: one thread each.
  (void)nn::resolve({nn::Precision::fp32, "cpu", 1});
  const auto net = std::make_shared<const nn::FinderNet>(nn::FinderNet::read(weights));
  return [net](std::span<const float> grey, std::span<const std::uint8_t> inside, int width, int height) {
    return net->probabilities(grey, inside, width, height);
  };
}

}  // namespace tagconf::stages
