#include "component.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <tuple>

namespace tagconf::tags {
namespace {

// Sizes of the top-hat's square: strokes up to that width stand out.
constexpr std::array kTopHatSides{11, 25, 55};
// Levels at which a top-hat image is cut.
constexpr std::array kLevels{16, 32, 64, 112};
constexpr int kLeastExtent = 8;
constexpr int kLargestExtent = 170;
constexpr int kLeastArea = 16;
constexpr double kRepeat = 0.5;
constexpr double kLeastContrast = 16;

bool could_be_ink(int w, int h, int area) {
  const int longer = std::max(w, h);
  const int shorter = std::min(w, h);
  return longer >= kLeastExtent && longer <= kLargestExtent && shorter >= 2 && area >= kLeastArea &&
         longer <= 14 * shorter;
}

void collect(const cv::Mat& top_hat, int level, bool dark, std::vector<Component>& out) {
  cv::Mat binary;
  cv::threshold(top_hat, binary, level, 255, cv::THRESH_BINARY);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int n = cv::connectedComponentsWithStats(binary, labels, stats, centres, 8, CV_32S);
  for (int i = 1; i < n; ++i) {
    const int* s = stats.ptr<int>(i);
    const Rect box{s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]};
    if (!could_be_ink(box.w, box.h, s[cv::CC_STAT_AREA])) continue;
    Component component;
    component.box = box;
    component.dark = dark;
    component.mask = labels(to_cv(box)) == i;
    out.push_back(std::move(component));
  }
}

// Parts seen at several scales and thresholds, once each: of those that overlap for the most part the best.
std::vector<Component> without_repeats(std::vector<Component> components) {
  std::stable_sort(components.begin(), components.end(),
                   [](const Component& a, const Component& b) { return a.score > b.score; });
  std::vector<Component> kept;
  for (Component& component : components) {
    const bool repeats = std::any_of(kept.begin(), kept.end(), [&](const Component& other) {
      return component.dark == other.dark && iou(component.box, other.box) > kRepeat;
    });
    if (!repeats) kept.push_back(std::move(component));
  }
  return kept;
}

// 70th percentile of the gradient in a wide frame round the box, leaving out the part and its rim.
double bustle_round(const WorkingImage& work, const Rect& box) {
  const int reach = std::max(10, std::max(box.w, box.h));
  const Rect wide = padded(box, reach, work.grey.cols, work.grey.rows);
  const Rect inner = padded(box, 4, work.grey.cols, work.grey.rows);
  std::vector<float> values;
  for (int y = wide.y; y < wide.bottom(); y += 2) {
    const auto* row = work.gradient.ptr<float>(y);
    for (int x = wide.x; x < wide.right(); x += 2) {
      if (!inner.contains(x, y)) values.push_back(row[x]);
    }
  }
  if (values.empty()) return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(0.7 * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

std::uint8_t percentile(std::vector<std::uint8_t>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

}  // namespace

Measures measure(const WorkingImage& work, const Component& component) {
  const Rect& box = component.box;
  const int longer = std::max(box.w, box.h);
  const int margin = std::max(4, static_cast<int>(std::lround(0.3 * longer)));
  const Rect around = padded(box, margin, work.grey.cols, work.grey.rows);
  cv::Mat mask = cv::Mat::zeros(around.h, around.w, CV_8UC1);
  component.mask.copyTo(mask(cv::Rect(box.x - around.x, box.y - around.y, box.w, box.h)));
  const cv::Mat grey = work.grey(to_cv(around));
  const cv::Mat gradient = work.gradient(to_cv(around));
  static const cv::Mat cross = cv::getStructuringElement(cv::MORPH_RECT, {3, 3});
  cv::Mat near;
  cv::Mat far;
  cv::Mat core;
  cv::dilate(mask, near, cross);
  cv::dilate(mask, far, cross, {-1, -1}, 3);
  cv::erode(mask, core, cross);

  Measures m;
  std::vector<std::uint8_t> ground;
  std::vector<std::uint8_t> rim;  // 2 to 3 px outside the outline
  std::vector<float> edges;
  double sum = 0;
  double squares = 0;
  double core_sum = 0;
  double core_squares = 0;
  double core_count = 0;
  for (int y = 0; y < around.h; ++y) {
    const auto* in = mask.ptr<std::uint8_t>(y);
    const auto* n = near.ptr<std::uint8_t>(y);
    const auto* f = far.ptr<std::uint8_t>(y);
    const auto* c = core.ptr<std::uint8_t>(y);
    const auto* g = grey.ptr<std::uint8_t>(y);
    const auto* e = gradient.ptr<float>(y);
    for (int x = 0; x < around.w; ++x) {
      if (in[x] != 0) {
        m.area += 1;
        sum += g[x];
        squares += double{1} * g[x] * g[x];
        if (c[x] != 0) {
          core_sum += g[x];
          core_squares += double{1} * g[x] * g[x];
          core_count += 1;
        } else {
          edges.push_back(e[x]);
        }
      } else if (f[x] == 0) {
        ground.push_back(g[x]);
      } else if (n[x] == 0) {
        rim.push_back(g[x]);
      }
    }
  }
  if (ground.size() < 8) ground.insert(ground.end(), rim.begin(), rim.end());
  if (ground.size() < 8 || edges.empty()) return m;
  const double median = percentile(ground, 0.5);
  const double low = percentile(ground, 0.25);
  const double high = percentile(ground, 0.75);
  // The ink's grey is taken from inside the outline where strokes are wide enough to have an inside.
  const bool has_core = core_count >= 0.2 * m.area;
  const double ink = has_core ? core_sum / core_count : sum / m.area;
  const double variance = has_core ? core_squares / core_count - ink * ink : squares / m.area - ink * ink;
  const double sign = component.dark ? -1 : 1;
  m.ground = median;
  m.contrast = sign * (ink - median);
  if (m.contrast < kLeastContrast) return m;
  const double unit = m.contrast;
  m.bustle = bustle_round(work, box) / unit;
  m.ink_spread = std::sqrt(std::max(0.0, variance)) / unit;
  m.ground_spread = (high - low) / unit;
  double edge_sum = 0;
  for (const float e : edges) edge_sum += e;
  m.edge = edge_sum / static_cast<double>(edges.size()) / unit;
  const auto weak = edges.begin() + static_cast<std::ptrdiff_t>(edges.size() / 5);
  std::nth_element(edges.begin(), weak, edges.end());
  m.weak_edge = *weak / unit;
  const double half = ink - sign * 0.5 * unit;
  const auto below =
      std::count_if(rim.begin(), rim.end(), [&](std::uint8_t v) { return sign * (v - half) < 0; });
  m.closed = rim.empty() ? 0 : static_cast<double>(below) / static_cast<double>(rim.size());

  if (m.closed < 0.6 || m.edge < 0.15) return m;
  m.fill = m.area / static_cast<double>(box.area());
  cv::Mat distance;
  cv::distanceTransform(mask, distance, cv::DIST_L2, 3);
  cv::Mat peaks;
  cv::dilate(distance, peaks, cross);
  double width_sum = 0;
  double width_squares = 0;
  double ridge = 0;
  for (int y = 0; y < around.h; ++y) {
    const auto* d = distance.ptr<float>(y);
    const auto* p = peaks.ptr<float>(y);
    for (int x = 0; x < around.w; ++x) {
      if (d[x] <= 0 || d[x] < p[x]) continue;
      width_sum += d[x];
      width_squares += double{d[x]} * d[x];
      ridge += 1;
    }
  }
  if (ridge > 0) {
    const double mean = width_sum / ridge;
    m.stroke = 2 * mean - 1;
    m.stroke_spread = std::sqrt(std::max(0.0, width_squares / ridge - mean * mean)) / mean;
  }
  std::vector<std::vector<cv::Point>> outlines;
  std::vector<cv::Vec4i> family;
  cv::findContours(mask, outlines, family, cv::RETR_CCOMP, cv::CHAIN_APPROX_SIMPLE);
  std::vector<cv::Point> all;
  for (std::size_t i = 0; i < outlines.size(); ++i) {
    if (family[i][3] >= 0) {
      if (cv::contourArea(outlines[i]) >= 4) ++m.holes;
    } else {
      all.insert(all.end(), outlines[i].begin(), outlines[i].end());
    }
  }
  std::vector<cv::Point> hull;
  cv::convexHull(all, hull);
  // A hull through pixel centres lacks half a pixel all round.
  const double hull_area = cv::contourArea(hull) + 0.5 * cv::arcLength(hull, true) + 1;
  m.solidity = m.area / hull_area;
  return m;
}

std::vector<Component> find_components(const WorkingImage& work, double least) {
  std::vector<Component> seen;
  for (const bool dark : {false, true}) {
    cv::Mat source;
    if (dark)
      cv::bitwise_not(work.grey, source);
    else
      source = work.grey;
    for (const int side : kTopHatSides) {
      cv::Mat top_hat;
      cv::morphologyEx(source, top_hat, cv::MORPH_TOPHAT,
                       cv::getStructuringElement(cv::MORPH_RECT, {side, side}));
      for (const int level : kLevels) collect(top_hat, level, dark, seen);
    }
  }
  std::vector<Component> likely;
  for (Component& component : seen) {
    component.measures = measure(work, component);
    const double ink = ink_score(component);
    if (ink < least) continue;
    component.letter = match_letter(component.mask);
    component.score = letter_score(component, ink);
    if (component.score >= least) likely.push_back(std::move(component));
  }
  return without_repeats(std::move(likely));
}

}  // namespace tagconf::tags
