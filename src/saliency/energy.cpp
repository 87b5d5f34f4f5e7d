#include "tagconf/saliency/energy.hpp"

#include <algorithm>
#include <cstdint>

namespace tagconf::saliency {
namespace {

// Shares that differ by rounding alone count as equal: all placements inside a plateau of the map tie.
constexpr double kTie = 1e-12;

std::vector<Rect> cut_to(std::span<const Rect> boxes, const Rect& frame) {
  std::vector<Rect> out;
  for (const Rect& box : boxes) {
    const Rect inside = intersect(box, frame);
    if (!inside.empty()) out.push_back(inside);
  }
  return out;
}

int draw_below(Rng& rng, int n) {
  return static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
}

}  // namespace

EnergyMap::EnergyMap(std::span<const float> values, int width, int height) : width_(width), height_(height) {
  const auto columns = static_cast<std::size_t>(width);
  const std::size_t stride = columns + 1;
  sums_.assign(stride * (static_cast<std::size_t>(height) + 1), 0.0);
  for (std::size_t y = 0; y < static_cast<std::size_t>(height); ++y) {
    double row = 0;
    for (std::size_t x = 0; x < columns; ++x) {
      row += static_cast<double>(values[y * columns + x]);
      sums_[(y + 1) * stride + x + 1] = sums_[y * stride + x + 1] + row;
    }
  }
}

double EnergyMap::sum(const Rect& box) const {
  const auto at = [this](int x, int y) {
    return sums_[static_cast<std::size_t>(y) * (static_cast<std::size_t>(width_) + 1) +
                 static_cast<std::size_t>(x)];
  };
  return at(box.right(), box.bottom()) - at(box.x, box.bottom()) - at(box.right(), box.y) + at(box.x, box.y);
}

double EnergyMap::sum_of_union(std::span<const Rect> boxes) const {
  double total = 0;
  for (const Rect& part : without_overlap(cut_to(boxes, {0, 0, width_, height_}))) total += sum(part);
  return total;
}

std::vector<Rect> without_overlap(std::span<const Rect> boxes) {
  // Cut into horizontal strips at every upper and lower edge; within a strip, join what touches.
  std::vector<int> edges;
  for (const Rect& box : boxes) {
    if (box.empty()) continue;
    edges.push_back(box.y);
    edges.push_back(box.bottom());
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  std::vector<Rect> out;
  for (std::size_t i = 0; i + 1 < edges.size(); ++i) {
    const int top = edges[i];
    const int height = edges[i + 1] - top;
    std::vector<std::pair<int, int>> spans;
    for (const Rect& box : boxes) {
      if (!box.empty() && box.y <= top && box.bottom() > top) spans.emplace_back(box.x, box.right());
    }
    std::sort(spans.begin(), spans.end());
    for (std::size_t s = 0; s < spans.size();) {
      int end = spans[s].second;
      const int begin = spans[s].first;
      for (++s; s < spans.size() && spans[s].first <= end; ++s) end = std::max(end, spans[s].second);
      out.push_back({begin, top, end - begin, height});
    }
  }
  return out;
}

InTagEnergy in_tag_energy(const EnergyMap& map, std::span<const Rect> boxes, std::size_t draws, Rng rng) {
  InTagEnergy out;
  const double total = map.total();
  out.empty = !(total > 0);
  const std::vector<Rect> inside = cut_to(boxes, {0, 0, map.width(), map.height()});
  if (inside.empty()) return out;
  std::int64_t area = 0;
  for (const Rect& part : without_overlap(inside)) area += part.area();
  out.area_share = static_cast<double>(area) / (static_cast<double>(map.width()) * map.height());
  if (out.empty) return out;
  out.share = map.sum_of_union(inside) / total;
  if (draws == 0) return out;
  double sum = 0;
  std::size_t as_large = 0;
  std::vector<Rect> moved = inside;
  for (std::size_t i = 0; i < draws; ++i) {
    for (Rect& box : moved) {
      box.x = draw_below(rng, map.width() - box.w + 1);
      box.y = draw_below(rng, map.height() - box.h + 1);
    }
    const double share = map.sum_of_union(moved) / total;
    sum += share;
    if (share >= *out.share - kTie) ++as_large;
  }
  out.null_mean = sum / static_cast<double>(draws);
  out.null_p = static_cast<double>(1 + as_large) / static_cast<double>(1 + draws);
  return out;
}

}  // namespace tagconf::saliency
