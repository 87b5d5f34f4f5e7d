// Finding tags on a stored radiograph. A finder is a function; the classical one needs no weights.
#pragma once

#include <functional>
#include <vector>

#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// Boxes in pixels of the image, inside it, in reading order (top to bottom, then left to right).
using Finder = std::function<std::vector<TagBox>(const imaging::GreyImage&)>;

struct ClassicalOptions {
  double min_score = 0.5;  // 0 to 1
  int pad = 5;             // pixels added round what was seen
};

// Contrast, stroke and shape of connected components, both polarities, several scales.
[[nodiscard]] std::vector<TagBox> find_classical(const imaging::GreyImage& image,
                                                 const ClassicalOptions& options);

}  // namespace tagconf::tags
