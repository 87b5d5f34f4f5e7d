// A tag for a finder to learn from: as varied as what hospitals stick on, write over or burn into a film.
// Drawn once, upright, at a nominal size, as layers of coverage; practice_paste.hpp lays it onto a picture.
#pragma once

#include <opencv2/core.hpp>
#include <vector>

#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {

enum class PracticeKind {
  plain,  // a side's letter, perhaps with initials
  plate,  // the same on a plate or disc
  ring,   // a fine letter in a ring
  strip,  // letter, initials and a hole or ring of balls on one strip
  text,   // lines of small print
  mark,   // arrows, squares, stars, discs
};

using Outline = std::vector<cv::Point2f>;  // a polygon, in pixels of the layers

struct PracticeTag {
  PracticeKind kind = PracticeKind::plain;
  double cap = 0;      // height of its letters in the layers, pixels
  double shadow = 0;   // opacity of the layer of that name
  bool plate = false;  // has plate and rim
  bool disc = false;   // and they are round
  // 8 bit, all of one size.
  cv::Mat body;  // the plate
  cv::Mat rim;   // its border
  cv::Mat ink;
  cv::Mat shade;
  std::vector<Outline> strings;  // one round each string, or one round all that belongs together
  Outline plate_outline;         // empty without a plate
};

[[nodiscard]] PracticeTag draw_practice_tag(Rng& rng);

}  // namespace tagconf::phantom
