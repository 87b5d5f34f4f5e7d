// Filling covered pixels from what lies round them: A. Telea, "An image inpainting technique based on the
// fast marching method", Journal of Graphics Tools 2004;9(1):23-34.
#pragma once

#include <span>

#include "tagconf/base/rect.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// Pixels round a point that its value is estimated from.
inline constexpr int kInpaintRadius = 5;

// Every pixel inside a box gets the weighted mean of first-order estimates from known pixels within 5 px (the
// paper's equation 2, weights 3 to 5), in order of distance from the boxes' borders, and never leaves the
// range of the known pixels near its boxes, so that noise cannot grow inwards. Only pixels outside every box
// are read: the result does not depend on what the boxes hold. Pixels outside stay as they are; boxes that
// leave no pixel free are filled with 0.
[[nodiscard]] imaging::GreyImage inpaint(const imaging::GreyImage& image, std::span<const Rect> boxes);

}  // namespace tagconf::tags
