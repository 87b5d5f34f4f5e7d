// What surrounds the body in a picture and is no tag: shutters, film edges, rulers, rings, wires.
#pragma once

#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/phantom/anatomy.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

// Shutters: outside a slightly turned rectangle nothing was exposed. Some films show a bright edge.
void collimate(imaging::Plane& grey, Rng& rng);

// Each picture gets at most one. `anatomy` as posed() gives it.
void add_distractor(imaging::Plane& grey, const Anatomy& anatomy, Part part, Rng& rng);

}  // namespace tagconf::phantom
