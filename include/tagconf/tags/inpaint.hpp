// Filling covered pixels from what lies round them: A. Telea, "An image inpainting technique based on the
// fast marching method", Journal of Graphics Tools 2004;9(1):23-34.
#pragma once

#include <span>

#include "tagconf/base/rect.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// Pixels round a point that its value is estimated from.
inline constexpr int kInpaintRadius = 5;

// The plane through the surroundings of a box (least squares) is continued; what it leaves of the known
// pixels within 5 px is averaged with the paper's weights (equations 3 to 5), in order of distance from the
// box's border. The paper takes the slope of every single pixel instead: on radiographs that draws their
// grain out to streaks that look like letters. Values stay within the range of the known pixels near the box.
// Only pixels outside every box are read: the result does not depend on what the boxes hold. Pixels outside
// stay as they are; boxes that leave no pixel free are filled with 0.
[[nodiscard]] imaging::GreyImage inpaint(const imaging::GreyImage& image, std::span<const Rect> boxes);

}  // namespace tagconf::tags
