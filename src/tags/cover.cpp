#include "tagconf/tags/cover.hpp"

#include <algorithm>
#include <cstddef>

#include "tagconf/tags/inpaint.hpp"

namespace tagconf::tags {
namespace {

using imaging::GreyImage;

std::size_t index_of(int x, int y, int width) {
  return static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
}

// Grey values outside every box in the frame of pixels at distance inner < d <= outer (chessboard) round
// `box`.
std::vector<std::uint16_t> free_ring(const GreyImage& image, const std::vector<std::uint8_t>& mask,
                                     const Rect& box, int inner, int outer) {
  std::vector<std::uint16_t> values;
  const Rect hole{box.x - inner, box.y - inner, box.w + 2 * inner, box.h + 2 * inner};
  const Rect ring = padded(box, outer, image.width, image.height);
  for (int y = ring.y; y < ring.bottom(); ++y) {
    for (int x = ring.x; x < ring.right(); ++x) {
      if (!hole.contains(x, y) && mask[index_of(x, y, image.width)] == 0) values.push_back(image.at(x, y));
    }
  }
  return values;
}

std::uint16_t lower_median(std::vector<std::uint16_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Only uncovered pixels are looked at, so covering twice changes nothing; where boxes leave no free pixel in
// the ring, the next ring outwards is taken.
std::uint16_t median_round(const GreyImage& image, const std::vector<std::uint8_t>& mask, const Rect& box) {
  const int reach = std::max(image.width, image.height);
  for (int inner = 0; inner < reach; inner += kRingWidth) {
    std::vector<std::uint16_t> values = free_ring(image, mask, box, inner, inner + kRingWidth);
    if (!values.empty()) return lower_median(values);
  }
  return 0;
}

std::vector<Rect> inside(std::span<const Rect> boxes, const Rect& frame) {
  std::vector<Rect> cut;
  for (const Rect& box : boxes) {
    const Rect part = intersect(box, frame);
    if (!part.empty()) cut.push_back(part);
  }
  return cut;
}

}  // namespace

std::vector<Rect> cover_boxes(std::span<const TagBox> boxes, const CoverOptions& options, int width,
                              int height) {
  std::vector<Rect> out;
  for (const TagBox& tag : boxes) {
    if (std::find(options.kinds.begin(), options.kinds.end(), tag.kind) == options.kinds.end()) continue;
    if (tag.box.empty()) continue;
    const Rect box = padded(tag.box, options.pad, width, height);
    if (!box.empty()) out.push_back(box);
  }
  return out;
}

std::vector<std::uint8_t> box_mask(std::span<const Rect> boxes, int width, int height) {
  std::vector<std::uint8_t> mask(index_of(0, height, width), 0);
  for (const Rect& box : inside(boxes, {0, 0, width, height})) {
    for (int y = box.y; y < box.bottom(); ++y) {
      std::fill_n(mask.begin() + static_cast<std::ptrdiff_t>(index_of(box.x, y, width)), box.w,
                  std::uint8_t{1});
    }
  }
  return mask;
}

GreyImage cover(const GreyImage& image, std::span<const Rect> boxes, Fill fill) {
  const std::vector<Rect> parts = inside(boxes, image.frame());
  if (fill == Fill::inpaint) return inpaint(image, parts);
  GreyImage out = image;
  const std::vector<std::uint8_t> mask =
      fill == Fill::border_median ? box_mask(parts, image.width, image.height) : std::vector<std::uint8_t>{};
  for (const Rect& box : parts) {
    std::uint16_t grey = 0;
    if (fill == Fill::white) grey = image.full_scale();
    if (fill == Fill::border_median) grey = median_round(image, mask, box);
    for (int y = box.y; y < box.bottom(); ++y) std::fill_n(&out.at(box.x, y), box.w, grey);
  }
  return out;
}

GreyImage strip(const GreyImage& image, std::span<const Rect> boxes) {
  GreyImage out(image.width, image.height, image.bits);
  for (const Rect& box : inside(boxes, image.frame())) {
    for (int y = box.y; y < box.bottom(); ++y)
      std::copy_n(&image.pixels[index_of(box.x, y, image.width)], box.w, &out.at(box.x, y));
  }
  return out;
}

std::int64_t covered_pixels(std::span<const Rect> boxes, int width, int height) {
  const std::vector<std::uint8_t> mask = box_mask(boxes, width, height);
  return std::count(mask.begin(), mask.end(), std::uint8_t{1});
}

}  // namespace tagconf::tags
