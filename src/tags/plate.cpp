#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "marks.hpp"

namespace tagconf::tags {
namespace {

constexpr double kSearch = 1.3;      // how far beyond the mark a plate's edge is looked for, in mark sizes
constexpr double kTolerance = 0.18;  // grey spread of a plate, as a fraction of the ink's contrast
constexpr double kLeastTolerance = 8;
constexpr double kLargestTolerance = 30;
constexpr double kLeastInside = 0.8;  // share of the mark's box that lies in its plate's
constexpr double kLeastFill = 0.45;   // area of a plate / of its box
constexpr double kLeastGrowth = 1.1;  // area of a plate's box / of the mark's

// Median grey of the pixels 3 to 4 px outside the best part: on its plate, if it has one. The wide
// surroundings of a letter may be mostly beyond the plate.
double ground_round(const WorkingImage& work, const Mark& mark) {
  const Component& best = mark.parts.front();
  const Rect rim = padded(best.box, 4, work.grey.cols, work.grey.rows);
  cv::Mat mask = cv::Mat::zeros(rim.h, rim.w, CV_8UC1);
  best.mask.copyTo(mask(cv::Rect(best.box.x - rim.x, best.box.y - rim.y, best.box.w, best.box.h)));
  cv::dilate(mask, mask, cv::getStructuringElement(cv::MORPH_RECT, {5, 5}));
  std::vector<std::uint8_t> values;
  for (int y = 0; y < rim.h; ++y) {
    const auto* near_ink = mask.ptr<std::uint8_t>(y);
    const auto* grey = work.grey.ptr<std::uint8_t>(rim.y + y);
    for (int x = 0; x < rim.w; ++x) {
      if (near_ink[x] == 0) values.push_back(grey[rim.x + x]);
    }
  }
  if (values.empty()) return best.measures.ground;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

struct Enclosure {
  Rect box;         // working pixels
  double area = 0;  // of the region with its holes filled
};

// The label that most pixels of the mark's own box carry; 0 when none does.
int label_in(const cv::Mat& labels, int count, const cv::Rect& box) {
  std::vector<int> votes(static_cast<std::size_t>(count), 0);
  for (int y = box.y; y < box.y + box.height; ++y) {
    const int* row = labels.ptr<int>(y);
    for (int x = box.x; x < box.x + box.width; ++x) ++votes[static_cast<std::size_t>(row[x])];
  }
  votes[0] = 0;
  const auto most = std::max_element(votes.begin(), votes.end());
  return *most == 0 ? 0 : static_cast<int>(most - votes.begin());
}

// Does the region leave the window, or run along more than a corner of the picture: is it open ground?
bool is_open(const Rect& region, const Rect& window, const Rect& frame) {
  const bool leaves = (window.x > frame.x && region.x == window.x) ||
                      (window.y > frame.y && region.y == window.y) ||
                      (window.right() < frame.right() && region.right() == window.right()) ||
                      (window.bottom() < frame.bottom() && region.bottom() == window.bottom());
  const int borders = (region.x == frame.x ? 1 : 0) + (region.y == frame.y ? 1 : 0) +
                      (region.right() == frame.right() ? 1 : 0) + (region.bottom() == frame.bottom() ? 1 : 0);
  return leaves || borders > 2;
}

double area_with_holes(const cv::Mat& region) {
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(region, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  double area = 0;
  // An outline through pixel centres lacks half a pixel all round.
  for (const auto& outline : outlines)
    area += cv::contourArea(outline) + 0.5 * static_cast<double>(outline.size()) + 1;
  return area;
}

// The connected region near `ground` that the mark stands on; empty when it is open ground.
Enclosure enclosing_region(const WorkingImage& work, const Mark& mark, double ground, double tolerance) {
  const int reach = static_cast<int>(std::lround(kSearch * std::max(mark.box.w, mark.box.h))) + 8;
  const Rect window = padded(mark.box, reach, work.grey.cols, work.grey.rows);
  cv::Mat even;
  cv::inRange(work.grey(to_cv(window)), cv::Scalar(ground - tolerance), cv::Scalar(ground + tolerance), even);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int n = cv::connectedComponentsWithStats(even, labels, stats, centres, 4, CV_32S);
  const Rect inner = padded(mark.box, 1, work.grey.cols, work.grey.rows);
  const int label = label_in(labels, n, cv::Rect(inner.x - window.x, inner.y - window.y, inner.w, inner.h));
  if (label == 0) return {};
  const int* s = stats.ptr<int>(label);
  const cv::Rect local(s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]);
  const Rect box{window.x + local.x, window.y + local.y, local.width, local.height};
  if (is_open(box, window, work.frame())) return {};
  return {box, area_with_holes(labels(local) == label)};
}

// Share of the mark that lies in the box.
double inside_share(const Rect& mark, const Rect& box) {
  return static_cast<double>(intersect(mark, box).area()) /
         static_cast<double>(std::max<std::int64_t>(1, mark.area()));
}

// Thickness of a line of the letter's ink all round the region, which ends a few pixels outwards: a ring.
std::optional<int> line_round(const WorkingImage& work, const Enclosure& region, const Mark& mark) {
  const Component& ink = mark.parts.front();
  const double half = ink.measures.ground + (ink.dark ? -0.4 : 0.4) * ink.measures.contrast;
  const auto is_ink = [&](int x, int y) {
    if (!work.frame().contains(x, y)) return false;
    const double g = work.grey.at<std::uint8_t>(y, x);
    return ink.dark ? g < half : g > half;
  };
  const double cx = region.box.x + 0.5 * region.box.w;
  const double cy = region.box.y + 0.5 * region.box.h;
  const int longest = std::max(4, std::max(region.box.w, region.box.h) / 5);
  constexpr int kRays = 48;
  std::vector<int> widths;
  for (int ray = 0; ray < kRays; ++ray) {
    const double angle = 2 * std::numbers::pi * ray / kRays;
    const double rx = 0.5 * region.box.w * std::cos(angle);
    const double ry = 0.5 * region.box.h * std::sin(angle);
    const double radius = std::hypot(rx, ry);
    int width = 0;
    bool ended = false;
    for (int step = -2; step <= longest + 2 && !ended; ++step) {
      const double k = (radius + step) / radius;
      const bool on =
          is_ink(static_cast<int>(std::lround(cx + k * rx)), static_cast<int>(std::lround(cy + k * ry)));
      if (on)
        ++width;
      else
        ended = width > 0;
    }
    if (width > 0 && ended) widths.push_back(width);
  }
  if (widths.size() < 3 * kRays / 4) return std::nullopt;
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2),
                   widths.end());
  return widths[widths.size() / 2];
}

}  // namespace

void enlarge_to_plate(const WorkingImage& work, Mark& mark) {
  const double ground = ground_round(work, mark);
  const double contrast = mark.parts.front().measures.contrast;
  const double tolerance = std::clamp(kTolerance * contrast, kLeastTolerance, kLargestTolerance);
  const Enclosure region = enclosing_region(work, mark, ground, tolerance);
  if (region.box.empty()) return;
  if (inside_share(mark.box, region.box) < kLeastInside) return;
  // Plates and rings are full shapes: an ellipse fills 0.785 of its box, a tilted square at least half.
  if (region.area < kLeastFill * static_cast<double>(region.box.area())) return;
  if (static_cast<double>(region.box.area()) < kLeastGrowth * static_cast<double>(mark.box.area())) return;
  const std::optional<int> line = line_round(work, region, mark);
  mark.ring = line.has_value();
  mark.plate = !mark.ring;
  const int rim = line ? *line + 1 : 2;
  mark.box = bounding(mark.box, padded(region.box, rim, work.grey.cols, work.grey.rows));
}

}  // namespace tagconf::tags
