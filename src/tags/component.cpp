#include "component.hpp"

#include <algorithm>
#include <array>
#include <opencv2/imgproc.hpp>

namespace tagconf::tags {
namespace {

// Sizes of the top-hat's square: strokes up to that width stand out.
constexpr std::array kTopHatSides{11, 25, 55};
// Levels at which a top-hat image is cut.
constexpr std::array kLevels{16, 32, 64, 112};
constexpr int kLeastExtent = 8;
constexpr int kLargestExtent = 170;
constexpr double kLargestShare = 0.4;  // of the long side: a mark has surroundings
constexpr int kLeastArea = 16;
constexpr double kRepeat = 0.5;

// `side`: long side of the picture.
bool could_be_ink(int w, int h, int area, int side) {
  const int longer = std::max(w, h);
  const int shorter = std::min(w, h);
  return longer >= kLeastExtent && longer <= kLargestExtent && longer <= kLargestShare * side &&
         shorter >= 2 && area >= kLeastArea && longer <= 14 * shorter;
}

void collect(const cv::Mat& top_hat, int level, bool dark, std::vector<Component>& out) {
  const int side = std::max(top_hat.cols, top_hat.rows);
  cv::Mat binary;
  cv::threshold(top_hat, binary, level, 255, cv::THRESH_BINARY);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int n = cv::connectedComponentsWithStats(binary, labels, stats, centres, 8, CV_32S);
  for (int i = 1; i < n; ++i) {
    const int* s = stats.ptr<int>(i);
    const Rect box{s[cv::CC_STAT_LEFT], s[cv::CC_STAT_TOP], s[cv::CC_STAT_WIDTH], s[cv::CC_STAT_HEIGHT]};
    if (!could_be_ink(box.w, box.h, s[cv::CC_STAT_AREA], side)) continue;
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

}  // namespace

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
