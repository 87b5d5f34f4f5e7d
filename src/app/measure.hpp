// What `tagconf bench` measures: the part of it that needs LibTorch.
#pragma once

#include "tagconf/stage/registry.hpp"

namespace tagconf::app {

// {"cases": [{work, size, batch, dtype, images_per_s, steps, peak_mb} or {..., skipped}], "loader": [{size,
// images_per_s, times_training: {dtype: ratio to the largest batch's training}}]}. Error usage for an unknown
// word.
[[nodiscard]] Json measure(const stage::BenchRequest& request);

}  // namespace tagconf::app
