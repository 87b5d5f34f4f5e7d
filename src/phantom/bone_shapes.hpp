// Outlines of single bones, drawn from landmarks.
#pragma once

#include <span>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/anatomy.hpp"

namespace tagconf::phantom {

// Long bones are tables of landmarks: u along the axis as a share of the length, v across it in half-widths
// of the shaft, positive to the right of the direction from a to b when that points up.
enum class Shape {
  metacarpal,
  proximal_phalanx,
  middle_phalanx,
  distal_phalanx,
  radius_frontal,
  radius_lateral,
  ulna_frontal,
  ulna_distal_lateral,
  humerus_frontal,
  humerus_inward,
  clavicle,
};

struct Placing {
  Point a;
  Point b;
  double half_width = 5;  // of the shaft, mm
  double bow = 0;         // deviation of the axis at mid-shaft, mm
  bool flip = false;      // v counts to the other side
};

[[nodiscard]] Bone long_bone(Shape shape, const Placing& placing, Rng& rng);

// A bone from its own outline in millimetres, at `at`, scaled and turned; the axis runs from top to bottom.
[[nodiscard]] Bone drawn_bone(std::span<const Point> landmarks, Point at, double scale_x, double scale_y,
                              double degrees, Rng& rng);

// A band of varying width along a smooth line through the points (rib, acromion).
[[nodiscard]] Bone band_bone(std::span<const Point> line, std::span<const double> half_widths, Rng& rng);

// A smooth closed line through the landmarks (uniform Catmull-Rom), `steps` points a segment.
[[nodiscard]] std::vector<Point> smooth_closed(std::span<const Point> landmarks, int steps);
[[nodiscard]] std::vector<Point> smooth_open(std::span<const Point> landmarks, int steps);

}  // namespace tagconf::phantom
