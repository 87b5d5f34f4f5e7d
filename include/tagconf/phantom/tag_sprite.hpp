// The synthetic tag: a letter, with or without initials, or a word; as bare ink, in a ring, on a disc, or on
// a plate. A sprite is drawn once and laid onto any picture.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::phantom {

enum class TagStyle {
  ink,          // bright strokes
  ring,         // bright strokes in a bright ring
  dark_disc,    // the same on a disc that hides what is below
  bright_disc,  // strokes cut out of a bright disc
  plate,        // bright strokes on a grey plate that lets the body through
  cutout,       // strokes cut out of a bright plate
};

}  // namespace tagconf::phantom

template <>
struct tagconf::EnumNames<tagconf::phantom::TagStyle> {
  using S = tagconf::phantom::TagStyle;
  static constexpr std::array kNames{std::pair{S::ink, "ink"},
                                     std::pair{S::ring, "ring"},
                                     std::pair{S::dark_disc, "dark_disc"},
                                     std::pair{S::bright_disc, "bright_disc"},
                                     std::pair{S::plate, "plate"},
                                     std::pair{S::cutout, "cutout"}};
};

namespace tagconf::phantom {

struct TagLook {
  std::string letter = "R";
  std::string initials;  // empty, or what stands beside or below the letter
  bool stacked = false;  // below
  TagStyle style = TagStyle::ink;
  double cap_height = 30;  // pixels
  double angle = 0;        // degrees, counter-clockwise
  bool mirrored = false;
  int face = 0;          // OpenCV's Hershey face, 0 to 4
  double stroke = 0.14;  // of the cap height
  double slant = 0;      // shear of italics: sideways per height
  double ink = 0.95;     // grey level of the bright part, 0 to 1
  double plate = 0.45;   // grey level of a plate
  double opacity = 1;
};

// Grey and opacity of every pixel, cut to what is not empty. Opacity is 0 or at least 0.04. `ink`: the share
// of the pixel that is letter, without ring, disc and plate; also where the letter is a hole.
struct TagSprite {
  imaging::Plane grey;
  imaging::Plane alpha;
  imaging::Plane ink;
};

[[nodiscard]] TagSprite draw_tag(const TagLook& look);

// A look as hospitals use them, for a picture of the given long side: size, face, angle, faintness.
// `on_plate` decides between the styles on a plate and the others.
[[nodiscard]] TagLook draw_look_of_letter(const std::string& letter, bool on_plate, double side, Rng& rng);
// A word or initials in small print.
[[nodiscard]] TagLook draw_look_of_text(const std::string& text, double side, Rng& rng);

// Lays the sprite with its upper left corner at (x, y); what falls outside is cut. Returns the box of the
// pixels that changed, empty when none did; nothing outside it changes.
Rect paste(imaging::Plane& picture, const TagSprite& sprite, int x, int y);

}  // namespace tagconf::phantom
