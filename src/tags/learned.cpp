#include "tagconf/tags/learned.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "box_shape.hpp"
#include "marks.hpp"
#include "region_boxes.hpp"
#include "tagconf/imaging/mat.hpp"
#include "tagconf/tags/stretch.hpp"
#include "tighten.hpp"

namespace tagconf::tags {
namespace {

constexpr int kMultiple = 32;
constexpr int kStride = 4;
constexpr int kLeastSide = 32;
// A region smaller than this (pixels of a picture 512 long) is a speck.
constexpr double kLeastArea = 24;
constexpr double kAreaSide = 512;
// From this probability on a place is the tag's, however even the picture is there.
constexpr double kClear = 0.8;
// Components inside a box that is known to be a tag need little further evidence.
constexpr double kLeastComponent = 0.25;
constexpr double kFairlyFilled = 0.5;  // of the box round two boxes that meet
// Enlarging adds no detail, and no network has learned from larger enlargements.
constexpr double kLargestZoom = 1.7;
// Sizes that are closer than this to one another tell the same.
constexpr double kLeastStep = 1.15;

int rounded_up(int length) {
  return (length + kMultiple - 1) / kMultiple * kMultiple;
}

// Probabilities at the stored size, from the picture at one size.
cv::Mat look(const cv::Mat& picture, const TagScores& scores, int side) {
  const double scale = static_cast<double>(side) / std::max(picture.cols, picture.rows);
  const auto scaled = [&](int length) {
    return std::max(kLeastSide, static_cast<int>(std::lround(length * scale)));
  };
  const cv::Size size(scaled(picture.cols), scaled(picture.rows));
  cv::Mat small;
  cv::resize(picture, small, size, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  const int width = rounded_up(size.width);
  const int height = rounded_up(size.height);
  const std::size_t area = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  std::vector<float> grey(area, 0.0F);
  std::vector<std::uint8_t> inside(area, 0);
  for (int y = 0; y < size.height; ++y) {
    const auto* row = small.ptr<std::uint8_t>(y);
    const auto start = static_cast<std::ptrdiff_t>(y) * width;
    std::transform(row, row + size.width, grey.begin() + start,
                   [](std::uint8_t v) { return static_cast<float>(v) / 255.0F; });
    std::fill_n(inside.begin() + start, size.width, std::uint8_t{1});
  }
  std::vector<float> map = scores(grey, inside, width, height);
  const cv::Mat coarse(height / kStride, width / kStride, CV_32F, map.data());
  cv::Mat fine;
  cv::resize(coarse, fine, {width, height}, 0, 0, cv::INTER_LINEAR);
  cv::Mat out;
  cv::resize(fine(cv::Rect({0, 0}, size)), out, picture.size(), 0, 0, cv::INTER_LINEAR);
  return out;
}

// `picture`: 8 bit, stretched.
cv::Mat probability_map(const cv::Mat& picture, const TagScores& scores, std::span<const int> sides) {
  const std::vector<int> looks = sides_for(std::max(picture.cols, picture.rows), sides);
  cv::Mat sum = cv::Mat::zeros(picture.size(), CV_32F);
  for (const int side : looks) sum += look(picture, scores, side);
  return sum / static_cast<double>(looks.size());
}

struct Region {
  Rect box;
  Rect core;  // of the places that are clearly the tag's; empty where there are none
  double peak = 0;
};

// The box round the pixels of `part` (0 or not) inside `box`; both are placed relative to `from`.
Rect core_inside(const cv::Mat& part, const Rect& box, const cv::Point& from) {
  const cv::Rect found = cv::boundingRect(part(to_cv(box)));
  if (found.empty()) return {};
  return {from.x + box.x + found.x, from.y + box.y + found.y, found.width, found.height};
}

std::vector<Region> regions_of(const cv::Mat& probability, const LearnedOptions& options) {
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(
      probability > std::min(options.edge_score, options.min_score), labels, stats, centres);
  std::vector<float> peaks(static_cast<std::size_t>(count), 0.0F);
  for (int y = 0; y < labels.rows; ++y) {
    const int* label = labels.ptr<int>(y);
    const auto* p = probability.ptr<float>(y);
    for (int x = 0; x < labels.cols; ++x) {
      float& peak = peaks[static_cast<std::size_t>(label[x])];
      peak = std::max(peak, p[x]);
    }
  }
  const double k = std::max(probability.cols, probability.rows) / kAreaSide;
  std::vector<Region> out;
  for (int i = 1; i < count; ++i) {
    const int* s = stats.ptr<int>(i);
    const double peak = peaks[static_cast<std::size_t>(i)];
    if (peak < options.min_score || s[cv::CC_STAT_AREA] < kLeastArea * k * k) continue;
    const cv::Rect at(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
    const cv::Mat region = labels(at) == i;
    const cv::Mat clear = region & (probability(at) > kClear);
    for (const Rect& box : region_boxes(region))
      out.push_back({{at.x + box.x, at.y + box.y, box.w, box.h}, core_inside(clear, box, at.tl()), peak});
  }
  return out;
}

Rect to_working(const Rect& box, const WorkingImage& work) {
  const auto scaled = [&](int v) { return static_cast<int>(std::lround(v * work.scale)); };
  const Rect out{scaled(box.x), scaled(box.y), scaled(box.right()) - scaled(box.x),
                 scaled(box.bottom()) - scaled(box.y)};
  return intersect(out, work.frame());
}

// The components inside a box as one mark; nothing where there are none.
std::optional<Mark> mark_inside(const WorkingImage& work, const Rect& stored) {
  const Rect box = to_working(stored, work);
  if (box.empty()) return std::nullopt;
  const int margin = std::max(12, std::max(box.w, box.h) / 2);
  const Rect around = padded(box, margin, work.grey.cols, work.grey.rows);
  WorkingImage part = work;
  part.grey = work.grey(to_cv(around));
  part.gradient = work.gradient(to_cv(around));
  Mark mark;
  const Rect centres{box.x - around.x, box.y - around.y, box.w, box.h};
  for (Component& component : find_components(part, kLeastComponent, centres)) {
    component.box.x += around.x;
    component.box.y += around.y;
    mark.box = mark.parts.empty() ? component.box : bounding(mark.box, component.box);
    mark.parts.push_back(std::move(component));
  }
  if (mark.parts.empty()) return std::nullopt;
  mark.score = mark.parts.front().score;
  enlarge_to_plate(work, mark);
  return mark;
}

TagBox tag_of(const imaging::GreyImage& image, const WorkingImage& work, const Region& region) {
  TagBox tag;
  if (const auto mark = mark_inside(work, region.box)) {
    tag = describe(*mark);
    tag.contrast = stored_contrast(image, work, mark->parts.front());
  }
  tag.source = TagSource::learned;
  tag.score = std::round(region.peak * 1e4) / 1e4;
  tag.clipped = at_border(region.box, image.width, image.height);
  return tag;
}

}  // namespace

std::vector<int> sides_for(int longer, std::span<const int> sides) {
  const int most = std::max(kLeastSide, static_cast<int>(kLargestZoom * longer));
  std::vector<int> out;
  for (const int side : sides) out.push_back(std::min(side, most));
  std::sort(out.begin(), out.end());
  const auto close = [](int a, int b) { return b < kLeastStep * a; };
  out.erase(std::unique(out.begin(), out.end(), close), out.end());
  return out;
}

imaging::Plane tag_probabilities(const imaging::GreyImage& image, const TagScores& scores,
                                 std::span<const int> sides) {
  imaging::Plane out(image.width, image.height);
  if (image.empty()) return out;
  const cv::Mat map = probability_map(imaging::to_mat(stretched(image)), scores, sides);
  for (int y = 0; y < map.rows; ++y) std::copy_n(map.ptr<float>(y), map.cols, &out.at(0, y));
  return out;
}

std::vector<TagBox> find_learned(const imaging::GreyImage& image, const TagScores& scores,
                                 const LearnedOptions& options) {
  // Callers work on several images at a time: OpenCV's own threads would only get in each other's way.
  static std::once_flag single_threaded;
  std::call_once(single_threaded, [] { cv::setNumThreads(1); });
  if (image.empty()) return {};
  const cv::Mat picture = imaging::to_mat(stretched(image));
  std::vector<Region> regions = regions_of(probability_map(picture, scores, options.sides), options);
  if (regions.empty()) return {};
  for (Region& region : regions) region.box = tightened(picture, region.box, region.core);
  const WorkingImage work = working_image(image);
  std::vector<TagBox> tags;
  for (const Region& region : regions) {
    TagBox tag = work.grey.empty() ? TagBox{} : tag_of(image, work, region);
    tag.box = snapped(padded(region.box, options.pad, image.width, image.height), image.width, image.height);
    tags.push_back(std::move(tag));
  }
  return merged(tags, kFairlyFilled);
}

}  // namespace tagconf::tags
