// One image of a planned cohort, with everything that is true about it.
#pragma once

#include <vector>

#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/tag_truth.hpp"

namespace tagconf::phantom {

struct Rendered {
  imaging::GreyImage image;  // 8 bit
  imaging::GreyImage bones;  // 8 bit, 255 where a ray meets bone
  // In pixels of the image. The laterality marker of the plan, if it has one, comes first; a word or initials
  // elsewhere on the film, whose presence and place know nothing of the label, may follow.
  std::vector<TagBox> tags;
  std::vector<TagTruth> looks;  // beside `tags`
  Rect lesion;                  // empty for a normal image
};

// A function of the item alone: the same bytes in any order and on any thread.
[[nodiscard]] Rendered render_image(const ImagePlan& item);

// The same image as it would be without any tag: equal to `render_image` outside its boxes but for what blur
// and noise carry over, at most some grey levels within 2 pixels of a box.
[[nodiscard]] imaging::GreyImage render_without_tags(const ImagePlan& item);

}  // namespace tagconf::phantom
