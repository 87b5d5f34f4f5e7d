// How much of a map's energy lies inside boxes, and whether boxes placed by chance would hold as much.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::saliency {

// A map's running sums, in float64: the energy of any rectangle in four look-ups. "Energy" is the sum of the
// map's values, as in the energy-based pointing game (Wang et al., "Score-CAM", CVPRW 2020).
class EnergyMap {
 public:
  // values: height x width, none below 0.
  EnergyMap(std::span<const float> values, int width, int height);

  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  [[nodiscard]] double total() const { return sum({0, 0, width_, height_}); }
  // Of one rectangle inside the map.
  [[nodiscard]] double sum(const Rect& box) const;
  // Of what the boxes cover together; parts outside the map do not count, overlaps count once.
  [[nodiscard]] double sum_of_union(std::span<const Rect> boxes) const;

 private:
  int width_;
  int height_;
  std::vector<double> sums_;  // (height + 1) x (width + 1)
};

// Rectangles without overlap that cover what the boxes cover.
[[nodiscard]] std::vector<Rect> without_overlap(std::span<const Rect> boxes);

struct InTagEnergy {
  std::optional<double> share;       // energy inside over all; empty for an empty map or without boxes
  std::optional<double> area_share;  // area inside over the image's; empty without boxes
  std::optional<double> null_mean;   // mean share of boxes placed at random
  std::optional<double> null_p;      // (1 + draws with at least this share) / (1 + draws)
  bool empty = false;                // the map is 0 everywhere
};

// The null: every box moved, independently and uniformly, to a place wholly inside the image; boxes keep
// their sizes. One-sided: a small p says that tags hold more energy than boxes of their size do by chance.
// Boxes are cut to the map first. draws 0: no null.
[[nodiscard]] InTagEnergy in_tag_energy(const EnergyMap& map, std::span<const Rect> boxes, std::size_t draws,
                                        Rng rng);

}  // namespace tagconf::saliency
