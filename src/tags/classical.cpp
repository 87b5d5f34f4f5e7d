// The classical finder: components -> scores -> marks -> plates -> boxes of the stored picture.
#include <algorithm>
#include <cmath>
#include <tuple>

#include "marks.hpp"
#include "tagconf/tags/finder.hpp"

namespace tagconf::tags {
namespace {

// Score of a component at which the finder is in two minds (0.5), and the width of the doubt about it.
constexpr double kEven = 0.70;
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

// Boxes that overlap are one tag: the better one's attributes, the box round both.
std::vector<TagBox> merged(std::vector<TagBox> tags) {
  bool changed = true;
  while (changed) {
    changed = false;
    for (std::size_t i = 0; i < tags.size() && !changed; ++i) {
      for (std::size_t j = i + 1; j < tags.size() && !changed; ++j) {
        if (intersect(tags[i].box, tags[j].box).empty()) continue;
        const std::size_t better = tags[j].score > tags[i].score ? j : i;
        TagBox both = tags[better];
        both.box = bounding(tags[i].box, tags[j].box);
        both.plate = *tags[i].plate || *tags[j].plate;
        both.ring = *tags[i].ring || *tags[j].ring;
        both.clipped = *tags[i].clipped || *tags[j].clipped;
        if (tags[i].kind == TagKind::laterality || tags[j].kind == TagKind::laterality)
          both.kind = TagKind::laterality;
        tags[i] = both;
        tags.erase(tags.begin() + static_cast<std::ptrdiff_t>(j));
        changed = true;
      }
    }
  }
  return tags;
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
  tags = merged(std::move(tags));
  std::sort(tags.begin(), tags.end(), [](const TagBox& a, const TagBox& b) {
    return std::tuple(a.box.y, a.box.x, a.box.h, a.box.w) < std::tuple(b.box.y, b.box.x, b.box.h, b.box.w);
  });
  return tags;
}

}  // namespace tagconf::tags
