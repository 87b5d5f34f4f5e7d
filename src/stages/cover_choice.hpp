// Which tags count and what is painted over them: declared once for mask, strip, pack, gradcam and report.
// A pipeline hands the same values to all five, so that the arms, the maps and the report mean the same
// boxes.
#pragma once

#include <vector>

#include "tagconf/options/field.hpp"
#include "tagconf/tags/cover.hpp"

namespace tagconf::stages {

// Adds the keys `kinds` and `pad`.
template <class Visitor>
void describe_boxes(Visitor& v, tags::CoverOptions& cover) {
  using options::field;
  v(field<std::vector<TagKind>>("kinds", "kinds of tag that are covered or kept"), cover.kinds);
  v(options::within(field<int>("pad", "pixels added on every side of a tag box"), 0, 64), cover.pad);
}

// Adds the keys `kinds`, `pad` and `fill`.
template <class Visitor>
void describe_cover(Visitor& v, tags::CoverOptions& cover) {
  describe_boxes(v, cover);
  v(options::field<tags::Fill>(
        "fill",
        "what covers a tag; border_median: of the 3 px round its box; inpaint: continued from outside"),
    cover.fill);
}

}  // namespace tagconf::stages
