// Axis-parallel rectangles in whole pixels. x to the right, y down; half open: a Rect covers columns
// [x, x + w) and rows [y, y + h).
#pragma once

#include <algorithm>
#include <cstdint>

namespace tagconf {

struct Rect {
  int x = 0;
  int y = 0;
  int w = 0;
  int h = 0;

  [[nodiscard]] constexpr int right() const { return x + w; }
  [[nodiscard]] constexpr int bottom() const { return y + h; }
  [[nodiscard]] constexpr bool empty() const { return w <= 0 || h <= 0; }
  [[nodiscard]] constexpr std::int64_t area() const { return empty() ? 0 : std::int64_t{w} * h; }
  [[nodiscard]] constexpr bool contains(int px, int py) const {
    return px >= x && px < right() && py >= y && py < bottom();
  }
  friend constexpr bool operator==(const Rect&, const Rect&) = default;
};

// The common part; an empty Rect{0,0,0,0} when there is none.
[[nodiscard]] constexpr Rect intersect(const Rect& a, const Rect& b) {
  const int x0 = std::max(a.x, b.x);
  const int y0 = std::max(a.y, b.y);
  const int x1 = std::min(a.right(), b.right());
  const int y1 = std::min(a.bottom(), b.bottom());
  return x1 > x0 && y1 > y0 ? Rect{x0, y0, x1 - x0, y1 - y0} : Rect{};
}

// The smallest rectangle holding both; an empty one counts as nothing.
[[nodiscard]] constexpr Rect bounding(const Rect& a, const Rect& b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  const int x0 = std::min(a.x, b.x);
  const int y0 = std::min(a.y, b.y);
  return {x0, y0, std::max(a.right(), b.right()) - x0, std::max(a.bottom(), b.bottom()) - y0};
}

// Grown by `pad` pixels on every side and cut to the image.
[[nodiscard]] constexpr Rect padded(const Rect& r, int pad, int image_width, int image_height) {
  return intersect({r.x - pad, r.y - pad, r.w + 2 * pad, r.h + 2 * pad}, {0, 0, image_width, image_height});
}

// Intersection over union; 0 when both are empty.
[[nodiscard]] constexpr double iou(const Rect& a, const Rect& b) {
  const std::int64_t inter = intersect(a, b).area();
  const std::int64_t all = a.area() + b.area() - inter;
  return all > 0 ? static_cast<double>(inter) / static_cast<double>(all) : 0.0;
}

}  // namespace tagconf
