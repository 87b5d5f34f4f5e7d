// The finder's network as the function that the tags layer asks for.
#pragma once

#include <filesystem>

#include "tagconf/tags/learned.hpp"

namespace tagconf::stages {

// Error input when the file is broken or of another network; environment in a program built without LibTorch.
[[nodiscard]] tags::TagScores read_scores(const std::filesystem::path& weights);

}  // namespace tagconf::stages
