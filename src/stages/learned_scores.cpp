#include "learned_scores.hpp"

#include <memory>

#include "tagconf/nn/finder.hpp"
#include "tagconf/nn/shipped_finder.hpp"

namespace tagconf::stages {
namespace {

tags::TagScores scores_of(nn::FinderNet trained, nn::Precision precision) {
  // Images are worked on side by side: one thread each.
  trained.use(nn::resolve({precision, "cpu", 1}).precision);
  const auto net = std::make_shared<const nn::FinderNet>(std::move(trained));
  return [net](std::span<const float> grey, std::span<const std::uint8_t> inside, int width, int height) {
    return net->probabilities(grey, inside, width, height);
  };
}

}  // namespace

tags::TagScores read_scores(const std::filesystem::path& weights, nn::Precision precision) {
  return scores_of(nn::FinderNet::read(weights), precision);
}

tags::TagScores shipped_scores(nn::Precision precision) {
  return scores_of(nn::shipped_finder(), precision);
}

nn::Precision resolved_precision(nn::Precision requested) {
  return nn::resolve({requested, "cpu", 1}).precision;
}

std::string shipped_scores_digest() {
  return nn::shipped_finder_digest();
}

}  // namespace tagconf::stages
