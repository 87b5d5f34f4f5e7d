// What a finder looks at: the picture as 8 bit between its 0.5th and 99.5th percentile, whatever its depth or
// exposure. For looking only: no network that tells normal from abnormal ever sees it.
#pragma once

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

// 8 bit. Where the percentiles agree (a small mark on an even ground) the least and the greatest value take
// their place; an even picture comes out black.
[[nodiscard]] imaging::GreyImage stretched(const imaging::GreyImage& image);

}  // namespace tagconf::tags
