// The classical finder: components -> scores -> marks -> plates -> boxes of the stored picture.
#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/core.hpp>
#include <optional>
#include <tuple>

#include "marks.hpp"
#include "tagconf/tags/finder.hpp"

namespace tagconf::tags {
namespace {

// Score of a component at which the finder is in two minds (0.5), and the width of the doubt about it.
constexpr double kEven = 0.66;
constexpr double kDoubt = 0.06;
constexpr double kLeastComponent = 0.42;
// A box that ends this near the picture's border, as a fraction of its long side, is taken to it.
constexpr double kSnap = 6.0 / 512.0;

double confidence(double score) {
  return 1 / (1 + std::exp(-(score - kEven) / kDoubt));
}
double score_of(double wanted) {
  const double p = std::clamp(wanted, 1e-6, 1 - 1e-6);
  return kEven + kDoubt * std::log(p / (1 - p));
}

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

// Grey of the stored picture, half-way up the sorted values.
double median_grey(std::vector<std::uint16_t>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Ink minus surroundings as a fraction of full scale, from the stored pixels: the working picture is clipped.
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
  both.plate = *a.plate || *b.plate;
  both.ring = *a.ring || *b.ring;
  both.clipped = *a.clipped || *b.clipped;
  return both;
}

// Boxes that overlap become one, until none do.
std::vector<TagBox> merged(const std::vector<TagBox>& found) {
  std::vector<TagBox> apart;
  for (TagBox tag : found) {
    for (std::size_t i = 0; i < apart.size();) {
      if (intersect(apart[i].box, tag.box).empty()) {
        ++i;
        continue;
      }
      tag = united(apart[i], tag);
      apart.erase(apart.begin() + static_cast<std::ptrdiff_t>(i));
      i = 0;  // the box has grown: it may now meet an earlier one
    }
    apart.push_back(tag);
  }
  return apart;
}

}  // namespace

std::vector<TagBox> find_classical(const imaging::GreyImage& image, const ClassicalOptions& options) {
  // Callers work on several images at a time: OpenCV's own threads would only get in each other's way.
  static std::once_flag single_threaded;
  std::call_once(single_threaded, [] { cv::setNumThreads(1); });
  const WorkingImage work = working_image(image);
  if (work.grey.empty()) return {};
  const double wanted = std::max(kLeastComponent, score_of(options.min_score));
  std::vector<TagBox> tags;
  for (Mark& mark : group_marks(work, find_components(work, kLeastComponent), wanted)) {
    enlarge_to_plate(work, mark);
    mark.score = confidence(mark.score);
    TagBox tag = describe(mark);
    tag.contrast = stored_contrast(image, work, mark.parts.front());
    const Rect seen = work.to_stored(mark.box);
    tag.clipped = at_border(seen, image.width, image.height);
    tag.box = snapped(padded(seen, options.pad, image.width, image.height), image.width, image.height);
    tags.push_back(std::move(tag));
  }
  tags = merged(tags);
  std::sort(tags.begin(), tags.end(), [](const TagBox& a, const TagBox& b) {
    return std::tuple(a.box.y, a.box.x, a.box.h, a.box.w) < std::tuple(b.box.y, b.box.x, b.box.h, b.box.w);
  });
  return tags;
}

}  // namespace tagconf::tags
