// The finder's network as the function that the tags layer asks for.
#pragma once

#include <filesystem>
#include <string>

#include "tagconf/nn/compute.hpp"
#include "tagconf/tags/learned.hpp"

namespace tagconf::stages {

// `precision` as nn::resolve takes it. Error input when the file is broken or of another network; environment
// in a program built without LibTorch.
[[nodiscard]] tags::TagScores read_scores(const std::filesystem::path& weights, nn::Precision precision);

// Of the weights that come with the program; error environment as above.
[[nodiscard]] tags::TagScores shipped_scores(nn::Precision precision);

// sha256 of those weights, empty in a program built without LibTorch.
[[nodiscard]] std::string shipped_scores_digest();

// What `requested` comes to on this machine; itself in a program built without LibTorch.
[[nodiscard]] nn::Precision resolved_precision(nn::Precision requested);

}  // namespace tagconf::stages
