#include "tagconf/imaging/grey_image.hpp"

#include <algorithm>

namespace tagconf::imaging {

Plane to_plane(const GreyImage& image) {
  Plane plane(image.width, image.height);
  const auto full = static_cast<float>(image.full_scale());
  std::transform(image.pixels.begin(), image.pixels.end(), plane.values.begin(),
                 [full](std::uint16_t v) { return static_cast<float>(v) / full; });
  return plane;
}

}  // namespace tagconf::imaging
