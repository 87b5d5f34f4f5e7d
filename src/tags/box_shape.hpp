// What both finders do to a box before they hand it out.
#pragma once

#include <optional>
#include <vector>

#include "component.hpp"
#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "working_image.hpp"

namespace tagconf::tags {

// A box that ends near the picture's border (6/512 of its long side) is taken to it.
[[nodiscard]] Rect snapped(const Rect& box, int width, int height);
[[nodiscard]] bool at_border(const Rect& box, int width, int height);

// Ink minus surroundings as a fraction of full scale, from the stored pixels: the working picture is clipped.
[[nodiscard]] std::optional<double> stored_contrast(const imaging::GreyImage& image, const WorkingImage& work,
                                                    const Component& part);

// Boxes that overlap become one, until none do; reading order.
// Boxes that would fill less than `least_fill` of their common box stay apart.
[[nodiscard]] std::vector<TagBox> merged(const std::vector<TagBox>& found, double least_fill = 0);

}  // namespace tagconf::tags
