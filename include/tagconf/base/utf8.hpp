// Which bytes are well-formed UTF-8 (Unicode 15, table 3-7).
#pragma once

#include <cstddef>
#include <string_view>

namespace tagconf {

// Length of the well-formed sequence at `i`, 0 if there is none.
[[nodiscard]] std::size_t utf8_length(std::string_view text, std::size_t i);
// Place of the first byte that belongs to none; npos when all is well-formed.
[[nodiscard]] std::size_t find_not_utf8(std::string_view text);

}  // namespace tagconf
