#include "tagconf/arms/render.hpp"

#include "tagconf/base/error.hpp"

namespace tagconf::arms {

imaging::GreyImage render(const imaging::GreyImage& image, std::span<const TagBox> boxes, Arm arm,
                          const tags::CoverOptions& options) {
  if (arm == Arm::original) return image;
  const auto rects = tags::cover_boxes(boxes, options, image.width, image.height);
  return arm == Arm::covered ? tags::cover(image, rects, options.fill) : tags::strip(image, rects);
}

void require_inside(std::span<const TagBox> boxes, const imaging::GreyImage& image,
                    const std::string& image_id) {
  const auto refuse = [&](const std::string& why) {
    throw_input(image_id + ": box outside image (" + why + ")",
                "the boxes belong to another image, or to another resolution of it");
  };
  for (const auto& tag : boxes) {
    const Rect& b = tag.box;
    // Sums in 64 bit: a table may hold any number.
    const auto beyond = [&](const char* start, int at, const char* length, int extent, int limit) {
      if (at < 0) refuse(std::string(start) + " " + std::to_string(at) + " < 0");
      if (std::int64_t{at} + extent <= limit) return;
      refuse(std::string(start) + " " + std::to_string(at) + " + " + length + " " + std::to_string(extent) +
             " > " + std::to_string(limit));
    };
    beyond("x", b.x, "w", b.w, image.width);
    beyond("y", b.y, "h", b.h, image.height);
  }
}

}  // namespace tagconf::arms
