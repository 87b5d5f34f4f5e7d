#include "tagconf/phantom/tag_truth.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <opencv2/imgproc.hpp>
#include <vector>

namespace tagconf::phantom {
namespace {

constexpr float kStroke = 0.6F;   // coverage from which a pixel is stroke
constexpr float kClear = 0.02F;   // coverage up to which it is none
constexpr float kCarrier = 0.5F;  // opacity from which a pixel is carrier
constexpr float kNear = 1.4F;     // pixels that blur carries ink
constexpr double kLeastReach = 4;
constexpr double kQuartilesOfNormal = 1.349;  // interquartile range of the standard normal distribution

double at_share(std::vector<double>& values, double share) {
  const auto at =
      values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), at, values.end());
  return *at;
}

bool has_carrier(TagStyle style) {
  return style != TagStyle::ink && style != TagStyle::ring;
}

// The sprite's place on the picture with a margin round it.
struct Window {
  cv::Mat grey;    // CV_32F, 0 to 1
  cv::Mat stroke;  // CV_8U, 1 where stroke
  cv::Mat around;  // CV_8U, 1 where surroundings
};

Window window_of(const imaging::GreyImage& picture, const TagTruth& tag, const TagSprite& sprite, int x0,
                 int y0) {
  const double reach = kNear + std::max(kLeastReach, tag.stroke_pixels());
  const int margin = static_cast<int>(std::ceil(reach));
  const cv::Size size(sprite.ink.width + 2 * margin, sprite.ink.height + 2 * margin);
  Window out{cv::Mat::zeros(size, CV_32F), cv::Mat::zeros(size, CV_8U), cv::Mat::zeros(size, CV_8U)};
  const auto on_sprite = [&](const imaging::Plane& plane, int x, int y) {
    const bool inside = x >= 0 && y >= 0 && x < plane.width && y < plane.height;
    return inside ? plane.at(x, y) : 0.0F;
  };
  cv::Mat free(size, CV_8U, cv::Scalar(255));
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      if (on_sprite(sprite.ink, x - margin, y - margin) > kClear) free.at<std::uint8_t>(y, x) = 0;
    }
  }
  cv::Mat distance;
  cv::distanceTransform(free, distance, cv::DIST_L2, cv::DIST_MASK_PRECISE);
  const bool carrier = has_carrier(tag.look.style);
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const int px = x0 + x - margin;
      const int py = y0 + y - margin;
      if (px < 0 || py < 0 || px >= picture.width || py >= picture.height) continue;
      out.grey.at<float>(y, x) =
          static_cast<float>(picture.at(px, py)) / static_cast<float>(picture.full_scale());
      const float ink = on_sprite(sprite.ink, x - margin, y - margin);
      const float opacity = on_sprite(sprite.alpha, x - margin, y - margin);
      const float d = distance.at<float>(y, x);
      out.stroke.at<std::uint8_t>(y, x) = ink >= kStroke ? 1 : 0;
      // A faint tag's carrier is see-through by so much. A dark disc's ring is no ground.
      const bool rim = tag.look.style == TagStyle::dark_disc &&
                       2 * static_cast<double>(on_sprite(sprite.grey, x - margin, y - margin)) > tag.look.ink;
      const bool ground =
          carrier ? opacity >= kCarrier * static_cast<float>(tag.look.opacity) && !rim : opacity <= 0;
      out.around.at<std::uint8_t>(y, x) = d >= kNear && static_cast<double>(d) <= reach && ground ? 1 : 0;
    }
  }
  return out;
}

// Mean of the surroundings within `radius` (a square); NaN where there are none.
cv::Mat local_ground(const Window& window, int radius) {
  cv::Mat weight;
  window.around.convertTo(weight, CV_32F);
  const cv::Size kernel(2 * radius + 1, 2 * radius + 1);
  cv::Mat sum;
  cv::Mat count;
  cv::boxFilter(window.grey.mul(weight), sum, CV_32F, kernel, {-1, -1}, false, cv::BORDER_CONSTANT);
  cv::boxFilter(weight, count, CV_32F, kernel, {-1, -1}, false, cv::BORDER_CONSTANT);
  count.setTo(std::numeric_limits<float>::quiet_NaN(), count < 0.5F);
  return sum / count;
}

double visible_share(const imaging::GreyImage& picture, const imaging::Plane& ink, int x0, int y0) {
  double whole = 0;
  double seen = 0;
  for (int y = 0; y < ink.height; ++y) {
    for (int x = 0; x < ink.width; ++x) {
      const double share = ink.at(x, y);
      whole += share;
      const bool inside = x + x0 >= 0 && y + y0 >= 0 && x + x0 < picture.width && y + y0 < picture.height;
      if (inside) seen += share;
    }
  }
  return whole > 0 ? seen / whole : 0;
}

}  // namespace

double TagTruth::stroke_signal() const {
  // The noise of one grey level of 256 is there even where nothing else is.
  constexpr double kLeastNoise = 1.0 / 255 / 3.4641016151377544;
  return std::abs(contrast) / std::max(noise, kLeastNoise) * stroke_pixels();
}

TagQuality quality_of(const TagTruth& truth) {
  if (truth.stroke_signal() < kRoseLimit || truth.visible < kLeastVisible) return TagQuality::unreadable;
  if (truth.visible < 1) return TagQuality::clipped;
  return std::abs(truth.contrast) < kFaintContrast ? TagQuality::faint : TagQuality::clear;
}

TagTruth measure_tag(const imaging::GreyImage& picture, const TagLook& look, const TagSprite& sprite, int x,
                     int y) {
  TagTruth out;
  out.look = look;
  out.visible = visible_share(picture, sprite.ink, x, y);
  const Window window = window_of(picture, out, sprite, x, y);
  const int radius = static_cast<int>(std::ceil(2 * std::max(kLeastReach, out.stroke_pixels())));
  const cv::Mat ground = local_ground(window, radius);
  std::vector<double> strokes;
  std::vector<double> around;
  for (int row = 0; row < ground.rows; ++row) {
    for (int column = 0; column < ground.cols; ++column) {
      const double difference =
          static_cast<double>(window.grey.at<float>(row, column)) - ground.at<float>(row, column);
      if (!std::isfinite(difference)) continue;
      if (window.stroke.at<std::uint8_t>(row, column) != 0) strokes.push_back(difference);
      if (window.around.at<std::uint8_t>(row, column) != 0) around.push_back(difference);
    }
  }
  if (strokes.empty() || around.empty()) return out;
  out.contrast = at_share(strokes, 0.5);
  out.noise = (at_share(around, 0.75) - at_share(around, 0.25)) / kQuartilesOfNormal;
  return out;
}

}  // namespace tagconf::phantom
