// From anatomy to grey values: path lengths through soft tissue, bone and metal, a display curve, blur and
// noise. A bone is a tube: cortex shows where the ray runs along its wall, so edges are bright without being
// drawn.
#pragma once

#include <cstdint>
#include <vector>

#include "tagconf/base/rect.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/anatomy.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct Exposed {
  imaging::Plane grey;             // 0 to 1, before tags and noise
  std::vector<std::uint8_t> bone;  // height x width, 1 where a ray meets bone
  Rect lesion;                     // empty when there is none
};

// The picture of `anatomy` with one lesion of the given severity (0 to 1) in one of its main bones.
[[nodiscard]] Exposed expose(const Anatomy& anatomy, int width, int height, Lesion lesion, double severity,
                             Rng& rng);

// Detector blur, and quantum noise that falls with exposure (`amount`: standard deviation in the middle
// greys).
void add_blur_and_noise(imaging::Plane& grey, double blur_sigma, double amount, Rng& rng);

// A field of unit-variance noise with structures of about `sigma` pixels.
[[nodiscard]] imaging::Plane noise_field(int width, int height, double sigma, Rng& rng);

}  // namespace tagconf::phantom
