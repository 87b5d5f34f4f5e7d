#include "tagconf/arms/render.hpp"

namespace tagconf::arms {

imaging::GreyImage render(const imaging::GreyImage& image, std::span<const TagBox> boxes, Arm arm,
                          const tags::CoverOptions& options) {
  if (arm == Arm::original) return image;
  const auto rects = tags::cover_boxes(boxes, options, image.width, image.height);
  return arm == Arm::covered ? tags::cover(image, rects, options.fill) : tags::strip(image, rects);
}

}  // namespace tagconf::arms
