#include "learned_scores.hpp"

#include <memory>

#include "tagconf/nn/finder.hpp"
#include "tagconf/nn/shipped_finder.hpp"

namespace tagconf::stages {
namespace {

tags::TagScores scores_of(nn::FinderNet trained) {
  // Images are worked on side by side: one thread each.
  (void)nn::resolve({nn::Precision::fp32, "cpu", 1});
  const auto net = std::make_shared<const nn::FinderNet>(std::move(trained));
  return [net](std::span<const float> grey, std::span<const std::uint8_t> inside, int width, int height) {
    return net->probabilities(grey, inside, width, height);
  };
}

}  // namespace

tags::TagScores read_scores(const std::filesystem::path& weights) {
  return scores_of(nn::FinderNet::read(weights));
}

tags::TagScores shipped_scores() {
  return scores_of(nn::shipped_finder());
}

std::string shipped_scores_digest() {
  return nn::shipped_finder_digest();
}

}  // namespace tagconf::stages
