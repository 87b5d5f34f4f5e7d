// Laying a practice tag onto a picture, as lead, print or light would show it there, and marking where a
// finder should find it.
#pragma once

#include <opencv2/core.hpp>

#include "practice_tag.hpp"

namespace tagconf::phantom {

// What a crop's pixels are to a finder in training; all of one size.
struct PracticeMaps {
  cv::Mat grey;     // 32-bit float, 0 to 255
  cv::Mat tag;      // 8 bit, 255 where a tag was laid
  cv::Mat unknown;  // 8 bit, 255 where no loss is taken
};

// Letters `cap` pixels high, turned, mirrored or sheared now and then; often half beyond the border when
// `clipped` says so. Left out where it would meet another tag. A tag that can hardly be seen becomes unknown.
void lay_practice_tag(PracticeMaps& maps, const PracticeTag& tag, double cap, bool clipped, Rng& rng);

// A scale along an edge or across the picture: a line with ticks, burned in.
void lay_ruler(PracticeMaps& maps, Rng& rng);

// Ends the exposed field, or one picture of several on a sheet, along a straight line: beyond it all is
// black, grey or white, and tags are cut there. Of a tag of which less than a third is left nothing is asked.
// Returns what lies beyond: 8 bit, 255 there.
cv::Mat lay_field_edge(PracticeMaps& maps, Rng& rng);

}  // namespace tagconf::phantom
