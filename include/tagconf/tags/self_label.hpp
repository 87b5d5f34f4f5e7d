// Labels for images that nobody labelled, by the finder itself: what it is sure of becomes a tag, what it
// doubts stays open, all else is no tag. A finder that is trained on with these learns what the background of
// these very images looks like, which synthetic pictures cannot teach it.
#pragma once

#include <cstdint>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/tags/known.hpp"
#include "tagconf/tags/learned.hpp"

namespace tagconf::tags {

struct SelfLabelOptions {
  double sure = 0.9;      // a region whose most probable place reaches it is a tag
  double doubtful = 0.7;  // one that reaches this is left open, with what is round it
  std::vector<int> sides{512, 704};
};

// Known, height x width. The maps of the picture and of its mirror image count alike.
[[nodiscard]] std::vector<std::uint8_t> self_labels(const imaging::GreyImage& image, const TagScores& scores,
                                                    const SelfLabelOptions& options);

}  // namespace tagconf::tags
