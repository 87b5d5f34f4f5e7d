// The stages of a program, in the order of the data flow, and those that this build leaves out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/stage/stage.hpp"

namespace tagconf::stage {

// What `tagconf bench` is asked: every combination of the lists is measured.
struct BenchRequest {
  double seconds = 1;             // least time a case
  std::vector<std::string> work;  // train, predict
  std::vector<int> sizes;         // of the images
  std::vector<int> batches;
  std::vector<std::string> dtypes;
  std::string device = "cpu";
  int threads = 0;
  std::optional<std::uint64_t> memory;  // bytes that may still be taken
  std::filesystem::path scratch;        // a folder for its files
  std::function<bool()> stop_requested;
  std::function<void(std::size_t done, std::size_t total)> progress;
};

struct Registry {
  std::vector<Stage> stages;
  std::vector<std::string> absent;  // names that exist in other builds
  std::string absent_reason;        // "this build has no LibTorch"
  std::string absent_hint;
  std::vector<std::pair<std::string, std::string>> libraries;  // name, version: for `doctor`

  std::function<Json(const BenchRequest&)> bench{};  // empty in a build without LibTorch

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
