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

// Probability that an L or R so matched on a tag is one, from its shape alone (an L cut out of a word reads
// as surely as any): logistic in the match and in the lead up to 0.1, fitted on the phantom's tags (seeds 31
// to 33 at 512, 256 and 128 px).
[[nodiscard]] double confidence_of(const LetterMatch& side);

// `mask`: CV_8UC1, non-zero inside, cut to the letter. Capitals A to Z are tried.
[[nodiscard]] LetterMatch match_letter(const cv::Mat& mask);

}  // namespace tagconf::tags
