#include "tagconf/tags/scoring.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace tagconf::tags {
namespace {

using imaging::GreyImage;

// Pixels marked true by painting boxes.
class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width), height_(height), cells_(static_cast<std::size_t>(width) * height, 0) {}

  // Edges are rounded (half to even), then moved outwards by `margin`.
  void paint(const RealBox& box, int margin) {
    const int x0 = edge(box.x, -margin, width_);
    const int x1 = edge(box.x + box.w, margin, width_);
    const int y0 = edge(box.y, -margin, height_);
    const int y1 = edge(box.y + box.h, margin, height_);
    for (int y = y0; y < y1 && x0 < x1; ++y) std::fill_n(row(y) + x0, x1 - x0, std::uint8_t{1});
  }
  [[nodiscard]] bool at(int x, int y) const {
    return cells_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                  static_cast<std::size_t>(x)] != 0;
  }
  [[nodiscard]] std::int64_t count() const {
    return std::count(cells_.begin(), cells_.end(), std::uint8_t{1});
  }
  [[nodiscard]] std::int64_t count_outside(const Canvas& other) const {
    std::int64_t n = 0;
    for (std::size_t i = 0; i < cells_.size(); ++i) n += cells_[i] != 0 && other.cells_[i] == 0 ? 1 : 0;
    return n;
  }

 private:
  [[nodiscard]] std::uint8_t* row(int y) {
    return cells_.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
  }
  static int edge(double value, int margin, int limit) {
    return static_cast<int>(std::clamp(std::nearbyint(value) + margin, 0.0, static_cast<double>(limit)));
  }

  int width_;
  int height_;
  std::vector<std::uint8_t> cells_;
};

std::vector<std::uint8_t> levels_of(const GreyImage& image, const Rect& box) {
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(box.area()));
  const int shift = image.bits == 16 ? 8 : 0;
  for (int y = box.y; y < box.bottom(); ++y) {
    for (int x = box.x; x < box.right(); ++x)
      out.push_back(static_cast<std::uint8_t>(image.at(x, y) >> shift));
  }
  return out;
}

// Of first and last row and column; corners count for both.
double border_mean(const std::vector<std::uint8_t>& mask, int width, int height) {
  const auto at = [&](int x, int y) {
    return static_cast<int>(
        mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]);
  };
  int sum = 0;
  for (int x = 0; x < width; ++x) sum += at(x, 0) + at(x, height - 1);
  for (int y = 0; y < height; ++y) sum += at(0, y) + at(width - 1, y);
  return static_cast<double>(sum) / (2.0 * width + 2.0 * height);
}

double covered_share(const GreyImage& image, const Canvas& cover, const Rect& core) {
  const std::vector<std::uint8_t> own = mark_pixels(image, core);
  std::int64_t all = 0;
  std::int64_t under = 0;
  std::size_t i = 0;
  for (int y = core.y; y < core.bottom(); ++y) {
    for (int x = core.x; x < core.right(); ++x, ++i) {
      if (own[i] == 0) continue;
      ++all;
      under += cover.at(x, y) ? 1 : 0;
    }
  }
  return static_cast<double>(under) / static_cast<double>(all);
}

void find_nearest(const ReferenceMark& mark, std::span<const TagBox> boxes, MarkScore& score) {
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const double overlap = std::max(iou(mark.core, boxes[i].box), iou(mark.tag.box, boxes[i].box));
    if (overlap <= score.iou) continue;
    score.iou = overlap;
    score.nearest = i;
  }
}

}  // namespace

int otsu_threshold(std::span<const std::uint8_t> values) {
  std::array<double, 256> histogram{};
  for (const std::uint8_t v : values) ++histogram[v];
  double total = 0;
  double moment = 0;
  for (std::size_t level = 0; level < histogram.size(); ++level) {
    total += histogram[level];
    moment += histogram[level] * static_cast<double>(level);
  }
  double below = 0;
  double moment_below = 0;
  double best = 0;
  int threshold = 0;
  for (std::size_t level = 0; level < histogram.size(); ++level) {
    below += histogram[level];
    moment_below += histogram[level] * static_cast<double>(level);
    const double weights = below * (total - below);
    if (weights == 0) continue;
    const double gap = moment * below / total - moment_below;
    const double between = gap * gap / weights;
    if (between > best) {
      best = between;
      threshold = static_cast<int>(level);
    }
  }
  return threshold;
}

std::vector<std::uint8_t> mark_pixels(const GreyImage& image, const Rect& box) {
  const Rect part = intersect(box, image.frame());
  std::vector<std::uint8_t> mask = levels_of(image, part);
  if (mask.empty()) return mask;
  const int threshold = otsu_threshold(mask);
  for (auto& v : mask) v = v > threshold ? 1 : 0;
  if (border_mean(mask, part.w, part.h) > 0.5) {
    for (auto& v : mask) v = v == 0 ? 1 : 0;
  }
  if (std::find(mask.begin(), mask.end(), std::uint8_t{1}) == mask.end())
    std::fill(mask.begin(), mask.end(), std::uint8_t{1});
  return mask;
}

double ImageScore::false_area() const {
  return static_cast<double>(stray_pixels) / static_cast<double>(pixels);
}

ImageScore score_image(const GreyImage& image, const ReferenceImage& reference,
                       std::span<const TagBox> boxes) {
  Canvas cover(image.width, image.height);
  Canvas near(image.width, image.height);
  for (const TagBox& tag : boxes) cover.paint(real_box(tag.box), 0);
  for (const RealBox& box : reference.ignore) near.paint(box, kSlackPixels);
  ImageScore out;
  for (std::size_t i = 0; i < reference.marks.size(); ++i) {
    const ReferenceMark& mark = reference.marks[i];
    near.paint(mark.outer, kSlackPixels);
    near.paint(real_box(mark.tag.box), kSlackPixels);
    const Rect core = intersect(mark.core, image.frame());
    if (core.empty() || mark.uncertain) continue;
    MarkScore score;
    score.mark = i;
    score.share = covered_share(image, cover, core);
    find_nearest(mark, boxes, score);
    out.marks.push_back(score);
  }
  out.tag_free = reference.marks.empty();
  out.pixels = image.frame().area();
  out.covered_pixels = cover.count();
  out.stray_pixels = cover.count_outside(near);
  return out;
}

bool is_principal(TagKind kind) {
  return kind == TagKind::laterality || kind == TagKind::technologist;
}

std::optional<double> Count::share() const {
  if (of == 0) return std::nullopt;
  return static_cast<double>(hits) / static_cast<double>(of);
}

Scores total_scores(std::span<const ReferenceImage> references, std::span<const ImageScore> scores) {
  Scores out;
  out.images = scores.size();
  double area = 0;
  double overlap = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    bool principal = false;
    bool whole = true;
    for (const MarkScore& mark : scores[i].marks) {
      overlap += mark.iou;
      const bool counts = is_principal(references[i].marks[mark.mark].tag.kind);
      (counts ? out.mark_recall : out.other_recall).add(mark.covered());
      principal = principal || counts;
      whole = whole && (!counts || mark.covered());
    }
    if (principal) out.image_recall.add(whole);
    if (scores[i].tag_free) out.false_images.add(scores[i].stray_pixels > 0);
    area += scores[i].false_area();
  }
  const std::size_t marks = out.mark_recall.of + out.other_recall.of;
  if (!scores.empty()) out.false_area = area / static_cast<double>(scores.size());
  if (marks > 0) out.mean_iou = overlap / static_cast<double>(marks);
  return out;
}

}  // namespace tagconf::tags
