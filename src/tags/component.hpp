// Parts of a radiograph that could be letters: connected components of top-hat images, with what is measured
// on them. All in working pixels.
#pragma once

#include <cstdint>
#include <opencv2/core.hpp>
#include <vector>

#include "letters.hpp"
#include "tagconf/base/rect.hpp"
#include "working_image.hpp"

namespace tagconf::tags {

// What is measured on a component. "Contrast" units: 1 = the component's own contrast.
struct Measures {
  double stroke = 0;         // mean stroke width, pixels
  double stroke_spread = 0;  // standard deviation of the stroke width / its mean
  double contrast = 0;       // grey levels, ink minus median of the surroundings; positive also for dark ink
  double ink_spread = 0;     // standard deviation of the ink / contrast
  double ground_spread = 0;  // interquartile range of the surroundings / contrast
  double edge = 0;           // mean gradient along the outline / contrast
  double weak_edge = 0;      // 20th percentile of the same
  double closed = 0;  // share of the outline's outside that is nearer the surroundings' grey than the ink's
  double ground = 0;  // grey level of the surroundings
  double bustle = 0;  // 70th percentile of the gradient in the wide surroundings / contrast
};

struct Component {
  Rect box;
  cv::Mat mask;       // CV_8UC1, 255 inside, the size of the box
  bool dark = false;  // ink darker than what lies around it
  Measures measures;
  LetterMatch letter;
  double score = 0;  // 0 to 1
};

// Candidates of both polarities at three scales that score at least `least`; the same part seen at several
// thresholds appears once, as it scores best. Only those whose box has its middle in `within`. Best first.
[[nodiscard]] std::vector<Component> find_components(const WorkingImage& work, double least,
                                                     const Rect& within);

// Stops early where a part cannot be ink: the stroke width then stays 0, and ink_score is 0.
[[nodiscard]] Measures measure(const WorkingImage& work, const Component& component);

// How much a component looks like a mark's ink: the weighted geometric mean of ramps over the measures.
// Without a letter's shape taken into account, and with it.
[[nodiscard]] double ink_score(const Component& component);
[[nodiscard]] double letter_score(const Component& component, double ink);

}  // namespace tagconf::tags
