// Letters and words as coverage masks, from OpenCV's stroke fonts drawn with many pens: thin and fat, round
// and square, narrow and wide. And the words that stand on radiographs.
#pragma once

#include <opencv2/core.hpp>
#include <string>

#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {

struct Pen {
  int face = 0;         // OpenCV's Hershey face, italic bit included
  double stroke = 0.1;  // of the cap height
  double width = 1;     // letters are this much wider than the font's
  bool square = false;  // corners and ends
};

[[nodiscard]] Pen draw_pen(Rng& rng);
// Fine strokes, as engraved in a lead disc.
[[nodiscard]] Pen draw_fine_pen(Rng& rng);

// 8 bit, 255 = ink, cut to the ink. `cap`: height of a capital letter in pixels.
[[nodiscard]] cv::Mat text_mask(const std::string& text, double cap, const Pen& pen);

[[nodiscard]] std::string draw_side_text(Rng& rng);  // R, L, RT, Left, R-3 ...
[[nodiscard]] std::string draw_initials(Rng& rng);   // one to three capitals
[[nodiscard]] std::string draw_line_text(Rng& rng);  // PORTABLE, 12.4 mm, 03/11/2014, anything

}  // namespace tagconf::phantom
