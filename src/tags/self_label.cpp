#include "tagconf/tags/self_label.hpp"

#include <algorithm>
#include <opencv2/imgproc.hpp>

#include "tagconf/imaging/mat.hpp"

namespace tagconf::tags {
namespace {

constexpr double kRegion = 0.5;  // probability from which a pixel belongs to a region
constexpr double kCore = 0.55;   // and from which it is a tag's, where the region is
constexpr int kLeastTag = 40;    // pixels of a tag
// A region's box is open this much wider, in its shorter side: where a mark was found by half, the other half
// must not be taught as background.
constexpr double kOpenRound = 0.5;
constexpr int kLeastOpenRound = 6;  // pixels

cv::Mat map_of(const imaging::GreyImage& image, const TagScores& scores, const std::vector<int>& sides) {
  const imaging::Plane plane = tag_probabilities(image, scores, sides);
  cv::Mat out(plane.height, plane.width, CV_32F);
  std::copy(plane.values.begin(), plane.values.end(), out.begin<float>());
  return out;
}

cv::Rect opened(const int* stats) {
  const cv::Rect box(stats[cv::CC_STAT_LEFT], stats[cv::CC_STAT_TOP], stats[cv::CC_STAT_WIDTH],
                     stats[cv::CC_STAT_HEIGHT]);
  const int round = std::max(kLeastOpenRound, static_cast<int>(kOpenRound * std::min(box.width, box.height)));
  return {box.x - round, box.y - round, box.width + 2 * round, box.height + 2 * round};
}

// The mean of the picture's map and its mirror image's.
cv::Mat symmetric_map(const imaging::GreyImage& image, const TagScores& scores,
                      const std::vector<int>& sides) {
  cv::Mat mirrored;
  cv::flip(imaging::to_mat(image), mirrored, 1);
  cv::Mat back;
  cv::flip(map_of(imaging::from_mat(mirrored), scores, sides), back, 1);
  return 0.5 * (map_of(image, scores, sides) + back);
}

}  // namespace

std::vector<std::uint8_t> self_labels(const imaging::GreyImage& image, const TagScores& scores,
                                      const SelfLabelOptions& options) {
  std::vector<std::uint8_t> out(image.pixels.size(), static_cast<std::uint8_t>(Known::no_tag));
  if (image.empty()) return out;
  cv::Mat known(image.height, image.width, CV_8U, out.data());
  const cv::Mat map = symmetric_map(image, scores, options.sides);
  cv::Mat labels;
  cv::Mat stats;
  cv::Mat centres;
  const int count = cv::connectedComponentsWithStats(map > kRegion, labels, stats, centres);
  const cv::Rect frame({0, 0}, map.size());
  cv::Mat open = cv::Mat::zeros(map.size(), CV_8U);
  cv::Mat tag = cv::Mat::zeros(map.size(), CV_8U);
  for (int i = 1; i < count; ++i) {
    const cv::Mat region = labels == i;
    double peak = 0;
    cv::minMaxLoc(map, nullptr, &peak, nullptr, nullptr, region);
    if (peak < options.doubtful) continue;
    open(opened(stats.ptr<int>(i)) & frame).setTo(255);
    if (peak >= options.sure && stats.at<int>(i, cv::CC_STAT_AREA) > kLeastTag)
      tag.setTo(255, region & (map > kCore));
  }
  known.setTo(static_cast<int>(Known::unknown), open);
  known.setTo(static_cast<int>(Known::tag), tag);
  return out;
}

}  // namespace tagconf::tags
