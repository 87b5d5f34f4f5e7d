// The classical finder: components -> scores -> marks -> plates -> boxes of the stored picture.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "marks.hpp"
#include "tagconf/tags/finder.hpp"

namespace tagconf::tags {
namespace {

// Score of a component at which the finder is in two minds (0.5), and the width of the doubt about it.
constexpr double kEven = 0.66;
constexpr double kDoubt = 0.06;
constexpr double kLeastComponent = 0.5;
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
  const WorkingImage work = working_image(image);
  if (work.grey.empty()) return {};
  const double wanted = std::max(kLeastComponent, score_of(options.min_score));
  std::vector<TagBox> tags;
  for (Mark& mark : group_marks(work, find_components(work, kLeastComponent), wanted)) {
    enlarge_to_plate(work, mark);
    mark.score = confidence(mark.score);
    TagBox tag = describe(work, mark);
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
