// The finder that a stage's options and weights ask for.
#pragma once

#include <filesystem>
#include <optional>

#include "tagconf/nn/compute.hpp"
#include "tagconf/tags/finder.hpp"
#include "tagconf/tags/learned.hpp"

namespace tagconf::stages {

// Is a finder that nobody named the learned one? Not in a program built without LibTorch.
[[nodiscard]] bool learned_by_default();

// Without min_score the finder's own.
[[nodiscard]] tags::Finder classical_finder(std::optional<double> min_score, int pad);

// Of these weights, or of those that come with the program. Error environment in a program built without
// LibTorch.
[[nodiscard]] tags::Finder learned_finder(const std::optional<std::filesystem::path>& weights,
                                          const tags::LearnedOptions& options,
                                          nn::Precision precision = nn::Precision::fp32);

}  // namespace tagconf::stages
