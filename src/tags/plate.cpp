#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "marks.hpp"

namespace tagconf::tags {
namespace {

constexpr double kSearch = 1.3;      // how far beyond the mark a plate's edge is looked for, in mark sizes
constexpr double kTolerance = 0.18;  // grey spread of a plate, as a fraction of the ink's contrast
constexpr double kLeastTolerance = 8;
constexpr double kLargestTolerance = 30;

// Median grey of the pixels just outside the parts.
double ground_round(const WorkingImage& work, const Mark& mark) {
  std::vector<double> grounds;
  for (const Component& part : mark.parts) grounds.push_back(part.measures.ground);
  const auto middle = grounds.begin() + static_cast<std::ptrdiff_t>(grounds.size() / 2);
  std::nth_element(grounds.begin(), middle, grounds.end());
  const Component& best = mark.parts.front();
  // The wide surroundings of a letter may be mostly not its plate: look at its close rim.
  cv::Mat mask = cv::Mat::zeros(work.grey.size(), CV_8UC1);
  const Rect rim = padded(best.box, 4, work.grey.cols, work.grey.rows);
  best.mask.copyTo(mask(to_cv(best.box)));
  cv::Mat grown;
  cv::dilate(mask(to_cv(rim)), grown, cv::getStructuringElement(cv::MORPH_RECT, {5, 5}));
  std::vector<std::uint8_t> values;
  for (int y = 0; y < rim.h; ++y) {
    for (int x = 0; x < rim.w; ++x) {
      if (grown.at<std::uint8_t>(y, x) == 0)
        values.push_back(work.grey.at<std::uint8_t>(rim.y + y, rim.x + x));
    }
  }
  if (values.empty()) return *middle;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

struct Enclosure {
  Rect box;         // working pixels
  double area = 0;  // of the region with its holes filled
};

// The region of the window that is near `ground` and meets the frame round the parts in most pixels.
// Empty when it runs out of the window: open ground.
Enclosure enclosing_region(const WorkingImage& work, const Mark& mark, double ground, double tolerance) {
  const int size = std::max(mark.box.w, mark.box.h);
  const int reach = static_cast<int>(std::lround(kSearch * size)) + 8;
  const Rect window = padded(mark.box, reach, work.grey.cols, work.grey.rows);
  cv::Mat near;
  cv::inRange(work.grey(to_cv(window)), cv::Scalar(ground - tolerance), cv::Scalar(ground + tolerance), near);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int n = cv::connectedComponentsWithStats(near, labels, stats, centres, 4, CV_32S);
  std::vector<int> votes(static_cast<std::size_t>(n), 0);
  const Rect inner = padded(mark.box, 1, work.grey.cols, work.grey.rows);
  for (int y = inner.y; y < inner.bottom(); ++y) {
    for (int x = inner.x; x < inner.right(); ++x) {
      const int label = labels.at<int>(y - window.y, x - window.x);
      if (label > 0) ++votes[static_cast<std::size_t>(label)];
    }
  }
  const auto most = std::max_element(votes.begin(), votes.end());
  if (*most == 0) return {};
  const int label = static_cast<int>(most - votes.begin());
  const int* s = stats.ptr<int>(label);
  const Rect box{window.x + s[cv::CC_STAT_LEFT], window.y + s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH],
                 s[cv::CC_STAT_HEIGHT]};
  const Rect frame = work.frame();
  // The window's sides that are not the picture's own: a region that reaches one of them is open.
  const bool open = (window.x > frame.x && box.x == window.x) || (window.y > frame.y && box.y == window.y) ||
                    (window.right() < frame.right() && box.right() == window.right()) ||
                    (window.bottom() < frame.bottom() && box.bottom() == window.bottom());
  if (open) return {};
  const int sides = (box.x == frame.x ? 1 : 0) + (box.y == frame.y ? 1 : 0) +
                    (box.right() == frame.right() ? 1 : 0) + (box.bottom() == frame.bottom() ? 1 : 0);
  if (sides > 2) return {};
  const cv::Mat region = labels(cv::Rect(box.x - window.x, box.y - window.y, box.w, box.h)) == label;
  std::vector<std::vector<cv::Point>> outlines;
  cv::findContours(region, outlines, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_NONE);
  double area = 0;
  for (const auto& outline : outlines)
    area += cv::contourArea(outline) + 0.5 * static_cast<double>(outline.size()) + 1;
  return {box, area};
}

// Share of the mark that lies in the box.
double inside_share(const Rect& mark, const Rect& box) {
  return static_cast<double>(intersect(mark, box).area()) /
         static_cast<double>(std::max<std::int64_t>(1, mark.area()));
}

// A ring is a bright or dark line all round the region, of the letter's ink: a few pixels outwards it ends.
bool line_round(const WorkingImage& work, const Enclosure& region, const Mark& mark, int& thickness) {
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
    const double angle = 2 * 3.14159265358979323846 * ray / kRays;
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
  if (widths.size() < 3 * kRays / 4) return false;
  std::nth_element(widths.begin(), widths.begin() + static_cast<std::ptrdiff_t>(widths.size() / 2),
                   widths.end());
  thickness = widths[widths.size() / 2];
  return true;
}

}  // namespace

void enlarge_to_plate(const WorkingImage& work, Mark& mark) {
  const double ground = ground_round(work, mark);
  const double contrast = mark.parts.front().measures.contrast;
  const double tolerance = std::clamp(kTolerance * contrast, kLeastTolerance, kLargestTolerance);
  const Enclosure region = enclosing_region(work, mark, ground, tolerance);
  if (region.box.empty()) return;
  if (inside_share(mark.box, region.box) < 0.8) return;
  // Plates and rings are full shapes: an ellipse fills 0.785 of its box, a tilted square at least half.
  if (region.area < 0.45 * static_cast<double>(region.box.area())) return;
  if (region.box.area() < mark.box.area() * 11 / 10) return;
  int thickness = 0;
  mark.ring = line_round(work, region, mark, thickness);
  mark.plate = !mark.ring;
  const int rim = mark.ring ? thickness + 1 : 2;
  mark.box = bounding(mark.box, padded(region.box, rim, work.grey.cols, work.grey.rows));
}

}  // namespace tagconf::tags
