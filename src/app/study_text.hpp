// What the study commands print.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "estimate.hpp"
#include "tagconf/pipeline/run.hpp"
#include "tagconf/pipeline/sweep.hpp"

namespace tagconf::app {

[[nodiscard]] std::string plan_text(const std::vector<pipeline::Decision>& decisions,
                                    const std::map<std::string, Guess>& guesses);
[[nodiscard]] std::string plan_json(const std::vector<pipeline::Decision>& decisions,
                                    const std::map<std::string, Guess>& guesses);
[[nodiscard]] std::string why_text(const std::vector<pipeline::Decision>& decisions);
[[nodiscard]] std::string why_json(const std::vector<pipeline::Decision>& decisions);
[[nodiscard]] std::string run_text(const pipeline::RunResult& result, int cached);
[[nodiscard]] std::string run_json(const pipeline::RunResult& result);
[[nodiscard]] std::string status_text(const pipeline::RunRecord& record);
[[nodiscard]] std::string sweep_text(const pipeline::Sweep& sweep, bool dry_run);
[[nodiscard]] std::string sweep_json(const pipeline::Sweep& sweep);

}  // namespace tagconf::app
