// Tags from a map of probabilities. The network is a function handed in: from a picture's grey values to the
// probability of a tag at every fourth pixel.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// `grey` (0 to 1) and `inside` (1 where the picture is, 0 where it is filled up): width x height, multiples
// of 32. Returns (height / 4) x (width / 4) probabilities. Must bear several threads at a time.
using TagScores = std::function<std::vector<float>(
    std::span<const float> grey, std::span<const std::uint8_t> inside, int width, int height)>;

struct LearnedOptions {
  double min_score = 0.7;    // a tag's most probable place must reach it
  double edge_score = 0.45;  // a tag reaches as far as this, or as min_score where that is less
  int pad = 5;               // pixels added round what was seen, stored image
  // Long sides at which the picture is looked at; the maps' mean counts.
  std::vector<int> sides{512, 704, 960};
};

// The long sides at which a picture is looked at whose own is `longer`: those wanted, but none above 1.7
// times its own, and of two that lie within 15 % only the smaller. Ascending.
[[nodiscard]] std::vector<int> sides_for(int longer, std::span<const int> sides);

// Probabilities at the stored size, 0 to 1.
[[nodiscard]] imaging::Plane tag_probabilities(const imaging::GreyImage& image, const TagScores& scores,
                                               std::span<const int> sides);

// One box a connected region above edge_score that holds a place above min_score and is not a speck, several
// where the region is an angle or frame whose one box would be mostly empty; drawn in over even ground as far
// as the network is not quite sure; taken to the picture's border where it ends near it. Kind, letter and the
// other attributes are read from the components inside the box, as far as there are any. Reading order.
[[nodiscard]] std::vector<TagBox> find_learned(const imaging::GreyImage& image, const TagScores& scores,
                                               const LearnedOptions& options);

}  // namespace tagconf::tags
