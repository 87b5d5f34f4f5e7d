// One image of a planned cohort, with everything that is true about it.
#pragma once

#include <optional>

#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct Rendered {
  imaging::GreyImage image;   // 8 bit
  imaging::GreyImage bones;   // 8 bit, 255 where a ray meets bone
  std::optional<TagBox> tag;  // in pixels of the image
  Rect lesion;                // empty for a normal image
};

// A function of the item alone: the same bytes in any order and on any thread.
[[nodiscard]] Rendered render_image(const ImagePlan& item);

}  // namespace tagconf::phantom
