#include "tighten.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace tagconf::tags {
namespace {

// Grey levels of 255 by which neighbours of one emptiness may differ: at least what compression and rounding
// leave, at most less than a plate that the eye makes out.
constexpr double kLeastTolerance = 5;
constexpr double kLargestTolerance = 12;
constexpr double kNoiseTolerance = 3;  // standard deviations of a pixel's noise
constexpr double kFollow = 0.1;        // share of a row's change that is taken for shading
constexpr int kSmooth = 3;             // pixels, side of the mean taken before rows are compared
constexpr int kSlope = 3 * kSmooth;    // pixels over which shading stays below the tolerance
// How far outside the box the picture is looked at for what lies round the mark, in parts of its longer side:
// one value of a map that has one for 4 pixels of a picture 512 long.
constexpr double kBlurSide = 128;
constexpr int kLeastBlur = 3;  // pixels

// Standard deviation of a pixel's noise: the median second difference of neighbours, which slopes and the
// edges of things leave alone (compare Immerkaer, CVIU 1996).
double noise_of(const cv::Mat& picture) {
  std::vector<float> second;
  for (int y = 0; y < picture.rows; ++y) {
    const auto* row = picture.ptr<float>(y);
    for (int x = 2; x < picture.cols; ++x) second.push_back(std::abs(row[x] - 2 * row[x - 1] + row[x - 2]));
  }
  if (second.empty()) return 0;
  const auto middle = second.begin() + static_cast<std::ptrdiff_t>(second.size() / 2);
  std::nth_element(second.begin(), middle, second.end());
  // The weights 1, -2, 1 make sqrt(6) sigma; the median of a normal number's size is 0.6745 sigma.
  return *middle / (0.6745 * std::sqrt(6.0));
}

// Whether a row holds no edge: a box may cut through upright strokes, whose rows are alike.
bool plain(const cv::Mat& row, double tolerance) {
  const auto* v = row.ptr<float>(0);
  for (int x = kSlope; x < row.cols; ++x) {
    if (std::abs(v[x] - v[x - kSlope]) > tolerance) return false;
  }
  return true;
}

// Rows from the top, at most `most`, before the first that holds an edge or differs from those before it, the
// first `known` of which tell what there is.
int alike_rows(const cv::Mat& part, int known, int most, double tolerance) {
  cv::Mat expected;
  cv::reduce(part.rowRange(0, known), expected, 0, cv::REDUCE_AVG);
  for (int y = 0; y < most; ++y) {
    const cv::Mat row = part.row(y);
    const cv::Mat change = row - expected;
    if (!plain(row, tolerance) || cv::norm(change, cv::NORM_INF) > tolerance) return y;
    expected += kFollow * change;
  }
  return most;
}

// How far the box's upper side may come down: `around` is the picture from `blur` above the box on.
int empty_rows(const cv::Mat& around, int blur, int most, double tolerance) {
  const int alike = alike_rows(around, blur, std::min(blur + most, around.rows), tolerance);
  // Smoothing has carried the first row that differs this far out.
  return std::clamp(alike - kSmooth / 2 - 1 - blur, 0, most);
}

}  // namespace

Rect tightened(const cv::Mat& picture, const Rect& outer, const Rect& inner) {
  if (outer.empty() || inner.empty()) return outer;
  const int blur =
      std::max(kLeastBlur, static_cast<int>(std::lround(std::max(picture.cols, picture.rows) / kBlurSide)));
  const cv::Rect box(outer.x, outer.y, outer.w, outer.h);
  const cv::Rect wide = cv::Rect(box.x - blur, box.y - blur, box.width + 2 * blur, box.height + 2 * blur) &
                        cv::Rect({0, 0}, picture.size());
  cv::Mat grey;
  picture(wide).convertTo(grey, CV_32F);
  const double tolerance = std::clamp(kNoiseTolerance * noise_of(grey), kLeastTolerance, kLargestTolerance);
  cv::blur(grey, grey, {kSmooth, kSmooth});
  const cv::Mat columns = grey.colRange(box.x - wide.x, box.x - wide.x + box.width);
  const cv::Mat rows = grey.rowRange(box.y - wide.y, box.y - wide.y + box.height);

  // Each side as an upper one. At the picture's border nothing tells what lies beyond.
  const auto room = [&](const cv::Mat& part, bool turned, bool backwards, int beyond, int most) {
    if (beyond < blur) return 0;
    cv::Mat upright = turned ? cv::Mat(part.t()) : part.clone();
    if (backwards) cv::flip(upright, upright, 0);
    return empty_rows(upright, blur, most, tolerance);
  };
  const int top = room(columns, false, false, box.y - wide.y, inner.y - outer.y);
  const int bottom =
      room(columns, false, true, wide.y + wide.height - outer.bottom(), outer.bottom() - inner.bottom());
  const int left = room(rows, true, false, box.x - wide.x, inner.x - outer.x);
  const int right =
      room(rows, true, true, wide.x + wide.width - outer.right(), outer.right() - inner.right());
  return {outer.x + left, outer.y + top, outer.w - left - right, outer.h - top - bottom};
}

}  // namespace tagconf::tags
