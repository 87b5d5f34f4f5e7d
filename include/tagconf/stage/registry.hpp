// The stages of a program, in the order of the data flow, and those that this build leaves out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/stage/stage.hpp"

namespace tagconf::stage {

struct Registry {
  std::vector<Stage> stages;
  std::vector<std::string> absent;  // names that exist in other builds
  std::string absent_reason;        // "this build has no LibTorch"
  std::string absent_hint;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version: for `doctor`

  // Null when there is none of that name.
  [[nodiscard]] const Stage* find(std::string_view name) const;
  [[nodiscard]] bool is_absent(std::string_view name) const;
  // Error environment for an absent stage, usage (with a suggestion) for an unknown one.
  [[nodiscard]] const Stage& require(std::string_view name) const;
  // Error environment that names the stage and the reason.
  [[noreturn]] void fail_absent(std::string_view name) const;
};

[[nodiscard]] const InputPort* find_input(const StageInfo& info, std::string_view port);
[[nodiscard]] const OutputPort* find_output(const StageInfo& info, std::string_view port);

}  // namespace tagconf::stage
