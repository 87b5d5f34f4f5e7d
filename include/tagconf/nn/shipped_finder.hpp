// The tag finder's weights that come with the program, carried inside it: they are there from any folder.
// What they were trained on is said in src/nn/weights/README.md. No torch in this header.
#pragma once

#include <string>

#include "tagconf/nn/finder.hpp"

namespace tagconf::nn {

[[nodiscard]] FinderNet shipped_finder();

// sha256 of the weights' file, hexadecimal.
[[nodiscard]] const std::string& shipped_finder_digest();

}  // namespace tagconf::nn
