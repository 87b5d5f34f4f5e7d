// Reading a single letter from its shape: the component's mask is laid over stroke-font shapes at all quarter
// turns, small tilts, and mirrored.
#pragma once

#include <opencv2/core.hpp>

namespace tagconf::tags {

struct LetterMatch {
  char letter = '?';
  // 0 to 1: the lesser of the shares of the component near the shape and of the shape near the component.
  double match = 0;
  double lead = 0;  // match minus the best match of another letter
  int turn = 0;     // degrees counter-clockwise from upright: 0, 90, 180, 270
  bool mirrored = false;
};

// `mask`: CV_8UC1, non-zero inside, cut to the letter. Capitals A to Z are tried.
[[nodiscard]] LetterMatch match_letter(const cv::Mat& mask);

}  // namespace tagconf::tags
