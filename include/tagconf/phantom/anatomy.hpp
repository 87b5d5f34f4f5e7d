// Where the bones and the soft tissue of a body part lie, before anything is pictured: outlines in
// millimetres in the plane of the detector, x to the right and y down.
#pragma once

#include <cstddef>
#include <vector>

#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct Point {
  double x = 0;
  double y = 0;
};

// A place where a bone is thinner (a fossa) or, with a negative depth, thicker than its outline tells.
struct Hollow {
  Point centre;
  double along = 0;  // radii, mm, along the bone's axis and across it
  double across = 0;
  double depth = 0;  // share of the bone taken away in the middle
};

// A bone as its silhouette and what lies behind it.
struct Bone {
  std::vector<Point> outline;  // closed, without the first point repeated
  Point a;                     // the axis, from the near to the far end
  Point b;
  double shell_shaft = 2;  // thickness of the cortex at mid-shaft and at the ends
  double shell_end = 0.7;
  double end_share = 0.2;      // share of the length that is end at a, and at b
  double marrow_shaft = 0.10;  // mineral of the marrow space, cortex = 1
  double marrow_end = 0.34;
  double deepest = 0;  // mm along the ray; 0: as deep as wide
  double mineral = 1;
  std::vector<Hollow> hollows;
};

// A tapered cylinder of flesh.
struct Capsule {
  Point a;
  Point b;
  double radius_a = 0;
  double radius_b = 0;
};

// Flesh that is joined: the union of its cylinders with smoothed creases.
struct Flesh {
  std::vector<Capsule> capsules;
  double smoothing = 4;  // creases narrower than this are filled
  double deepest = 60;   // half the depth along the ray is at most this
  double fat = 3;        // thickness of the darker layer under the skin
  double density = 1;    // negative: air inside flesh (lung)
};

// A place for a lesion, and what moves with the far piece when the bone breaks there.
struct Site {
  std::size_t bone = 0;
  double from = 0.3;  // range along the bone's axis, 0 to 1
  double to = 0.7;
  std::vector<std::size_t> follows{};
};

struct Anatomy {
  std::vector<Bone> bones;
  std::vector<Flesh> flesh;
  std::vector<Site> sites;  // of one part the same in number and order for each view
  Point centre;             // of the picture
  double field = 200;       // long side of the picture
};

// `view`: 1 frontal, 2 lateral, 3 oblique. The generator decides proportions, angles and outlines: the same
// state gives the same patient in every view, as far as the view shows it.
[[nodiscard]] Anatomy make_anatomy(Part part, int view, Rng& rng);

// Turned by `degrees` about the centre (counter-clockwise as seen), mirrored left to right if asked, and
// shifted so that the centre comes to the origin.
[[nodiscard]] Anatomy posed(const Anatomy& anatomy, double degrees, bool mirrored);

// Moved within the picture, which stays where it is.
[[nodiscard]] Anatomy shifted(Anatomy anatomy, Point by);

}  // namespace tagconf::phantom
