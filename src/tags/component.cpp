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
constexpr double kRepeat = 0.5;          // overlap (IoU) of one part seen twice
constexpr double kPiece = 0.7;           // share of a piece's pixels that lie in the whole
constexpr double kLargestCounter = 0.4;  // extent of shut-in ground, of the letter's

// `side`: long side of the picture.
bool could_be_ink(int w, int h, int area, int side) {
  const int longer = std::max(w, h);
  const int shorter = std::min(w, h);
  return longer >= kLeastExtent && longer <= kLargestExtent && longer <= kLargestShare * side &&
         shorter >= 2 && area >= kLeastArea && longer <= 14 * shorter;
}

void collect(const cv::Mat& top_hat, int level, bool dark, const Rect& within, std::vector<Component>& out) {
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
    if (!within.contains(box.x + box.w / 2, box.y + box.h / 2)) continue;
    Component component;
    component.box = box;
    component.dark = dark;
    component.mask = labels(to_cv(box)) == i;
    out.push_back(std::move(component));
  }
}

bool lies_in(const Component& inner, const Component& outer) {
  return intersect(inner.box, outer.box) == inner.box;
}

// Pixels that two components share.
int common_pixels(const Component& a, const Component& b) {
  const Rect both = intersect(a.box, b.box);
  if (both.empty()) return 0;
  cv::Mat shared;
  cv::bitwise_and(a.mask(cv::Rect(both.x - a.box.x, both.y - a.box.y, both.w, both.h)),
                  b.mask(cv::Rect(both.x - b.box.x, both.y - b.box.y, both.w, both.h)), shared);
  return cv::countNonZero(shared);
}

// Is `part` seen already in `better`? The same part at another threshold, a piece of it, or the ground that
// its strokes shut in (a letter on a plate is larger than that).
bool repeats(const Component& part, const Component& better) {
  if (part.dark != better.dark) {
    return lies_in(part, better) &&
           std::max(part.box.w, part.box.h) < kLargestCounter * std::max(better.box.w, better.box.h);
  }
  if (iou(part.box, better.box) > kRepeat) return true;
  return lies_in(part, better) && common_pixels(part, better) > kPiece * cv::countNonZero(part.mask);
}

// Best first; what repeats a better one is dropped.
std::vector<Component> without_repeats(std::vector<Component> components) {
  std::stable_sort(components.begin(), components.end(),
                   [](const Component& a, const Component& b) { return a.score > b.score; });
  std::vector<Component> kept;
  for (Component& component : components) {
    const bool seen = std::any_of(kept.begin(), kept.end(),
                                  [&](const Component& other) { return repeats(component, other); });
    if (!seen) kept.push_back(std::move(component));
  }
  return kept;
}

}  // namespace

std::vector<Component> find_components(const WorkingImage& work, double least, const Rect& within) {
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
      for (const int level : kLevels) collect(top_hat, level, dark, within, seen);
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
