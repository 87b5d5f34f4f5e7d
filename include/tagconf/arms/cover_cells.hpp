// Boxes painted over in the stored values of a DICOM image, so that what is outside them keeps its value and
// its grey.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "tagconf/base/rect.hpp"
#include "tagconf/cohort/grey_scale.hpp"
#include "tagconf/tags/cover.hpp"

namespace tagconf::arms {

struct CellCover {
  std::int64_t pixels = 0;  // inside the boxes; overlaps count once
  int fill = 0;             // the stored value painted
  // To be written into the file: without it the picture would be stretched anew, since its brightest or
  // darkest pixel lay in a box.
  std::optional<cohort::Window> window;
};

// Fill black or white, else error config. The value painted is the darkest (brightest) that the file's own
// modality and VOI transformations can show, whatever that is as a number: the highest one of MONOCHROME1.
// Among values that are shown alike it is one that the film has or lies next to, and never a padding value,
// which is no film. Without a window, black is thus the film's own darkest value, and only the other end of
// the range can be lost; then `window` keeps the greys: equal at 8 and 16 bit, but for halves that binary
// fractions round the other way.
//
// Every cell is left with its stored value alone: overlays and dirt beside it are cleared in the whole image.
[[nodiscard]] CellCover cover_cells(cohort::PixelCells& cells, const cohort::CellLayout& layout,
                                    const cohort::GreyScale& scale, std::span<const Rect> boxes,
                                    tags::Fill fill);

}  // namespace tagconf::arms
