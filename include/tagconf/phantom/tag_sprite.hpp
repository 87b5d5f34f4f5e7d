// The synthetic tag: a letter with or without initials, as bare ink, on a plate, cut out of a bright plate,
// or on a black disc with a ring. A sprite is drawn once and laid onto any picture.
#pragma once

#include <array>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/base/tag_box.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::phantom {

enum class TagStyle { ink, disc, plate, cutout };

struct TagLook {
  std::string letter = "R";
  std::string initials;  // empty or 2-3 capitals
  TagStyle style = TagStyle::ink;
  double cap_height = 30;  // pixels
  double angle = 0;        // degrees, counter-clockwise
  bool mirrored = false;
  int face = 0;          // OpenCV's Hershey face
  double stroke = 0.14;  // of the cap height
  double ink = 0.95;     // grey level of the bright part, 0 to 1
  double plate = 0.45;   // grey level of a plate
  double opacity = 1;
};

// Grey and opacity of every pixel, cut to what is not empty.
struct TagSprite {
  imaging::Plane grey;
  imaging::Plane alpha;
};

[[nodiscard]] TagSprite draw_tag(const TagLook& look);

// Lays the sprite with its upper left corner at (x, y); what falls outside is cut. Returns the box of the
// pixels that changed visibly, empty when none did.
Rect paste(imaging::Plane& picture, const TagSprite& sprite, int x, int y);

}  // namespace tagconf::phantom
