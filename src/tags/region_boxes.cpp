#include "region_boxes.hpp"

#include <algorithm>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <optional>
#include <tuple>

namespace tagconf::tags {
namespace {

constexpr double kFairlyFilled = 0.5;
constexpr double kWorthACut = 2.0 / 3;  // of the area that is left after it
constexpr int kMostCuts = 6;            // one after the other

cv::Rect extent_of(const cv::Mat& region, const cv::Rect& within) {
  const cv::Rect inner = cv::boundingRect(region(within));
  return inner.empty() ? cv::Rect() : inner + within.tl();
}

// First and last column with a pixel of each row; last < first for an empty row.
struct Span {
  int first = std::numeric_limits<int>::max();
  int last = -1;

  void join(const Span& other) {
    first = std::min(first, other.first);
    last = std::max(last, other.last);
  }
  [[nodiscard]] int length() const { return std::max(0, last - first + 1); }
};

std::vector<Span> spans_of_rows(const cv::Mat& part) {
  std::vector<Span> out(static_cast<std::size_t>(part.rows));
  for (int y = 0; y < part.rows; ++y) {
    const auto* row = part.ptr<std::uint8_t>(y);
    Span& span = out[static_cast<std::size_t>(y)];
    for (int x = 0; x < part.cols; ++x) {
      if (row[x] != 0) span.join({x, x});
    }
  }
  return out;
}

struct Cut {
  int before = 0;         // rows of the upper half
  std::int64_t area = 0;  // of both halves' boxes
};

// The best cut between two rows; every row of the part has a pixel at its ends.
Cut best_cut(const cv::Mat& part) {
  const std::vector<Span> rows = spans_of_rows(part);
  const auto count = static_cast<int>(rows.size());
  std::vector<Span> below(rows);
  for (int y = count - 2; y >= 0; --y)
    below[static_cast<std::size_t>(y)].join(below[static_cast<std::size_t>(y) + 1]);
  Cut best{0, std::numeric_limits<std::int64_t>::max()};
  Span above;
  for (int y = 1; y < count; ++y) {
    above.join(rows[static_cast<std::size_t>(y) - 1]);
    const std::int64_t area = std::int64_t{above.length()} * y +
                              std::int64_t{below[static_cast<std::size_t>(y)].length()} * (count - y);
    if (area < best.area) best = {y, area};
  }
  return best;
}

void add_boxes(const cv::Mat& region, const cv::Rect& box, int cuts, std::vector<Rect>& out) {
  const cv::Mat part = region(box);
  const double filled = static_cast<double>(cv::countNonZero(part)) / box.area();
  if (filled < kFairlyFilled && cuts > 0) {
    const Cut across = best_cut(part);
    const Cut along = best_cut(part.t());
    const bool rows = across.area <= along.area;
    const Cut& cut = rows ? across : along;
    if (static_cast<double>(cut.area) < kWorthACut * box.area()) {
      const cv::Rect first(box.x, box.y, rows ? box.width : cut.before, rows ? cut.before : box.height);
      const cv::Rect second(rows ? box.x : box.x + cut.before, rows ? box.y + cut.before : box.y,
                            rows ? box.width : box.width - cut.before,
                            rows ? box.height - cut.before : box.height);
      for (const cv::Rect& half : {first, second}) {
        const cv::Rect inner = extent_of(region, half);
        if (!inner.empty()) add_boxes(region, inner, cuts - 1, out);
      }
      return;
    }
  }
  out.push_back({box.x, box.y, box.width, box.height});
}

}  // namespace

std::vector<Rect> region_boxes(const cv::Mat& region) {
  const cv::Rect box = extent_of(region, {{0, 0}, region.size()});
  std::vector<Rect> out;
  if (!box.empty()) add_boxes(region, box, kMostCuts, out);
  std::sort(out.begin(), out.end(),
            [](const Rect& a, const Rect& b) { return std::tuple(a.y, a.x) < std::tuple(b.y, b.x); });
  return out;
}

}  // namespace tagconf::tags
