#include "flesh_layer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

namespace tagconf::phantom {
namespace {

constexpr int kShift = 4;
constexpr double kFatDensity = 0.70;  // against muscle

cv::Point fixed(double x, double y) {
  return {static_cast<int>(std::lround(x * (1 << kShift))), static_cast<int>(std::lround(y * (1 << kShift)))};
}

void draw_capsule(cv::Mat& mask, const Capsule& c, double zoom) {
  const double dx = c.b.x - c.a.x;
  const double dy = c.b.y - c.a.y;
  const double length = std::max(1e-6, std::hypot(dx, dy));
  const double nx = -dy / length;
  const double ny = dx / length;
  for (const auto& [p, r] : {std::pair(c.a, c.radius_a), std::pair(c.b, c.radius_b)}) {
    cv::circle(mask, fixed(zoom * p.x, zoom * p.y), static_cast<int>(std::lround(zoom * r * (1 << kShift))),
               cv::Scalar(255), cv::FILLED, cv::LINE_8, kShift);
  }
  const std::array<cv::Point, 4> side{
      fixed(zoom * (c.a.x + nx * c.radius_a), zoom * (c.a.y + ny * c.radius_a)),
      fixed(zoom * (c.b.x + nx * c.radius_b), zoom * (c.b.y + ny * c.radius_b)),
      fixed(zoom * (c.b.x - nx * c.radius_b), zoom * (c.b.y - ny * c.radius_b)),
      fixed(zoom * (c.a.x - nx * c.radius_a), zoom * (c.a.y - ny * c.radius_a))};
  cv::fillConvexPoly(mask, side.data(), 4, cv::Scalar(255), cv::LINE_8, kShift);
}

// Quantile of the normal distribution on an even grid over (0, 1).
class Probit {
 public:
  Probit() {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(values_.size());
      double low = -4;
      double high = 4;
      for (int step = 0; step < 30; ++step) {
        const double middle = 0.5 * (low + high);
        (0.5 * std::erfc(-middle / std::sqrt(2.0)) < p ? low : high) = middle;
      }
      values_[i] = static_cast<float>(low);
    }
  }
  [[nodiscard]] float operator()(float p) const {
    const float at = std::clamp(p, 0.0F, 0.9999F) * static_cast<float>(values_.size()) - 0.5F;
    const auto i = static_cast<std::size_t>(std::clamp(at, 0.0F, static_cast<float>(values_.size() - 2)));
    return values_[i] + (at - static_cast<float>(i)) * (values_[i + 1] - values_[i]);
  }

 private:
  std::array<float, 512> values_{};
};

// Pixels to the skin, positive inside. Near the skin it is read off the blurred silhouette, which knows the
// edge to a fraction of a pixel (a straight edge blurred by sigma is the normal distribution of d / sigma);
// further in the distance transform takes over.
cv::Mat distance_to_skin(const Flesh& group, double zoom, int margin, int w, int h) {
  static const Probit probit;
  cv::Mat mask(h, w, CV_8U, cv::Scalar(0));
  for (auto capsule : group.capsules) {
    for (Point* p : {&capsule.a, &capsule.b}) {
      p->x += margin / zoom;
      p->y += margin / zoom;
    }
    draw_capsule(mask, capsule, zoom);
  }
  // Between cylinders no hole goes through a body.
  std::vector<std::vector<cv::Point>> contours;
  cv::findContours(mask.clone(), contours, cv::RETR_EXTERNAL, cv::CHAIN_APPROX_SIMPLE);
  cv::drawContours(mask, contours, -1, cv::Scalar(255), cv::FILLED);
  const auto sigma = static_cast<float>(std::max(1.5, 0.5 * zoom * group.smoothing));
  cv::Mat soft;
  mask.convertTo(soft, CV_32F, 1.0 / 255);
  cv::GaussianBlur(soft, soft, {0, 0}, sigma, sigma, cv::BORDER_REPLICATE);
  // A little below one half: creases fill.
  constexpr float kLevel = 0.46F;
  const cv::Mat inside_mask = soft > kLevel;
  cv::Mat distance;
  cv::distanceTransform(inside_mask, distance, cv::DIST_L2, cv::DIST_MASK_5, CV_32F);
  cv::GaussianBlur(distance, distance, {0, 0}, 2.0);
  const float offset = probit(kLevel);
  for (int y = 0; y < h; ++y) {
    auto* d = distance.ptr<float>(y);
    const auto* s = soft.ptr<float>(y);
    for (int x = 0; x < w; ++x) {
      if (s[x] < 0.02F) {
        d[x] = 0;
        continue;
      }
      const float near = sigma * (probit(s[x]) - offset);
      const float share = std::clamp((1.6F * sigma - near) / (0.8F * sigma), 0.0F, 1.0F);
      d[x] = share * near + (1 - share) * d[x];
    }
  }
  return distance;
}

// Path through a body with half-depth r at distance d from its edge.
float path(float d, float r) {
  if (d <= 0 || r <= 0) return 0;
  const float in = std::min(d, r);
  return 2 * std::sqrt(in * (2 * r - in));
}

}  // namespace

cv::Mat picture_flesh(std::span<const Flesh> flesh, double scale, int width, int height) {
  // Half the resolution is enough for what has no sharp edges; a margin keeps the picture's border from
  // counting as skin.
  constexpr double kZoom = 0.5;
  const int margin = 24;
  const int w = static_cast<int>(std::ceil(kZoom * width)) + 2 * margin;
  const int h = static_cast<int>(std::ceil(kZoom * height)) + 2 * margin;
  cv::Mat sum(h, w, CV_32F, cv::Scalar(0));
  for (const auto& group : flesh) {
    const cv::Mat distance = distance_to_skin(group, kZoom, margin, w, h);
    const auto deepest = static_cast<float>(kZoom * group.deepest);
    cv::Mat half;
    const int k = 2 * static_cast<int>(std::min(60.0F, deepest)) + 1;
    cv::dilate(cv::min(distance, deepest), half, cv::Mat::ones(k, k, CV_8U));
    cv::GaussianBlur(half, half, {0, 0}, 0.22 * k);
    const auto fat = static_cast<float>(kZoom * group.fat);
    for (int y = 0; y < h; ++y) {
      const auto* d = distance.ptr<float>(y);
      const auto* r = half.ptr<float>(y);
      auto* out = sum.ptr<float>(y);
      for (int x = 0; x < w; ++x) {
        if (d[x] <= 0) continue;
        const float deep = std::max(r[x], std::min(d[x], deepest));
        const auto soft = static_cast<float>(kFatDensity) * path(d[x], deep) +
                          static_cast<float>(1 - kFatDensity) * path(d[x] - fat, deep - fat);
        out[x] += static_cast<float>(group.density / (kZoom * scale)) * soft;
      }
    }
  }
  cv::Mat large;
  cv::resize(cv::max(sum, 0.0), large, {}, 1 / kZoom, 1 / kZoom, cv::INTER_LINEAR);
  const int m = static_cast<int>(margin / kZoom);
  return large(cv::Rect(m, m, width, height)).clone();
}

}  // namespace tagconf::phantom
