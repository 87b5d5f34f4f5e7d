#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "tagconf/tags/cluster.hpp"

namespace tagconf::tags {
namespace {

// Weights of the parts, in units of the distance at which two tags are plainly different.
constexpr double kSizeWeight = 0.4;    // an octave
constexpr double kAspectWeight = 0.5;  // an octave
constexpr double kContrastWeight = 1;  // full scale
constexpr double kGreyWeight = 2;      // Hellinger's distance of the shares
constexpr double kZoneWeight = 1;
constexpr double kThumbnailWeight = 1.5;  // root mean square

constexpr double kReferenceSize = 1.0 / 16;  // of the long side
constexpr double kFrame = 0.2;               // of the box's shorter side
constexpr int kLeastFrame = 3;
constexpr double kContrastShare = 0.97;  // of the sorted differences: the tag's contrast
constexpr double kStandsOut = 0.3;       // of the contrast
constexpr double kLeastDifference = 0.02;
constexpr double kLeastOnLine = 0.04;  // share of a row or column that stands out
constexpr double kLargest = 1.2;       // of the contrast
// Limits of the zones, 1 where the inscribed ellipse ends.
constexpr std::array<double, kZones> kZoneEnds{0.35, 0.6, 0.8, 0.95, 1.1, 1.5};

float grey_at(const imaging::GreyImage& image, int x, int y) {
  return static_cast<float>(image.at(x, y)) / static_cast<float>(image.full_scale());
}

float at_share(std::vector<float>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

// Median of the frame round the box; of the box itself where it fills the picture.
float ground_of(const imaging::GreyImage& image, const Rect& box) {
  const int width = std::max(kLeastFrame, static_cast<int>(std::lround(kFrame * std::min(box.w, box.h))));
  const Rect wide = padded(box, width, image.width, image.height);
  const bool filled = wide == box;
  std::vector<float> values;
  for (int y = wide.y; y < wide.bottom(); ++y) {
    for (int x = wide.x; x < wide.right(); ++x) {
      if (filled || !box.contains(x, y)) values.push_back(grey_at(image, x, y));
    }
  }
  return at_share(values, 0.5);
}

// Grey levels less the ground's, CV_32F.
cv::Mat difference_in(const imaging::GreyImage& image, const Rect& box, float ground) {
  cv::Mat out(box.h, box.w, CV_32F);
  for (int y = 0; y < box.h; ++y) {
    auto* row = out.ptr<float>(y);
    for (int x = 0; x < box.w; ++x) row[x] = grey_at(image, box.x + x, box.y + y) - ground;
  }
  return out;
}

double contrast_of(const cv::Mat& difference) {
  std::vector<float> values;
  for (int y = 0; y < difference.rows; ++y) {
    const auto* row = difference.ptr<float>(y);
    std::transform(row, row + difference.cols, std::back_inserter(values),
                   [](float v) { return std::abs(v); });
  }
  return at_share(values, kContrastShare);
}

// First and last line (of a CV_32F row or column of shares) on which something stands out.
cv::Range lines_with(const cv::Mat& shares) {
  const int n = static_cast<int>(shares.total());
  cv::Range out(n, 0);
  for (int i = 0; i < n; ++i) {
    if (static_cast<double>(shares.at<float>(i)) <= kLeastOnLine) continue;
    out.start = std::min(out.start, i);
    out.end = i + 1;
  }
  return out.size() >= 3 ? out : cv::Range(0, n);
}

// The part in which something stands out.
cv::Mat drawn_in(const cv::Mat& difference, double contrast) {
  const double least = std::max(kStandsOut * contrast, kLeastDifference);
  const cv::Mat out = cv::abs(difference) > least;
  cv::Mat rows;
  cv::Mat columns;
  cv::reduce(out / 255, rows, 1, cv::REDUCE_AVG, CV_32F);
  cv::reduce(out / 255, columns, 0, cv::REDUCE_AVG, CV_32F);
  return difference(lines_with(rows), lines_with(columns));
}

// Square roots of the shares of the levels -1 to 1, each pixel split between the two nearest levels.
void append_greys(const cv::Mat& picture, std::vector<double>& out) {
  std::array<double, kGreyBins> shares{};
  for (int y = 0; y < picture.rows; ++y) {
    const auto* row = picture.ptr<float>(y);
    for (int x = 0; x < picture.cols; ++x) {
      const double level = std::clamp(0.5 * (double{row[x]} + 1), 0.0, 1.0) * (kGreyBins - 1);
      const auto low = std::min<std::size_t>(static_cast<std::size_t>(level), kGreyBins - 2);
      const double rest = level - static_cast<double>(low);
      shares[low] += 1 - rest;
      shares[low + 1] += rest;
    }
  }
  for (const double share : shares)
    out.push_back(kGreyWeight * std::sqrt(share / static_cast<double>(picture.total())));
}

// Mean and standard deviation of each zone.
void append_zones(const cv::Mat& picture, std::vector<double>& out) {
  std::array<double, kZones> sum{};
  std::array<double, kZones> squares{};
  std::array<double, kZones> count{};
  for (int y = 0; y < picture.rows; ++y) {
    const auto* row = picture.ptr<float>(y);
    const double down = (2.0 * y + 1) / picture.rows - 1;
    for (int x = 0; x < picture.cols; ++x) {
      const double across = (2.0 * x + 1) / picture.cols - 1;
      const double radius = std::hypot(across, down);
      const auto end = std::upper_bound(kZoneEnds.begin(), kZoneEnds.end() - 1, radius);
      const auto zone = static_cast<std::size_t>(end - kZoneEnds.begin());
      sum[zone] += row[x];
      squares[zone] += double{row[x]} * row[x];
      count[zone] += 1;
    }
  }
  for (std::size_t zone = 0; zone < kZoneEnds.size(); ++zone) {
    const double n = std::max(1.0, count[zone]);
    const double mean = sum[zone] / n;
    out.push_back(kZoneWeight * mean);
    out.push_back(kZoneWeight * std::sqrt(std::max(0.0, squares[zone] / n - mean * mean)));
  }
}

void append_thumbnail(const cv::Mat& picture, std::vector<double>& out) {
  const bool shrinks = std::min(picture.cols, picture.rows) >= kThumbnail;
  cv::Mat small;
  cv::resize(picture, small, {kThumbnail, kThumbnail}, 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  for (int y = 0; y < kThumbnail; ++y) {
    for (int x = 0; x < kThumbnail; ++x)
      out.push_back(kThumbnailWeight * double{small.at<float>(y, x)} / kThumbnail);
  }
}

}  // namespace

Appearance appearance_of(const imaging::GreyImage& image, const Rect& box) {
  Appearance out{};
  const Rect inside = intersect(box, {0, 0, image.width, image.height});
  if (inside.empty()) return out;
  const cv::Mat whole = difference_in(image, inside, ground_of(image, inside));
  const double contrast = contrast_of(whole);
  const cv::Mat tight = drawn_in(whole, contrast);
  cv::Mat picture = tight / (contrast + kLeastDifference);
  picture = cv::max(cv::min(picture, kLargest), -kLargest);
  const double shorter = std::min(picture.cols, picture.rows);
  const double aspect = static_cast<double>(picture.cols) / picture.rows;
  const double side = std::max(image.width, image.height);
  std::vector<double> parts{kSizeWeight * std::log2(shorter / side / kReferenceSize),
                            kAspectWeight * std::log2(aspect), kContrastWeight * contrast};
  append_greys(picture, parts);
  append_zones(picture, parts);
  append_thumbnail(picture, parts);
  std::transform(parts.begin(), parts.end(), out.begin(), [](double v) { return static_cast<float>(v); });
  return out;
}

}  // namespace tagconf::tags
