// Resizing. The network's input is made by the anti-aliased triangle filter on float values, without rounding
// between the passes (the same as torch's upsample_bilinear2d_aa with align_corners = false): resizing
// decides more about a logit than the arithmetic's precision does.
#pragma once

#include <span>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::imaging {

// For an axis n_in -> n_out: scale = n_in/n_out, support = max(scale, 1), centre c = (i + 0.5) scale, weight
// of input j in [max(int(c - support + 0.5), 0), min(int(c + support + 0.5), n_in)) is max(0, 1 - |j - c +
// 0.5| / support), divided by the weights' sum. Sums in double, result in float.
[[nodiscard]] Plane resize(const Plane& plane, int width, int height);

// The same in double: `values` is height_in x width_in, row major; the result height x width.
[[nodiscard]] std::vector<double> resize_exact(std::span<const float> values, int width_in, int height_in,
                                               int width, int height);

// The same for pictures: resized as float, rounded once.
[[nodiscard]] GreyImage resize(const GreyImage& image, int width, int height);

// Bilinear without anti-aliasing, align_corners = false: for enlarging class activation maps.
[[nodiscard]] Plane upsample(const Plane& plane, int width, int height);

}  // namespace tagconf::imaging
