// The stages of this program, listed one by one.
#pragma once

#include "tagconf/stage/registry.hpp"

namespace tagconf::app {

[[nodiscard]] stage::Registry all_stages();

}  // namespace tagconf::app
