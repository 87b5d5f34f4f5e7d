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
    cv::Mat mask(h, w, CV_8U, cv::Scalar(0));
    for (auto capsule : group.capsules) {
      for (Point* p : {&capsule.a, &capsule.b}) {
        p->x += margin / kZoom;
        p->y += margin / kZoom;
      }
      draw_capsule(mask, capsule, kZoom);
    }
    const double sigma = std::max(0.8, 0.5 * kZoom * group.smoothing);
    cv::GaussianBlur(mask, mask, {0, 0}, sigma, sigma, cv::BORDER_REPLICATE);
    cv::threshold(mask, mask, 118, 255, cv::THRESH_BINARY);
    cv::Mat distance;
    cv::distanceTransform(mask, distance, cv::DIST_L2, cv::DIST_MASK_5, CV_32F);
    cv::Mat outside;
    cv::distanceTransform(255 - mask, outside, cv::DIST_L2, cv::DIST_MASK_5, CV_32F);
    distance -= outside;
    cv::GaussianBlur(distance, distance, {0, 0}, 2.0);
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
