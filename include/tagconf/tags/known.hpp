// What is known of a pixel: that it belongs to no tag, that it belongs to one, or nothing.
#pragma once

#include <cstdint>

namespace tagconf::tags {

enum class Known : std::uint8_t { no_tag = 0, unknown = 1, tag = 2 };

}  // namespace tagconf::tags
