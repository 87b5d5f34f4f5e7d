#include "frame.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "bone_layer.hpp"

namespace tagconf::phantom {
namespace {

using imaging::Plane;

constexpr int kShift = 4;

cv::Mat view(Plane& plane) {
  return {plane.height, plane.width, CV_32F, plane.values.data()};
}

cv::Point fixed(double x, double y) {
  return {static_cast<int>(std::lround(x * (1 << kShift))), static_cast<int>(std::lround(y * (1 << kShift)))};
}

// Blends `level` into the picture where the mask is set.
void lay(Plane& grey, const cv::Mat& mask, double level, double opacity) {
  cv::Mat alpha;
  mask.convertTo(alpha, CV_32F, opacity / 255);
  cv::Mat picture = view(grey);
  picture += alpha.mul(level - picture);
}

cv::Mat empty_mask(const Plane& grey) {
  return {grey.height, grey.width, CV_8U, cv::Scalar(0)};
}

// A band round a finger's first phalanx, seen from above.
void finger_ring(Plane& grey, const Anatomy& anatomy, Rng& rng) {
  // A hand's sites are metacarpals and first phalanges in turn, a finger's begin with its first phalanx.
  const std::size_t pick =
      anatomy.sites.size() > 3 ? 1 + 2 * static_cast<std::size_t>(rng.below(anatomy.sites.size() / 2)) : 0;
  const Bone& bone = anatomy.bones[anatomy.sites[pick].bone];
  const BoneFrame frame(bone);
  const double u = rng.uniform(0.2, 0.45);
  const Extent extent = extent_at(bone, u);
  const double half_width = extent.half() * rng.uniform(1.75, 2.0);
  const double scale = std::max(grey.width, grey.height) / anatomy.field;
  const double thickness = rng.uniform(1.0, 2.6) / frame.length();
  const double bend = 0.5 * thickness;
  std::vector<cv::Point> outline;
  for (int side = 0; side < 2; ++side) {
    for (int i = 0; i <= 12; ++i) {
      const double t = (side == 0 ? i : 12 - i) / 6.0 - 1.0;
      const double at = u + (side == 0 ? -thickness : thickness) + bend * (1 - t * t);
      const Point p = frame.at({at, extent.middle() + t * half_width});
      outline.push_back(fixed(scale * p.x + 0.5 * grey.width, scale * p.y + 0.5 * grey.height));
    }
  }
  cv::Mat mask = empty_mask(grey);
  cv::fillPoly(mask, std::vector<std::vector<cv::Point>>{outline}, cv::Scalar(255), cv::LINE_AA, kShift);
  lay(grey, mask, rng.uniform(0.90, 1.0), 0.96);
}

void corner_triangle(Plane& grey, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  const double edge = 0.07 * side * rng.uniform(0.5, 1.3);
  const bool right = rng.chance(0.5);
  const bool lower = rng.chance(0.7);
  const double x = right ? grey.width : 0;
  const double y = lower ? grey.height : 0;
  const std::array<cv::Point, 3> corner{fixed(x, y), fixed(right ? x - edge : edge, y),
                                        fixed(x, lower ? y - edge : edge)};
  cv::Mat mask = empty_mask(grey);
  cv::fillConvexPoly(mask, corner.data(), 3, cv::Scalar(255), cv::LINE_AA, kShift);
  lay(grey, mask, rng.uniform(0.55, 1.0), 1);
}

// A wire that hangs into the picture, with or without its electrode.
void lead_wire(Plane& grey, bool electrode, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  cv::Mat mask = empty_mask(grey);
  double x = grey.width * rng.uniform(0.1, 0.9);
  double y = rng.chance(0.5) ? -2.0 : grey.height + 2.0;
  const double down = y < 0 ? 1.0 : -1.0;
  const double length = side * rng.uniform(0.25, 0.6);
  double heading = 0.5 * rng.normal();
  std::vector<cv::Point> line{fixed(x, y)};
  constexpr int kSteps = 40;
  for (int i = 0; i < kSteps; ++i) {
    heading = 0.93 * heading + 0.16 * rng.normal();
    x += length / kSteps * std::sin(heading);
    y += down * length / kSteps * std::cos(heading);
    line.push_back(fixed(x, y));
  }
  cv::polylines(mask, std::vector<std::vector<cv::Point>>{line}, false, cv::Scalar(255),
                std::max(1, static_cast<int>(std::lround(0.004 * side))), cv::LINE_AA, kShift);
  if (electrode) {
    const auto radius = static_cast<int>(std::lround(0.014 * side * (1 << kShift)));
    cv::circle(mask, line.back(), radius, cv::Scalar(255), cv::FILLED, cv::LINE_AA, kShift);
    cv::circle(mask, line.back(), radius * 5 / 2, cv::Scalar(110),
               std::max(1, static_cast<int>(0.004 * side)), cv::LINE_AA, kShift);
  }
  const double level = rng.uniform(0.75, 0.98);
  lay(grey, mask, level, rng.uniform(0.6, 0.9));
}

// Ticks of a scale along one edge.
void ruler(Plane& grey, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  cv::Mat mask = empty_mask(grey);
  const bool right = rng.chance(0.6);
  const int inset = static_cast<int>(side * rng.uniform(0.01, 0.03));
  const int x = right ? grey.width - 1 - inset : inset;
  const double step = side * rng.uniform(0.018, 0.03);
  const int from = static_cast<int>(grey.height * rng.uniform(0.1, 0.35));
  const int count = static_cast<int>(rng.uniform(10.0, 21.0));
  for (int i = 0; i <= count; ++i) {
    const int y = from + static_cast<int>(std::lround(i * step));
    const int length = static_cast<int>(side * (i % 5 == 0 ? 0.016 : 0.008));
    cv::line(mask, {x, y}, {right ? x - length : x + length, y}, cv::Scalar(255), 1);
  }
  cv::line(mask, {x, from}, {x, from + static_cast<int>(std::lround(count * step))}, cv::Scalar(255), 1);
  lay(grey, mask, rng.uniform(0.7, 1.0), 0.9);
}

// Where the patient's name was painted over.
void blank_label(Plane& grey, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  const auto w = static_cast<int>(side * rng.uniform(0.10, 0.24));
  const auto h = static_cast<int>(side * rng.uniform(0.04, 0.08));
  const int x = rng.chance(0.5) ? 0 : grey.width - w;
  const int y = rng.chance(0.5) ? 0 : grey.height - h;
  cv::Mat mask = empty_mask(grey);
  cv::rectangle(mask, cv::Rect(x, y, w, h), cv::Scalar(255), cv::FILLED);
  lay(grey, mask, rng.chance(0.6) ? 0.0 : rng.uniform(0.5, 0.95), 1);
}

// Buttons, snaps and clasps of clothing.
void clasp(Plane& grey, Rng& rng) {
  const double side = std::max(grey.width, grey.height);
  cv::Mat mask = empty_mask(grey);
  const double x = grey.width * rng.uniform(0.12, 0.88);
  const cv::Point at = fixed(x, grey.height * rng.uniform(0.12, 0.88));
  const double size = side * rng.uniform(0.012, 0.022);
  const int thick = std::max(1, static_cast<int>(0.005 * side));
  if (rng.chance(0.5)) {
    const cv::RotatedRect frame(cv::Point2f(static_cast<float>(at.x), static_cast<float>(at.y)),
                                cv::Size2f(static_cast<float>(2.6 * size * (1 << kShift)),
                                           static_cast<float>(1.5 * size * (1 << kShift))),
                                static_cast<float>(rng.uniform(0.0, 180.0)));
    std::array<cv::Point2f, 4> corners{};
    frame.points(corners.data());
    std::vector<cv::Point> outline(corners.begin(), corners.end());
    cv::polylines(mask, std::vector<std::vector<cv::Point>>{outline}, true, cv::Scalar(255), thick,
                  cv::LINE_AA, kShift);
  } else {
    cv::circle(mask, at, static_cast<int>(size * (1 << kShift)), cv::Scalar(255),
               rng.chance(0.5) ? cv::FILLED : thick, cv::LINE_AA, kShift);
  }
  const double level = rng.uniform(0.8, 1.0);
  lay(grey, mask, level, rng.uniform(0.7, 0.95));
}

}  // namespace

void collimate(Plane& grey, Rng& rng) {
  const bool shutters = rng.chance(0.62);
  const double angle = rng.chance(0.45) ? 0.0 : 0.045 * rng.normal();
  const double half_w = grey.width * rng.uniform(0.425, 0.51);
  const double half_h = grey.height * rng.uniform(0.435, 0.51);
  const double cx = grey.width * rng.uniform(0.475, 0.525);
  const double cy = grey.height * rng.uniform(0.475, 0.525);
  const double level = rng.chance(0.75) ? 0.0 : rng.uniform(0.01, 0.05);
  const double penumbra = rng.uniform(1.2, 4.0);
  const double edge = rng.chance(0.14) ? rng.uniform(0.35, 0.95) : 0.0;
  const double edge_width = rng.uniform(1.0, 2.2);
  if (!shutters) return;
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  for (int y = 0; y < grey.height; ++y) {
    for (int x = 0; x < grey.width; ++x) {
      const double dx = c * (x - cx) + s * (y - cy);
      const double dy = -s * (x - cx) + c * (y - cy);
      const double outside = std::max(std::abs(dx) - half_w, std::abs(dy) - half_h);
      if (outside < -penumbra) continue;
      const double open = std::clamp(0.5 - outside / penumbra, 0.0, 1.0);
      float& v = grey.at(x, y);
      v = static_cast<float>(level + open * (v - level));
      const double line = std::clamp(1.5 - std::abs(outside) / edge_width, 0.0, 1.0);
      v = static_cast<float>(std::max<double>(v, edge * line));
    }
  }
}

void add_distractor(Plane& grey, const Anatomy& anatomy, Part part, Rng& rng) {
  const double u = rng.uniform();
  const bool trunk = part == Part::shoulder || part == Part::humerus;
  const bool fingers = part == Part::hand || part == Part::finger;
  if (u < 0.10) {
    if (fingers)
      finger_ring(grey, anatomy, rng);
    else if (trunk)
      clasp(grey, rng);
  } else if (u < 0.16) {
    corner_triangle(grey, rng);
  } else if (u < 0.23) {
    lead_wire(grey, trunk, rng);
  } else if (u < 0.28) {
    ruler(grey, rng);
  } else if (u < 0.34) {
    blank_label(grey, rng);
  }
}

}  // namespace tagconf::phantom
