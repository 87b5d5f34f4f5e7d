#include "box_shape.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>

namespace tagconf::tags {
namespace {

constexpr double kSnap = 6.0 / 512.0;

// Grey of the stored picture, half-way up the sorted values.
double median_grey(std::vector<std::uint16_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of two tags that overlap, whose attributes stay: the one with a side before the one without, then the more
// certain one.
bool describes_better(const TagBox& a, const TagBox& b) {
  const bool side_a = a.kind == TagKind::laterality;
  const bool side_b = b.kind == TagKind::laterality;
  return side_a != side_b ? side_a : a.score >= b.score;
}

TagBox united(const TagBox& a, const TagBox& b) {
  TagBox both = describes_better(a, b) ? a : b;
  both.box = bounding(a.box, b.box);
  both.score = std::max(a.score, b.score);
  both.plate = a.plate.value_or(false) || b.plate.value_or(false);
  both.ring = a.ring.value_or(false) || b.ring.value_or(false);
  both.clipped = a.clipped.value_or(false) || b.clipped.value_or(false);
  return both;
}

}  // namespace

Rect snapped(const Rect& box, int width, int height) {
  const int reach = static_cast<int>(std::lround(kSnap * std::max(width, height)));
  const int x0 = box.x <= reach ? 0 : box.x;
  const int y0 = box.y <= reach ? 0 : box.y;
  const int x1 = width - box.right() <= reach ? width : box.right();
  const int y1 = height - box.bottom() <= reach ? height : box.bottom();
  return {x0, y0, x1 - x0, y1 - y0};
}

bool at_border(const Rect& box, int width, int height) {
  return box.x <= 0 || box.y <= 0 || box.right() >= width || box.bottom() >= height;
}

std::optional<double> stored_contrast(const imaging::GreyImage& image, const WorkingImage& work,
                                      const Component& part) {
  const auto stored = [&](int x, int y) {
    const int sx = std::min(image.width - 1, static_cast<int>((x + 0.5) / work.scale));
    const int sy = std::min(image.height - 1, static_cast<int>((y + 0.5) / work.scale));
    return image.at(sx, sy);
  };
  std::vector<std::uint16_t> ink;
  std::vector<std::uint16_t> ground;
  const Rect near = padded(part.box, 3, work.grey.cols, work.grey.rows);
  const Rect wide = padded(part.box, 6, work.grey.cols, work.grey.rows);
  for (int y = wide.y; y < wide.bottom(); ++y) {
    for (int x = wide.x; x < wide.right(); ++x) {
      if (!near.contains(x, y))
        ground.push_back(stored(x, y));
      else if (part.box.contains(x, y) && part.mask.at<std::uint8_t>(y - part.box.y, x - part.box.x) != 0)
        ink.push_back(stored(x, y));
    }
  }
  if (ink.empty() || ground.empty()) return std::nullopt;
  const double difference = median_grey(ink) - median_grey(ground);
  return std::round(1e4 * difference / image.full_scale()) / 1e4;
}

namespace {

bool are_one(const Rect& a, const Rect& b, double least_fill) {
  const Rect common = intersect(a, b);
  if (common.empty()) return false;
  const auto filled = static_cast<double>(a.area() + b.area() - common.area());
  return filled >= least_fill * static_cast<double>(bounding(a, b).area());
}

}  // namespace

std::vector<TagBox> merged(const std::vector<TagBox>& found, double least_fill) {
  std::vector<TagBox> apart;
  for (TagBox tag : found) {
    for (std::size_t i = 0; i < apart.size();) {
      if (!are_one(apart[i].box, tag.box, least_fill)) {
        ++i;
        continue;
      }
      tag = united(apart[i], tag);
      apart.erase(apart.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;  // the box has grown: it may now meet an earlier one
    }
    apart.push_back(tag);
  }
  std::sort(apart.begin(), apart.end(), [](const TagBox& a, const TagBox& b) {
    return std::tuple(a.box.y, a.box.x, a.box.h, a.box.w) < std::tuple(b.box.y, b.box.x, b.box.h, b.box.w);
  });
  return apart;
}

}  // namespace tagconf::tags
