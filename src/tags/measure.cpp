#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "component.hpp"

namespace tagconf::tags {
namespace {

// What cannot be a mark's ink is not measured to the end.
constexpr double kLeastContrast = 16;
constexpr double kLeastClosed = 0.6;
constexpr double kLeastEdge = 0.15;
constexpr double kLargestGroundSpread = 1.0;

// Value at a share of the sorted order; the vector's order changes.
template <class T>
T at_share(std::vector<T>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// The component's mask with a margin, and the picture's part of that size.
struct Patch {
  Rect around;
  cv::Mat mask;
  cv::Mat grey;
  cv::Mat gradient;
};

Patch patch_of(const WorkingImage& work, const Component& component) {
  const Rect& box = component.box;
  const int margin = std::max(4, static_cast<int>(std::lround(0.3 * std::max(box.w, box.h))));
  Patch patch;
  patch.around = padded(box, margin, work.grey.cols, work.grey.rows);
  patch.mask = cv::Mat::zeros(patch.around.h, patch.around.w, CV_8UC1);
  component.mask.copyTo(patch.mask(cv::Rect(box.x - patch.around.x, box.y - patch.around.y, box.w, box.h)));
  patch.grey = work.grey(to_cv(patch.around));
  patch.gradient = work.gradient(to_cv(patch.around));
  return patch;
}

const cv::Mat& square() {
  static const cv::Mat element = cv::getStructuringElement(cv::MORPH_RECT, {3, 3});
  return element;
}

// The patch's pixels by where they lie.
struct Pixels {
  std::vector<std::uint8_t> core;    // inside, not on the outline
  std::vector<std::uint8_t> ink;     // inside, outline too
  std::vector<float> edge;           // gradient on the outline
  std::vector<std::uint8_t> rim;     // 2 to 3 px outside
  std::vector<std::uint8_t> ground;  // further outside
};

Pixels sort_pixels(const Patch& patch) {
  cv::Mat near;
  cv::Mat far;
  cv::Mat core;
  cv::dilate(patch.mask, near, square());
  cv::dilate(patch.mask, far, square(), {-1, -1}, 3);
  cv::erode(patch.mask, core, square());
  Pixels out;
  for (int y = 0; y < patch.mask.rows; ++y) {
    const auto* inside = patch.mask.ptr<std::uint8_t>(y);
    const auto* is_near = near.ptr<std::uint8_t>(y);
    const auto* is_far = far.ptr<std::uint8_t>(y);
    const auto* is_core = core.ptr<std::uint8_t>(y);
    const auto* grey = patch.grey.ptr<std::uint8_t>(y);
    const auto* gradient = patch.gradient.ptr<float>(y);
    for (int x = 0; x < patch.mask.cols; ++x) {
      if (inside[x] != 0) {
        out.ink.push_back(grey[x]);
        if (is_core[x] != 0)
          out.core.push_back(grey[x]);
        else
          out.edge.push_back(gradient[x]);
      } else if (is_far[x] == 0) {
        out.ground.push_back(grey[x]);
      } else if (is_near[x] == 0) {
        out.rim.push_back(grey[x]);
      }
    }
  }
  if (out.ground.size() < 8) out.ground.insert(out.ground.end(), out.rim.begin(), out.rim.end());
  return out;
}

struct Level {
  double mean = 0;
  double spread = 0;  // standard deviation
};

// Of [first, last) of the values.
Level level_of(const std::vector<std::uint8_t>& values, std::size_t first, std::size_t last) {
  double sum = 0;
  double squares = 0;
  for (std::size_t i = first; i < last; ++i) {
    sum += values[i];
    squares += double{1} * values[i] * values[i];
  }
  const double n = static_cast<double>(last - first);
  const double mean = sum / n;
  return {mean, std::sqrt(std::max(0.0, squares / n - mean * mean))};
}

// The ink's grey, from inside the outline where strokes are wide enough to have an inside, else from the half
// of the pixels that is furthest from the ground.
Level ink_level(Pixels& pixels, bool dark) {
  if (static_cast<double>(pixels.core.size()) >= 0.2 * static_cast<double>(pixels.ink.size()))
    return level_of(pixels.core, 0, pixels.core.size());
  std::sort(pixels.ink.begin(), pixels.ink.end());
  const std::size_t half = pixels.ink.size() / 2;
  return dark ? level_of(pixels.ink, 0, std::max<std::size_t>(1, half))
              : level_of(pixels.ink, half, pixels.ink.size());
}

// 70th percentile of the gradient in a wide frame round the box, every second pixel.
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
  return values.empty() ? 0 : static_cast<double>(at_share(values, 0.7));
}

// Mean and relative spread of the stroke width, from the ridge of the distance transform.
void measure_strokes(const cv::Mat& mask, Measures& m) {
  cv::Mat distance;
  cv::distanceTransform(mask, distance, cv::DIST_L2, 3);
  cv::Mat peaks;
  cv::dilate(distance, peaks, square());
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (int y = 0; y < mask.rows; ++y) {
    const auto* d = distance.ptr<float>(y);
    const auto* p = peaks.ptr<float>(y);
    for (int x = 0; x < mask.cols; ++x) {
      if (d[x] <= 0 || d[x] < p[x]) continue;
      sum += d[x];
      squares += double{d[x]} * d[x];
      count += 1;
    }
  }
  if (count == 0) return;
  const double mean = sum / count;
  m.stroke = 2 * mean - 1;
  m.stroke_spread = std::sqrt(std::max(0.0, squares / count - mean * mean)) / mean;
}

}  // namespace

Measures measure(const WorkingImage& work, const Component& component) {
  const Patch patch = patch_of(work, component);
  Pixels pixels = sort_pixels(patch);
  Measures m;
  if (pixels.ground.size() < 8 || pixels.edge.empty()) return m;
  m.ground = at_share(pixels.ground, 0.5);
  const double quartiles = double{1} * at_share(pixels.ground, 0.75) - at_share(pixels.ground, 0.25);
  const Level ink = ink_level(pixels, component.dark);
  const double sign = component.dark ? -1 : 1;
  m.contrast = sign * (ink.mean - m.ground);
  if (m.contrast < kLeastContrast) return m;
  m.ground_spread = quartiles / m.contrast;
  if (m.ground_spread > kLargestGroundSpread) return m;
  m.ink_spread = ink.spread / m.contrast;
  double edges = 0;
  for (const float e : pixels.edge) edges += e;
  m.edge = edges / static_cast<double>(pixels.edge.size()) / m.contrast;
  m.weak_edge = at_share(pixels.edge, 0.2) / m.contrast;
  const double half = ink.mean - sign * 0.5 * m.contrast;
  const auto open = std::count_if(pixels.rim.begin(), pixels.rim.end(),
                                  [&](std::uint8_t v) { return sign * (v - half) >= 0; });
  m.closed = pixels.rim.empty() ? 0 : 1 - static_cast<double>(open) / static_cast<double>(pixels.rim.size());
  if (m.closed < kLeastClosed || m.edge < kLeastEdge) return m;
  m.bustle = bustle_round(work, component.box) / m.contrast;
  measure_strokes(patch.mask, m);
  return m;
}

}  // namespace tagconf::tags
