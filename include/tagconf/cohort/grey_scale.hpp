// How a DICOM image's stored values become grey: the Modality LUT or rescale, then the VOI LUT or window
// (PS3.3 C.11.1 and C.11.2), in double precision and rounded once. Pure: values in, values out.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::cohort {

// Pixel cells as they stand in the data set or come from a decoder; row major, one of 65536 values each.
struct PixelCells {
  int width = 0;
  int height = 0;
  std::vector<std::uint16_t> values;  // height x width
};

// Where the stored value lies in a cell: bits high_bit - stored + 1 to high_bit. What lies beside them (an
// overlay, dirt, sign bits) is no part of the value.
struct CellLayout {
  int stored = 16;    // 1 to 16
  int high_bit = 15;  // stored - 1 to 15
  bool is_signed = false;
  // The cells come from a lossy decoder, which may overshoot white: values above the largest one are cut to
  // it where masking would turn them black. (Of unsigned values.)
  bool overshoots = false;
};

[[nodiscard]] int stored_value(std::uint16_t cell, const CellLayout& layout);
// The cell that holds the value and nothing else: beside it stand zeros, above it copies of the sign.
[[nodiscard]] std::uint16_t cell_of(int stored, const CellLayout& layout);

// Entry i is the output for the input first + i; inputs beyond the ends take the end's.
struct LookupTable {
  int first = 0;
  int bits = 16;                      // of an output
  std::vector<std::uint16_t> output;  // never empty
};

struct Window {
  double centre = 0;
  double width = 0;
};

enum class WindowFunction { linear, linear_exact, sigmoid };

struct GreyScale {
  std::optional<LookupTable> modality;  // takes the place of slope and intercept
  double slope = 1;
  double intercept = 0;
  std::optional<LookupTable> voi;  // takes the place of the window
  std::optional<Window> window;
  WindowFunction function = WindowFunction::linear;
  std::optional<std::pair<int, int>> padding;  // stored values, ends included: no part of the film
  bool inverted = false;                       // MONOCHROME1: the smallest value is white
};

[[nodiscard]] bool is_padding(int stored, const GreyScale& scale);

// How the values of one picture are shown. Min-max depends on which of them the picture has.
class GreyCurve {
 public:
  GreyCurve(const PixelCells& cells, const CellLayout& layout, GreyScale scale);

  // floor(full scale x f + 0.5) of f in 0 to 1, then full scale minus that when inverted.
  [[nodiscard]] std::uint16_t level(int stored, int full_scale) const;
  // From black, 0, to white, 1; not rounded.
  [[nodiscard]] double brightness(int stored) const;
  // As Rendered's.
  [[nodiscard]] const std::string& scaling() const { return scaling_; }
  [[nodiscard]] bool window_ignored() const;
  // What min_max stretches: outputs of the Modality LUT or rescale.
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

 private:
  [[nodiscard]] double fraction(int stored) const;
  void find_range(const PixelCells& cells, const CellLayout& layout);

  GreyScale scale_;
  bool windows_;  // its window is used
  std::string scaling_;
  double low_ = 0;
  double high_ = 0;
};

struct Rendered {
  imaging::GreyImage image;
  // voi_lut, window, window_linear_exact, window_sigmoid, or min_max over the pixels that are not padding
  // (where there is neither, or the window's width is none; an image of one value comes out as 0).
  std::string scaling;
  bool window_ignored = false;  // its width cannot be used
};

// bits 8 or 16.
[[nodiscard]] Rendered render_grey(const PixelCells& cells, const CellLayout& layout, const GreyScale& scale,
                                   int bits);

}  // namespace tagconf::cohort
