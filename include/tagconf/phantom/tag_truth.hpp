// What is true of a synthetic tag beyond its box: how it was drawn, and how well it stands out on the
// finished picture.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/tag_sprite.hpp"

namespace tagconf::phantom {

enum class TagQuality { clear, faint, clipped, unreadable };

}  // namespace tagconf::phantom

template <>
struct tagconf::EnumNames<tagconf::phantom::TagQuality> {
  using Q = tagconf::phantom::TagQuality;
  static constexpr std::array kNames{std::pair{Q::clear, "clear"}, std::pair{Q::faint, "faint"},
                                     std::pair{Q::clipped, "clipped"},
                                     std::pair{Q::unreadable, "unreadable"}};
};

namespace tagconf::phantom {

struct TagTruth {
  TagLook look;
  double visible = 1;   // share of the letters' area that lies on the picture
  double contrast = 0;  // grey of the strokes minus that of their surroundings, share of full scale
  double noise = 0;     // of the surroundings' grey, standard deviation, share of full scale
  [[nodiscard]] double stroke_pixels() const { return look.stroke * look.cap_height; }
  // Rose's signal-to-noise ratio of a piece of stroke as long as it is wide: |contrast| / noise x width in
  // pixels. Below 5 a reader cannot tell it from the noise (Rose A. J Opt Soc Am 1948;38:196-208).
  [[nodiscard]] double stroke_signal() const;
};

inline constexpr double kRoseLimit = 5;
inline constexpr double kLeastVisible = 0.5;  // of the letters
inline constexpr double kFaintContrast = 0.15;

// unreadable: a stroke's signal below Rose's limit, or less than half of the letters on the picture; else
// clipped: some of the letters off the picture; else faint: |contrast| below 0.15; else clear.
[[nodiscard]] TagQuality quality_of(const TagTruth& truth);

// Measured on the finished picture, the sprite's upper left corner at (x, y). Surroundings: the carrier
// (disc, plate), or where the letters are bare or in a ring the body, at most a stroke's width (at least 4
// px) from the letters and clear of their blur. Each pixel is held against the mean of the surroundings close
// by: contrast is the median over the strokes of that difference, noise the standard deviation of the
// surroundings', taken from the quartiles. Both stay 0 where no stroke, or nothing round it, lies on the
// picture.
[[nodiscard]] TagTruth measure_tag(const imaging::GreyImage& picture, const TagLook& look,
                                   const TagSprite& sprite, int x, int y);

}  // namespace tagconf::phantom
