#include "tagconf/phantom/radiograph.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "bone_layer.hpp"
#include "flesh_layer.hpp"
#include "injury.hpp"
#include "noise.hpp"

namespace tagconf::phantom {
namespace {

using imaging::Plane;

// Attenuation a millimetre near 60 kV, display units: only ratios matter.
constexpr float kFlesh = 0.0185F;
constexpr float kMineral = 0.056F;  // cortical bone in place of flesh
constexpr float kSteel = 0.42F;

cv::Mat view(Plane& plane) {
  return {plane.height, plane.width, CV_32F, plane.values.data()};
}

Anatomy in_pixels(Anatomy a, double scale, int width, int height) {
  const auto place = [&](Point& p) { p = {scale * p.x + 0.5 * width, scale * p.y + 0.5 * height}; };
  for (auto& bone : a.bones) {
    for (auto& p : bone.outline) place(p);
    for (auto& hollow : bone.hollows) {
      place(hollow.centre);
      hollow.along *= scale;
      hollow.across *= scale;
    }
    place(bone.a);
    place(bone.b);
    bone.shell_shaft *= scale;
    bone.shell_end *= scale;
    bone.deepest *= scale;
  }
  for (auto& flesh : a.flesh) {
    for (auto& c : flesh.capsules) {
      place(c.a);
      place(c.b);
      c.radius_a *= scale;
      c.radius_b *= scale;
    }
    flesh.smoothing *= scale;
    flesh.deepest *= scale;
    flesh.fat *= scale;
  }
  return a;
}

// Blur at a quarter of the resolution: for wide kernels.
cv::Mat wide_blur(const cv::Mat& in, double sigma) {
  cv::Mat small;
  cv::resize(in, small, {}, 0.25, 0.25, cv::INTER_AREA);
  cv::GaussianBlur(small, small, {0, 0}, sigma / 4, sigma / 4, cv::BORDER_REFLECT);
  cv::Mat out;
  cv::resize(small, out, in.size(), 0, 0, cv::INTER_LINEAR);
  return out;
}

// Streaks of muscle and fat, and a slow unevenness.
void add_soft_texture(cv::Mat& flesh, const Grain& grain, double turn) {
  const double c = std::cos(turn);
  const double s = std::sin(turn);
  for (int y = 0; y < flesh.rows; ++y) {
    auto* row = flesh.ptr<float>(y);
    for (int x = 0; x < flesh.cols; ++x) {
      if (row[x] <= 0) continue;
      const double a = c * x + s * y;
      const double b = -s * x + c * y;
      row[x] *= 1.0F + 0.022F * grain.coarse_at(0.10 * a, 0.42 * b) +
                0.020F * grain.coarse_at(0.09 * x + 90, 0.09 * y);
    }
  }
}

// Value below which the given share of the selected values lies.
float quantile(std::vector<float>& values, double share) {
  if (values.empty()) return 0;
  const auto k = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + k, values.end());
  return values[static_cast<std::size_t>(k)];
}

// 1 inside any bone's outline.
std::vector<std::uint8_t> silhouettes(const std::vector<Bone>& bones, int width, int height) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 0);
  cv::Mat mask(height, width, CV_8U, out.data());
  for (const auto& bone : bones) {
    std::vector<cv::Point> outline;
    for (const auto& p : bone.outline) outline.emplace_back(static_cast<int>(p.x), static_cast<int>(p.y));
    cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(1));
  }
  return out;
}

// Attenuation that is shown as the densest of the body (metal left out); air is 0.
float densest(const cv::Mat& body, const cv::Mat& flesh) {
  std::vector<float> inside;
  for (int y = 0; y < body.rows; y += 3) {
    for (int x = 0; x < body.cols; x += 3) {
      if (flesh.at<float>(y, x) > 1) inside.push_back(body.at<float>(y, x));
    }
  }
  return std::max(0.3F, quantile(inside, 0.992));
}

// The display curve as a table over the windowed attenuation.
class Curve {
 public:
  explicit Curve(const Look& look) {
    for (std::size_t i = 0; i < values_.size(); ++i) {
      const double x =
          kLow + (kHigh - kLow) * static_cast<double>(i) / static_cast<double>(values_.size() - 1);
      const double positive = std::max(0.0, x);
      double v = look.air + (look.white - look.air) * std::pow(positive, look.gamma);
      // A shoulder above the densest bone, so that metal still shows its shape.
      if (positive > 0.85) {
        const double at = look.air + (look.white - look.air) * std::pow(0.85, look.gamma);
        v = at + (1.0 - at) * (1 - std::exp(-(v - at) / (1.0 - at)));
      }
      if (x < 0) v = look.air * std::exp(2.5 * x);
      values_[i] = static_cast<float>(v);
    }
  }
  [[nodiscard]] float operator()(float x) const {
    const float t =
        std::clamp((x - kLow) / (kHigh - kLow), 0.0F, 0.99999F) * static_cast<float>(values_.size() - 1);
    const auto i = static_cast<std::size_t>(t);
    return values_[i] +
           (t - static_cast<float>(i)) * (values_[std::min(i + 1, values_.size() - 1)] - values_[i]);
  }

 private:
  static constexpr float kLow = -1.0F;
  static constexpr float kHigh = 4.0F;
  std::array<float, 2048> values_{};
};

}  // namespace

Look draw_look(Rng& rng) {
  Look look;
  look.air = rng.chance(0.25) ? rng.uniform(0.09, 0.17) : rng.uniform(0.015, 0.08);
  look.white = rng.uniform(0.84, 0.97);
  look.gamma = rng.uniform(0.95, 1.45);
  look.detail = rng.uniform(0.35, 1.0);
  look.flatten = rng.uniform(0.10, 0.42);
  look.blur = rng.uniform(0.50, 0.80);
  look.noise = rng.uniform(0.007, 0.018);
  look.tilt = rng.uniform(0.0, 0.10);
  look.tilt_angle = rng.uniform(0.0, 2 * std::numbers::pi);
  return look;
}

Exposed expose(const Anatomy& anatomy, int width, int height, const LesionPlan& lesion, const Look& look,
               Rng& rng) {
  const double side = std::max(width, height);
  const double scale = side / anatomy.field;
  Anatomy scene = in_pixels(anatomy, scale, width, height);
  Exposed out;
  out.intact = silhouettes(scene.bones, width, height);
  Injury injury(lesion, scene, scale, width, height);
  const Grain grain = make_grain(rng);

  cv::Mat flesh = picture_flesh(scene.flesh, scale, width, height);
  add_soft_texture(flesh, grain, rng.uniform(0.0, std::numbers::pi));
  cv::Mat mineral(height, width, CV_32F, cv::Scalar(0));
  for (std::size_t i = 0; i < scene.bones.size(); ++i) {
    // Of a broken bone what lies outside may move in.
    const int beyond = injury.in(i) ? static_cast<int>(0.15 * side) : 0;
    BoneLayer layer = picture_bone(scene.bones[i], scale, grain,
                                   {-beyond, -beyond, width + 2 * beyond, height + 2 * beyond});
    if (injury.in(i)) injury.apply(layer);
    const Rect seen = intersect(layer.area, {0, 0, width, height});
    if (seen.empty()) continue;
    cv::Mat place = mineral(cv::Rect(seen.x, seen.y, seen.w, seen.h));
    place += layer.mineral(cv::Rect(seen.x - layer.area.x, seen.y - layer.area.y, seen.w, seen.h));
  }
  cv::Mat metal(height, width, CV_32F, cv::Scalar(0));
  injury.add_metal(metal);

  cv::Mat body = kFlesh * flesh + kMineral * mineral;
  cv::Mat x = (body + kSteel * metal) * (1.0F / densest(body, flesh));
  // A fall of exposure over the picture.
  const double cx = std::cos(look.tilt_angle) * look.tilt / width;
  const double cy = std::sin(look.tilt_angle) * look.tilt / height;
  for (int py = 0; py < height; ++py) {
    auto* row = x.ptr<float>(py);
    for (int px = 0; px < width; ++px)
      row[px] += static_cast<float>(cx * (px - 0.5 * width) + cy * (py - 0.5 * height));
  }
  // Detail raised, the coarse band lowered, as detectors' software does.
  const cv::Mat clipped = cv::min(x, 1.5);
  const cv::Mat middle = wide_blur(clipped, 0.016 * side);
  const cv::Mat coarse = wide_blur(clipped, 0.13 * side);
  x += look.detail * (clipped - middle) - look.flatten * (coarse - 0.45);

  out.grey = Plane(width, height);
  out.bone.resize(out.grey.values.size());
  const Curve curve(look);
  for (int py = 0; py < height; ++py) {
    const auto* row = x.ptr<float>(py);
    const auto* bone = mineral.ptr<float>(py);
    for (int px = 0; px < width; ++px) {
      out.grey.at(px, py) = curve(row[px]);
      out.bone[static_cast<std::size_t>(py) * static_cast<std::size_t>(width) +
               static_cast<std::size_t>(px)] = bone[px] > 0.15F ? 1 : 0;
    }
  }
  out.lesion = injury.box();
  return out;
}

void add_blur_and_noise(Plane& grey, const Look& look, Rng& rng) {
  cv::Mat image = view(grey);
  cv::GaussianBlur(image, image, {0, 0}, look.blur);
  Plane noise(grey.width, grey.height);
  for (auto& v : noise.values) v = noise_value(rng);
  cv::Mat field = view(noise);
  cv::Mat soft;
  cv::GaussianBlur(field, soft, {0, 0}, 0.75);
  for (int y = 0; y < grey.height; ++y) {
    auto* v = image.ptr<float>(y);
    const auto* fine = field.ptr<float>(y);
    const auto* grain = soft.ptr<float>(y);
    for (int x = 0; x < grey.width; ++x) {
      // Fewer quanta come through where it is bright; black borders are free of noise.
      const float level =
          static_cast<float>(look.noise) * (0.55F + 0.8F * v[x]) * std::min(1.0F, 12.0F * v[x]);
      v[x] += level * (1.7F * grain[x] + 0.35F * fine[x]);
    }
  }
}

}  // namespace tagconf::phantom
