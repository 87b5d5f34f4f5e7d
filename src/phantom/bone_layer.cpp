#include "bone_layer.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "noise.hpp"

namespace tagconf::phantom {
namespace {

constexpr int kGrainSide = 256;
constexpr int kShift = 4;  // bits of sub-pixel places in OpenCV's drawing

float tiled(const imaging::Plane& tile, double x, double y) {
  const double fx = std::floor(x);
  const double fy = std::floor(y);
  const auto x0 = static_cast<int>(static_cast<std::int64_t>(fx) & (kGrainSide - 1));
  const auto y0 = static_cast<int>(static_cast<std::int64_t>(fy) & (kGrainSide - 1));
  const int x1 = (x0 + 1) & (kGrainSide - 1);
  const int y1 = (y0 + 1) & (kGrainSide - 1);
  const auto tx = static_cast<float>(x - fx);
  const auto ty = static_cast<float>(y - fy);
  const float top = tile.at(x0, y0) + tx * (tile.at(x1, y0) - tile.at(x0, y0));
  const float bottom = tile.at(x0, y1) + tx * (tile.at(x1, y1) - tile.at(x0, y1));
  return top + ty * (bottom - top);
}

// Blurs on a torus and brings to mean 0, variance 1.
void finish(cv::Mat& field, double sigma) {
  if (sigma > 0) {
    const int pad = static_cast<int>(std::ceil(4 * sigma)) + 1;
    cv::Mat wide;
    cv::copyMakeBorder(field, wide, pad, pad, pad, pad, cv::BORDER_WRAP);
    cv::GaussianBlur(wide, wide, {0, 0}, sigma, sigma);
    wide(cv::Rect(pad, pad, field.cols, field.rows)).copyTo(field);
  }
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(field, mean, deviation);
  field = (field - mean[0]) / std::max(1e-9, deviation[0]);
}

imaging::Plane white(Rng& rng) {
  imaging::Plane out(kGrainSide, kGrainSide);
  for (auto& v : out.values) v = noise_value(rng);
  return out;
}

cv::Mat view(imaging::Plane& plane) {
  return {plane.height, plane.width, CV_32F, plane.values.data()};
}

// Half the bone's width where it is cut across at each step of the axis: the greatest distance to the
// outline.
class Profile {
 public:
  Profile(double length, double reach)
      : reach_(reach), values_(static_cast<std::size_t>(length + 2 * reach) + 3, 0.0F) {}
  void note(double along, float distance) {
    float& v = values_[index(along)];
    v = std::max(v, distance);
  }
  void smooth(double sigma) {
    cv::Mat line(1, static_cast<int>(values_.size()), CV_32F, values_.data());
    const auto k = static_cast<int>(std::max(1.0, sigma)) * 2 + 1;
    cv::Mat kernel = cv::Mat::ones(1, k, CV_8U);
    cv::dilate(line, line, kernel);
    cv::GaussianBlur(line, line, {0, 1}, std::max(0.8, 0.6 * sigma), 0, cv::BORDER_REPLICATE);
  }
  [[nodiscard]] float at(double along) const { return values_[index(along)]; }

 private:
  [[nodiscard]] std::size_t index(double along) const {
    return static_cast<std::size_t>(std::clamp(along + reach_, 0.0, static_cast<double>(values_.size() - 1)));
  }
  double reach_;
  std::vector<float> values_;
};

double smooth_step(double t) {
  t = std::clamp(t, 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

// Signed distance to the outline in pixels, positive inside, smooth below a pixel.
cv::Mat signed_distance(const Bone& bone, const Rect& area) {
  cv::Mat mask(area.h, area.w, CV_8U, cv::Scalar(0));
  std::vector<cv::Point> polygon;
  polygon.reserve(bone.outline.size());
  for (const auto& p : bone.outline) {
    polygon.emplace_back(static_cast<int>(std::lround((p.x - area.x) * (1 << kShift))),
                         static_cast<int>(std::lround((p.y - area.y) * (1 << kShift))));
  }
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{polygon}, cv::Scalar(255), cv::LINE_8, kShift);
  cv::Mat inside;
  cv::distanceTransform(mask, inside, cv::DIST_L2, cv::DIST_MASK_5, CV_32F);
  cv::Mat outside;
  cv::distanceTransform(255 - mask, outside, cv::DIST_L2, cv::DIST_MASK_5, CV_32F);
  cv::Mat out = inside - outside;
  cv::GaussianBlur(out, out, {0, 0}, 0.9);
  return out;
}

Rect bounds(const Bone& bone, const Rect& limits) {
  double x0 = 1e9;
  double y0 = 1e9;
  double x1 = -1e9;
  double y1 = -1e9;
  for (const auto& p : bone.outline) {
    x0 = std::min(x0, p.x);
    x1 = std::max(x1, p.x);
    y0 = std::min(y0, p.y);
    y1 = std::max(y1, p.y);
  }
  const int left = static_cast<int>(std::floor(x0)) - 3;
  const int top = static_cast<int>(std::floor(y0)) - 3;
  return intersect(
      {left, top, static_cast<int>(std::ceil(x1)) + 4 - left, static_cast<int>(std::ceil(y1)) + 4 - top},
      limits);
}

}  // namespace

BoneFrame::BoneFrame(const Bone& bone) : a_(bone.a) {
  const double dx = bone.b.x - bone.a.x;
  const double dy = bone.b.y - bone.a.y;
  length_ = std::max(1.0, std::hypot(dx, dy));
  along_ = {dx / length_, dy / length_};
}

Local BoneFrame::local(double x, double y) const {
  const double px = x - a_.x;
  const double py = y - a_.y;
  return {(px * along_.x + py * along_.y) / length_, -px * along_.y + py * along_.x};
}

Point BoneFrame::at(Local p) const {
  return {a_.x + p.u * length_ * along_.x - p.v * along_.y, a_.y + p.u * length_ * along_.y + p.v * along_.x};
}

Extent extent_at(const Bone& bone, double u) {
  const BoneFrame frame(bone);
  Extent out{1e9, -1e9};
  const std::size_t n = bone.outline.size();
  for (std::size_t i = 0; i < n; ++i) {
    const Point& p = bone.outline[i];
    const Point& q = bone.outline[(i + 1) % n];
    const Local a = frame.local(p.x, p.y);
    const Local b = frame.local(q.x, q.y);
    if ((a.u < u) == (b.u < u)) continue;
    const double v = a.v + (u - a.u) / (b.u - a.u) * (b.v - a.v);
    out.low = std::min(out.low, v);
    out.high = std::max(out.high, v);
  }
  return out.low > out.high ? Extent{} : out;
}

float Grain::fine_at(double x, double y) const {
  return tiled(fine, x, y);
}
float Grain::coarse_at(double x, double y) const {
  return tiled(coarse, x, y);
}

Grain make_grain(Rng& rng) {
  Grain out;
  // Ridges of a smooth field make a network of thin bright lines with darker meshes.
  imaging::Plane a = white(rng);
  imaging::Plane b = white(rng);
  out.coarse = white(rng);
  cv::Mat ridges = view(a);
  finish(ridges, 1.3);
  ridges = cv::abs(ridges) * -2.4;
  cv::exp(ridges, ridges);
  finish(ridges, 0.5);
  cv::Mat speckle = view(b);
  finish(speckle, 0.9);
  out.fine = imaging::Plane(kGrainSide, kGrainSide);
  cv::Mat fine = view(out.fine);
  cv::Mat(0.85 * ridges + 0.35 * speckle).copyTo(fine);
  finish(fine, 0);
  cv::Mat coarse = view(out.coarse);
  finish(coarse, 6);
  return out;
}

BoneLayer picture_bone(const Bone& bone, double scale, const Grain& grain, const Rect& limits) {
  BoneLayer out;
  out.area = bounds(bone, limits);
  if (out.area.empty()) return out;
  const BoneFrame frame(bone);
  const cv::Mat distance = signed_distance(bone, out.area);
  out.mineral = cv::Mat(out.area.h, out.area.w, CV_32F, cv::Scalar(0));

  const double reach = 0.6 * frame.length() + 4;
  Profile profile(frame.length(), reach);
  for (int y = 0; y < out.area.h; ++y) {
    const auto* d = distance.ptr<float>(y);
    for (int x = 0; x < out.area.w; ++x) {
      if (d[x] <= 0) continue;
      profile.note(frame.local(out.area.x + x, out.area.y + y).u * frame.length(), d[x]);
    }
  }
  profile.smooth(1.5);

  const double shift_u = 61.0 * bone.a.x + 37.0 * bone.a.y;  // each bone its own part of the grain
  const double grain_step = 1.0 / std::max(0.62, 0.26 * scale);
  const double flattest = bone.deepest > 0 ? 0.5 * bone.deepest : 1e9;
  for (int y = 0; y < out.area.h; ++y) {
    const auto* d = distance.ptr<float>(y);
    auto* mineral = out.mineral.ptr<float>(y);
    for (int x = 0; x < out.area.w; ++x) {
      if (d[x] <= 0) continue;
      const Local p = frame.local(out.area.x + x, out.area.y + y);
      const double along = p.u * frame.length();
      // Narrow cuts at the very ends would make them thin: the depth does not follow the width all the way.
      const double half = std::max<double>(profile.at(along), d[x]);
      const double r = std::min(half, flattest);
      const double deep = std::min<double>(d[x], r);
      const double outer = 2 * std::sqrt(deep * (2 * r - deep));
      const double end = 1 - smooth_step((std::min(p.u, 1 - p.u)) / bone.end_share);
      const double patch = grain.coarse_at(0.5 * grain_step * along + shift_u, 0.5 * grain_step * p.v);
      double shell = bone.shell_shaft + (bone.shell_end - bone.shell_shaft) * end;
      shell = std::min(shell * (1 + 0.10 * patch), 0.8 * half);
      const double under = d[x] - shell;
      double marrow = 0;
      if (under > 0) {
        const double ri = std::max(0.3, std::min(half - shell, flattest - 0.6 * std::min(shell, flattest)));
        const double di = std::min(under, ri);
        marrow = std::min(outer, 2 * std::sqrt(di * (2 * ri - di)));
      }
      const double density = bone.marrow_shaft + (bone.marrow_end - bone.marrow_shaft) * end;
      const double fine = grain.fine_at(0.55 * grain_step * along + shift_u, grain_step * p.v);
      const double texture = 1 + (0.10 + 0.12 * end) * fine + 0.10 * patch;
      double value = (outer - marrow) * (1 + 0.035 * fine) + marrow * density * std::max(0.1, texture);
      for (const auto& hollow : bone.hollows) {
        const Local c = frame.local(hollow.centre.x, hollow.centre.y);
        const double du = (p.u - c.u) * frame.length() / hollow.along;
        const double dv = (p.v - c.v) / hollow.across;
        const double q = du * du + dv * dv;
        if (q < 4) value *= 1 - hollow.depth * (1 - smooth_step((std::sqrt(q) - 0.55) / 0.9));
      }
      mineral[x] = static_cast<float>(bone.mineral * value / scale);
    }
  }
  return out;
}

}  // namespace tagconf::phantom
