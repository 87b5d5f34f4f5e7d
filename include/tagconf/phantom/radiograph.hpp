// From anatomy to grey values: paths through soft tissue, bone and metal, attenuation, the processing that a
// digital detector applies for display, blur and noise.
#pragma once

#include <cstdint>
#include <vector>

#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/anatomy.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

// The lesion of a study; every image of it shows the same.
struct LesionPlan {
  Lesion kind = Lesion::none;
  double severity = 0;     // 0 to 1: how plain it is
  double site = 0;         // 0 to 1: which of the anatomy's sites
  double place = 0.5;      // 0 to 1 along the site
  std::uint64_t seed = 0;  // of its shape
  std::uint64_t study = 0;
  int view = 1;  // plates seen face on in one view are seen from the side in the next
};

// How a maker's system renders.
struct Look {
  double air = 0.06;    // grey of what nothing covers, 0 to 1
  double white = 0.92;  // grey of the densest bone
  double gamma = 1.2;
  double detail = 0.6;    // weight of the fine band
  double flatten = 0.3;   // how much of the coarse band is taken away
  double blur = 0.7;      // sigma, pixels
  double noise = 0.012;   // standard deviation in the middle greys
  double tilt = 0;        // exposure falling off over the picture
  double tilt_angle = 0;  // radians
};
[[nodiscard]] Look draw_look(Rng& rng);

struct Exposed {
  imaging::Plane grey;               // 0 to 1, before tags, blur and noise
  std::vector<std::uint8_t> bone;    // height x width, 1 where a ray meets bone
  std::vector<std::uint8_t> intact;  // the same for the uninjured body
  Rect lesion;                       // empty when there is none
};

// `anatomy` as posed() gives it. The window is set from the body alone: metal, like a tag, does not shift the
// grey values of the rest.
[[nodiscard]] Exposed expose(const Anatomy& anatomy, int width, int height, const LesionPlan& lesion,
                             const Look& look, Rng& rng);

// Detector blur, then quantum noise.
void add_blur_and_noise(imaging::Plane& grey, const Look& look, Rng& rng);

}  // namespace tagconf::phantom
