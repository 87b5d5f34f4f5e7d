// From letters to marks: what stands together is one mark, a mark's plate or ring belongs to it.
#pragma once

#include <vector>

#include "component.hpp"
#include "tagconf/base/tag_box.hpp"

namespace tagconf::tags {

struct Mark {
  std::vector<Component> parts;  // letters and companions, best first
  Rect box;                      // of all parts, and of the plate where there is one; working pixels
  double score = 0;              // 0 to 1
  bool plate = false;
  bool ring = false;
};

// Marks whose best part scores at least `least`. A weaker component is taken in when it stands close to a
// part of the mark, in the same polarity and of a size that fits; a row of three and more alike components
// counts for more than each alone.
[[nodiscard]] std::vector<Mark> group_marks(const WorkingImage& work,
                                            const std::vector<Component>& components, double least);

// The even region round the parts, where a closed outline ends it within some three times the mark's size:
// the mark's plate, or the inside of its ring. Sets box, plate and ring.
void enlarge_to_plate(const WorkingImage& work, Mark& mark);

// Kind, letter, turn, polarity, plate and ring of a mark. Box, contrast and clipping are the caller's.
[[nodiscard]] TagBox describe(const Mark& mark);

}  // namespace tagconf::tags
