// What mask and strip share: one arm's images as a PNG tree with a manifest and a record of the pixels
// treated.
#pragma once

#include <string>

#include "tagconf/base/sample.hpp"
#include "tagconf/stage/stage.hpp"
#include "tagconf/tags/cover.hpp"
#include "tagconf/tags/finder.hpp"

namespace tagconf::stages {

struct ArmTreeOptions {
  Arm arm = Arm::covered;  // covered or tags_only
  tags::CoverOptions cover;
  int threads = 0;
  std::string verb;  // "covered", "kept": for the summary's text
  // Text chunks of PNG files are written too. They may name patients: only where that is asked for.
  bool keep_text = false;
  // Looks at every rendered image; what it finds goes to the port residual. May be empty.
  tags::Finder check;
};

// Reads the ports images and tags; writes images (folder of <image_id>.png at stored size and depth),
// manifest (every column kept but path and sha256), record (image_id,boxes,pixels,area_fraction) and skipped.
// What a PNG says of its pixels' size and greys (pHYs, gAMA, sRGB, iCCP) goes with them. With `check` also
// residual (image_id,x,y,w,h,kind,score,covered: `covered` is the share of the box that was treated). The
// tree is made under a temporary name beside its place and renamed at the end; on any error nothing is left.
// Error input: an image without a row in the tag table, a box outside its image, an output folder that holds
// the source's images or that no earlier call made, too many unreadable images.
[[nodiscard]] stage::Summary write_arm_tree(const ArmTreeOptions& options, const stage::StageIo& io,
                                            const stage::Context& context);

}  // namespace tagconf::stages
