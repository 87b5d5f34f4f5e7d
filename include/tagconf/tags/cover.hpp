// The two arms made from boxes: `cover` paints the tags over, `strip` keeps nothing but the tags. Exact at
// the stored resolution: outside the boxes (inside, for strip) every pixel is the original's.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

enum class Fill { black, white, border_median, inpaint };

}  // namespace tagconf::tags

template <>
struct tagconf::EnumNames<tagconf::tags::Fill> {
  static constexpr std::array kNames{std::pair{tagconf::tags::Fill::black, "black"},
                                     std::pair{tagconf::tags::Fill::white, "white"},
                                     std::pair{tagconf::tags::Fill::border_median, "border_median"},
                                     std::pair{tagconf::tags::Fill::inpaint, "inpaint"}};
};

namespace tagconf::tags {

struct CoverOptions {
  std::vector<TagKind> kinds{TagKind::laterality, TagKind::technologist, TagKind::text, TagKind::marker,
                             TagKind::unknown};  // which tags are treated as tags
  int pad = 4;                                   // pixels added on every side of a box
  Fill fill = Fill::black;                       // grey painted over a tag (cover only)
};

// The boxes of the wanted kinds, padded and cut to the image; boxes left empty are dropped.
[[nodiscard]] std::vector<Rect> cover_boxes(std::span<const TagBox> boxes, const CoverOptions& options,
                                            int width, int height);
// 1 inside any box, else 0; height x width.
[[nodiscard]] std::vector<std::uint8_t> box_mask(std::span<const Rect> boxes, int width, int height);

// How many pixels lie inside any box: overlaps count once.
[[nodiscard]] std::int64_t covered_pixels(std::span<const Rect> boxes, int width, int height);

// Width of the ring round a box whose median `border_median` paints.
inline constexpr int kRingWidth = 3;

// black: 0; white: full scale; border_median: the (lower) median of the pixels outside every box in the 3 px
// ring round the box, or of the next ring that has any; inpaint: see inpaint.hpp. Where boxes overlap the
// later one's grey stays. Idempotent.
[[nodiscard]] imaging::GreyImage cover(const imaging::GreyImage& image, std::span<const Rect> boxes,
                                       Fill fill);
// Outside the boxes 0.
[[nodiscard]] imaging::GreyImage strip(const imaging::GreyImage& image, std::span<const Rect> boxes);

}  // namespace tagconf::tags
