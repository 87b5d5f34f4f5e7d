// One image as an arm shows it, at stored resolution.
#pragma once

#include <span>

#include "tagconf/base/sample.hpp"
#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/tags/cover.hpp"

namespace tagconf::arms {

// original: the image; covered: tags painted over; tags_only: 0 outside the tags. An image without tags is
// the original itself when covered and all 0 when tags_only: it stays in every arm.
[[nodiscard]] imaging::GreyImage render(const imaging::GreyImage& image, std::span<const TagBox> boxes,
                                        Arm arm, const tags::CoverOptions& options);

}  // namespace tagconf::arms
