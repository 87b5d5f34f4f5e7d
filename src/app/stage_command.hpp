// `tagconf <stage> [inputs...] [--flags] --out PATH`: one stage, alone, on plain files.
#pragma once

#include "common.hpp"

namespace tagconf::app {

// The flags of a stage, for parsing, help and completion.
[[nodiscard]] CommandLine stage_command_line(const stage::Stage& stage);

int stage_command(const stage::Stage& stage, const std::vector<std::string>& arguments);

}  // namespace tagconf::app
