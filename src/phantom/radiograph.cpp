#include "tagconf/phantom/radiograph.hpp"

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <optional>

#include "bone_tube.hpp"

namespace tagconf::phantom {
namespace {

using imaging::Plane;

cv::Mat matrix(Plane& plane) {
  return {plane.height, plane.width, CV_32F, plane.values.data()};
}

// Path length through the soft parts, 1 = the thickest place; parts blend where they meet.
Plane soft_tissue(const Anatomy& anatomy, int width, int height, double scale) {
  Plane out(width, height);
  const double cx = 0.5 * width;
  const double cy = 0.5 * height;
  double thickest = 1e-6;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      double sum = 0;
      double lung = 0;
      for (const auto& part : anatomy.soft) {
        const double ax = cx + scale * part.a.x;
        const double ay = cy + scale * part.a.y;
        const double dx = scale * (part.b.x - part.a.x);
        const double dy = scale * (part.b.y - part.a.y);
        const double t = std::clamp(((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + 1e-9), 0.0, 1.0);
        const double r = scale * (part.radius_a + t * (part.radius_b - part.radius_a));
        const double off_x = x - ax - t * dx;
        const double off_y = y - ay - t * dy;
        const double d2 = off_x * off_x + off_y * off_y;
        if (d2 >= r * r) continue;
        const double chord = 2 * std::sqrt(r * r - d2) / scale;
        const double amount = part.density * chord;
        if (amount < 0) {
          lung += amount;
        } else {
          sum += amount * amount * amount;
        }
      }
      const double chord = std::max(0.0, std::cbrt(sum) + lung);
      thickest = std::max(thickest, chord);
      out.at(x, y) = static_cast<float>(chord);
    }
  }
  for (auto& v : out.values) v = static_cast<float>(v / thickest);
  cv::Mat view = matrix(out);
  cv::GaussianBlur(view, view, {}, 0.004 * scale);
  return out;
}

// What is laid over the soft tissue.
struct Dense {
  Plane bone;   // in units of a thick cortex
  Plane metal;  // 1 = opaque
};

// Adds the bones of one group: where parts of one bone (shaft, head, condyle) overlap, the ray runs through
// the same bone once, so the larger chord counts.
class GroupPainter {
 public:
  GroupPainter(const Plane& texture, double reference, Dense& dense, std::vector<std::uint8_t>& mask)
      : texture_(texture),
        reference_(reference),
        dense_(dense),
        mask_(mask),
        group_(texture.width, texture.height) {}

  void draw(const BoneTube& tube, const BoneLesion* lesion, double density) {
    const int margin = lesion != nullptr ? 12 : 0;
    const Rect area = padded(tube.bounds(group_.width, group_.height), margin, group_.width, group_.height);
    touched_ = bounding(touched_, area);
    for (int y = area.y; y < area.bottom(); ++y) {
      for (int x = area.x; x < area.right(); ++x) draw_pixel(tube, lesion, density, x, y);
    }
  }

  // Lays the group over what is there and begins a new one.
  void finish() {
    for (int y = touched_.y; y < touched_.bottom(); ++y) {
      for (int x = touched_.x; x < touched_.right(); ++x) {
        dense_.bone.at(x, y) += group_.at(x, y);
        group_.at(x, y) = 0;
      }
    }
    touched_ = {};
  }

 private:
  void draw_pixel(const BoneTube& tube, const BoneLesion* lesion, double density, int x, int y) {
    const Local seen = tube.local(x + 0.5, y + 0.5);
    if (lesion != nullptr) {
      dense_.metal.at(x, y) = std::max(dense_.metal.at(x, y), static_cast<float>(lesion->metal(seen)));
    }
    const Chords c = tube.chords(lesion != nullptr ? lesion->undisplaced(seen) : seen);
    if (c.cortex + c.marrow <= 0) return;
    const double marrow = (0.13 + 0.27 * c.end_share) * (1 + 0.20 * texture_.at(x, y));
    double amount = density * (c.cortex + marrow * c.marrow) / reference_;
    if (lesion != nullptr) amount *= lesion->bone_factor(seen);
    group_.at(x, y) = std::max(group_.at(x, y), static_cast<float>(amount));
    mask_[static_cast<std::size_t>(y) * static_cast<std::size_t>(group_.width) +
          static_cast<std::size_t>(x)] = 1;
  }

  const Plane& texture_;
  double reference_;
  Dense& dense_;
  std::vector<std::uint8_t>& mask_;
  Plane group_;
  Rect touched_;
};

}  // namespace

Plane noise_field(int width, int height, double sigma, Rng& rng) {
  Plane field(width, height);
  // Uniform draws: after the blur their sum is as good as normal, at a fraction of the time.
  for (auto& v : field.values) v = static_cast<float>(rng.next()) * 0x1.0p-31F - 1.0F;
  if (sigma > 0) {
    cv::Mat view = matrix(field);
    cv::GaussianBlur(view, view, {}, sigma);
    cv::Scalar mean;
    cv::Scalar sd;
    cv::meanStdDev(view, mean, sd);
    view = (view - mean[0]) / std::max(1e-9, sd[0]);
  }
  return field;
}

Exposed expose(const Anatomy& anatomy, int width, int height, Lesion lesion, double severity, Rng& rng) {
  const double scale = std::max(width, height);
  const Plane soft = soft_tissue(anatomy, width, height, scale);
  // Trabeculae are finer than marrow mottling: the difference of two scales.
  Plane texture = noise_field(width, height, 0.0016 * scale, rng);
  const Plane coarse = noise_field(width, height, 0.0065 * scale, rng);
  for (std::size_t i = 0; i < texture.values.size(); ++i) {
    texture.values[i] = 0.8F * texture.values[i] + 0.6F * coarse.values[i];
  }

  std::vector<BoneTube> tubes;
  for (const auto& bone : anatomy.bones) tubes.emplace_back(bone, scale, 0.5 * width, 0.5 * height, rng);
  double reference = 1;
  for (const auto i : anatomy.main_bones) reference = std::max(reference, tubes[i].shaft_radius());

  std::optional<BoneLesion> damage;
  std::size_t damaged = tubes.size();
  if (lesion != Lesion::none && !anatomy.main_bones.empty()) {
    damaged = anatomy.main_bones[rng.below(anatomy.main_bones.size())];
    damage.emplace(lesion, severity, tubes[damaged], width, height, rng);
  }

  Exposed out{Plane(width, height), std::vector<std::uint8_t>(soft.values.size(), 0), {}};
  Dense dense{Plane(width, height), Plane(width, height)};
  GroupPainter painter(texture, 1.7 * reference, dense, out.bone);
  for (std::size_t i = 0; i < tubes.size(); ++i) {
    painter.draw(tubes[i], i == damaged ? &*damage : nullptr, anatomy.bones[i].density);
    const bool goes_on = i + 1 < tubes.size() && anatomy.bones[i + 1].joined;
    if (!goes_on) painter.finish();
  }
  if (damage) out.lesion = damage->box(width, height);

  // Display: a shoulder-shaped curve over the attenuation, as after a radiograph's processing.
  const double soft_weight = rng.uniform(0.42, 0.62);
  const double bone_weight = rng.uniform(0.95, 1.30);
  const double contrast = rng.uniform(1.05, 1.35);
  const double floor = rng.uniform(0.015, 0.07);
  const double slope_x = rng.uniform(-0.10, 0.10);
  const double slope_y = rng.uniform(-0.10, 0.10);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double s = soft.at(x, y) * (1 + 0.035 * coarse.at(x, y));
      const double a =
          soft_weight * std::pow(s, 0.8) + bone_weight * dense.bone.at(x, y) + 3.2 * dense.metal.at(x, y);
      const double tilt = 1 + slope_x * (2.0 * x / width - 1) + slope_y * (2.0 * y / height - 1);
      out.grey.at(x, y) = static_cast<float>(floor + (0.97 - floor) * (1 - std::exp(-contrast * a * tilt)));
    }
  }
  return out;
}

void add_blur_and_noise(Plane& grey, double blur_sigma, double amount, Rng& rng) {
  cv::Mat view = matrix(grey);
  cv::GaussianBlur(view, view, {}, blur_sigma);
  const Plane noise = noise_field(grey.width, grey.height, 0.55, rng);
  for (std::size_t i = 0; i < grey.values.size(); ++i) {
    // Bright places have let little through: fewer quanta, more noise.
    const float v = grey.values[i];
    grey.values[i] = v + static_cast<float>(amount) * (0.45F + v) * noise.values[i];
  }
}

}  // namespace tagconf::phantom
