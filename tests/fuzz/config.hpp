// Configurations in either form: what is read can be hashed and read back, every place belongs to a value,
// and options are set from it or refused.
#pragma once

#include <string_view>

#include "tagconf/options/document.hpp"

namespace tagconf::fuzz {

void try_config(std::string_view text, options::Format format);

}  // namespace tagconf::fuzz
