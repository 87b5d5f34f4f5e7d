#include "tagconf/tags/inpaint.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

namespace tagconf::tags {
namespace {

using imaging::GreyImage;

constexpr double kFar = 1e6;
constexpr double kLeastTurn = 1e-6;  // a weight of 0 in every direction would leave no estimate
constexpr std::array<std::pair<int, int>, 4> kNeighbours{{{-1, 0}, {1, 0}, {0, -1}, {0, 1}}};

// A field of values over part of an image.
template <class T>
class Field {
 public:
  Field(int width, int height, T value)
      : width_(width), height_(height), values_(static_cast<std::size_t>(width) * height, value) {}
  [[nodiscard]] bool holds(int x, int y) const { return x >= 0 && y >= 0 && x < width_ && y < height_; }
  [[nodiscard]] T& at(int x, int y) { return values_[static_cast<std::size_t>(y) * width_ + x]; }
  [[nodiscard]] const T& at(int x, int y) const { return values_[static_cast<std::size_t>(y) * width_ + x]; }
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }

 private:
  int width_;
  int height_;
  std::vector<T> values_;
};
using Mask = Field<std::uint8_t>;
using Times = Field<double>;

// The upwind solution of |grad T| = 1 at (x, y) from one neighbour of each axis.
double upwind(const Times& times, int x0, int y0, int x1, int y1) {
  const double a = times.holds(x0, y0) ? times.at(x0, y0) : kFar;
  const double b = times.holds(x1, y1) ? times.at(x1, y1) : kFar;
  const double gap = a - b;
  if (std::abs(gap) >= 1) return 1 + std::min(a, b);
  return (a + b + std::sqrt(2 - gap * gap)) / 2;
}

// Fast marching: the distance of every pixel of `open` from the pixels that are not, as far as `reach`;
// beyond it, and where there are no others, kFar. Others: 0.
Times distances(const Mask& open, double reach) {
  const int width = open.width();
  const int height = open.height();
  Times times(width, height, kFar);
  using Entry = std::pair<double, std::pair<int, int>>;  // time, then row and column: ties have one order
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> band;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (open.at(x, y) == 0) band.push({0.0, {y, x}});
    }
  }
  Mask done(width, height, 0);
  while (!band.empty()) {
    const auto [time, place] = band.top();
    band.pop();
    const auto [y, x] = place;
    if (time > reach) break;
    if (done.at(x, y) != 0) continue;
    done.at(x, y) = 1;
    times.at(x, y) = time;
    for (const auto& [dx, dy] : kNeighbours) {
      const int nx = x + dx;
      const int ny = y + dy;
      if (!times.holds(nx, ny) || done.at(nx, ny) != 0) continue;
      const double t =
          std::min(std::min(upwind(times, nx - 1, ny, nx, ny - 1), upwind(times, nx + 1, ny, nx, ny - 1)),
                   std::min(upwind(times, nx - 1, ny, nx, ny + 1), upwind(times, nx + 1, ny, nx, ny + 1)));
      band.push({t, {ny, nx}});
    }
  }
  return times;
}

// Difference of the distances along one axis: central, one-sided at the patch's border.
double slope(const Times& field, int x, int y, int dx, int dy) {
  const bool before = field.holds(x - dx, y - dy);
  const bool after = field.holds(x + dx, y + dy);
  if (before && after) return (field.at(x + dx, y + dy) - field.at(x - dx, y - dy)) / 2;
  if (after) return field.at(x + dx, y + dy) - field.at(x, y);
  if (before) return field.at(x, y) - field.at(x - dx, y - dy);
  return 0;
}

// grey = mean + across (x - x0) + down (y - y0).
struct Plane {
  double mean = 0;
  double x0 = 0;
  double y0 = 0;
  double across = 0;
  double down = 0;
  [[nodiscard]] double at(int x, int y) const { return mean + across * (x - x0) + down * (y - y0); }
};

// Least squares over the pixels outside the hole; level where they lie on one line.
Plane plane_through(const Field<double>& grey, const Mask& hole) {
  const auto each = [&](const auto& work) {
    for (int y = 0; y < hole.height(); ++y) {
      for (int x = 0; x < hole.width(); ++x) {
        if (hole.at(x, y) == 0) work(x, y, grey.at(x, y));
      }
    }
  };
  Plane plane;
  double n = 0;
  each([&](int x, int y, double v) {
    ++n;
    plane.mean += v;
    plane.x0 += x;
    plane.y0 += y;
  });
  if (n == 0) return plane;
  plane.mean /= n;
  plane.x0 /= n;
  plane.y0 /= n;
  double xx = 0;
  double xy = 0;
  double yy = 0;
  double xv = 0;
  double yv = 0;
  each([&](int x, int y, double v) {
    const double u = x - plane.x0;
    const double w = y - plane.y0;
    xx += u * u;
    xy += u * w;
    yy += w * w;
    xv += u * (v - plane.mean);
    yv += w * (v - plane.mean);
  });
  const double determinant = xx * yy - xy * xy;
  if (determinant <= 1e-9 * xx * yy || determinant <= 0) return plane;
  plane.across = (xv * yy - yv * xy) / determinant;
  plane.down = (yv * xx - xv * xy) / determinant;
  return plane;
}

// One group of boxes with what lies round it.
class Patch {
 public:
  Patch(const GreyImage& image, const Rect& area, std::span<const Rect> boxes)
      : area_(area), grey_(area.w, area.h, 0.0), hole_(area.w, area.h, 0) {
    for (int y = 0; y < area.h; ++y) {
      for (int x = 0; x < area.w; ++x) grey_.at(x, y) = image.at(area.x + x, area.y + y);
    }
    for (const Rect& box : boxes) {
      const Rect part = intersect(box, area);
      for (int y = part.y; y < part.bottom(); ++y) {
        for (int x = part.x; x < part.right(); ++x) hole_.at(x - area.x, y - area.y) = 1;
      }
    }
  }

  // The filled pixels go into the image.
  void fill(GreyImage& image) {
    Mask unknown = hole_;
    const Times time = signed_distances();
    const auto [low, high] = known_range();
    const Plane plane = plane_through(grey_, hole_);
    for (int y = 0; y < area_.h; ++y) {
      for (int x = 0; x < area_.w; ++x) grey_.at(x, y) -= plane.at(x, y);
    }
    for (const auto& [x, y] : order(time)) {
      grey_.at(x, y) = estimate(x, y, time, unknown);
      unknown.at(x, y) = 0;
      const double value = low <= high ? std::clamp(grey_.at(x, y) + plane.at(x, y), low, high) : 0;
      image.at(area_.x + x, area_.y + y) = static_cast<std::uint16_t>(std::lround(value));
    }
  }

 private:
  // Positive inside the hole, negative outside, 0 on the line between.
  [[nodiscard]] Times signed_distances() const {
    Mask outside(area_.w, area_.h, 0);
    for (int y = 0; y < area_.h; ++y) {
      for (int x = 0; x < area_.w; ++x) outside.at(x, y) = hole_.at(x, y) == 0 ? 1 : 0;
    }
    Times time = distances(hole_, kFar);
    const Times beyond = distances(outside, 2 * kInpaintRadius);
    for (int y = 0; y < area_.h; ++y) {
      for (int x = 0; x < area_.w; ++x)
        time.at(x, y) = hole_.at(x, y) != 0 ? time.at(x, y) - 0.5 : 0.5 - beyond.at(x, y);
    }
    return time;
  }

  [[nodiscard]] std::pair<double, double> known_range() const {
    double low = kFar;
    double high = -kFar;
    for (int y = 0; y < area_.h; ++y) {
      for (int x = 0; x < area_.w; ++x) {
        if (hole_.at(x, y) != 0) continue;
        low = std::min(low, grey_.at(x, y));
        high = std::max(high, grey_.at(x, y));
      }
    }
    return {low, high};
  }

  [[nodiscard]] std::vector<std::pair<int, int>> order(const Times& time) const {
    std::vector<std::pair<int, int>> out;
    for (int y = 0; y < area_.h; ++y) {
      for (int x = 0; x < area_.w; ++x) {
        if (hole_.at(x, y) != 0) out.emplace_back(x, y);
      }
    }
    std::stable_sort(out.begin(), out.end(), [&](const auto& a, const auto& b) {
      return time.at(a.first, a.second) < time.at(b.first, b.second);
    });
    return out;
  }

  // The mean of what the plane leaves of the known pixels, weighed by direction, distance and level.
  [[nodiscard]] double estimate(int x, int y, const Times& time, const Mask& unknown) const {
    const double tx = slope(time, x, y, 1, 0);
    const double ty = slope(time, x, y, 0, 1);
    double sum = 0;
    double weights = 0;
    for (int qy = y - kInpaintRadius; qy <= y + kInpaintRadius; ++qy) {
      for (int qx = x - kInpaintRadius; qx <= x + kInpaintRadius; ++qx) {
        const int rx = x - qx;
        const int ry = y - qy;
        const int square = rx * rx + ry * ry;
        if (square > kInpaintRadius * kInpaintRadius || !unknown.holds(qx, qy) || unknown.at(qx, qy) != 0)
          continue;
        const double turn = std::max(std::abs(rx * tx + ry * ty) / std::sqrt(square), kLeastTurn);
        const double level = 1 / (1 + std::abs(time.at(qx, qy) - time.at(x, y)));
        const double weight = turn * level / square;
        sum += weight * grey_.at(qx, qy);
        weights += weight;
      }
    }
    return weights > 0 ? sum / weights : 0;
  }

  Rect area_;
  Field<double> grey_;
  Mask hole_;
};

struct Group {
  Rect area;
  std::vector<Rect> boxes;
};

// Boxes whose surroundings touch belong together: what one is filled from must not lie under another.
std::vector<Group> grouped(std::span<const Rect> boxes, int width, int height) {
  constexpr int kMargin = kInpaintRadius + 1;
  std::vector<Group> groups;
  for (const Rect& box : boxes) {
    Group group{padded(box, kMargin, width, height), {box}};
    if (group.area.empty()) continue;
    for (std::size_t i = 0; i < groups.size();) {
      if (intersect(groups[i].area, group.area).empty()) {
        ++i;
        continue;
      }
      group.area = bounding(group.area, groups[i].area);
      group.boxes.insert(group.boxes.begin(), groups[i].boxes.begin(), groups[i].boxes.end());
      groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;  // the larger area may touch those passed
    }
    groups.push_back(std::move(group));
  }
  return groups;
}

}  // namespace

GreyImage inpaint(const GreyImage& image, std::span<const Rect> boxes) {
  GreyImage out = image;
  for (const Group& group : grouped(boxes, image.width, image.height))
    Patch(image, group.area, group.boxes).fill(out);
  return out;
}

}  // namespace tagconf::tags
