// Runs a study: every instance that is not in the cache, in order, with checkpoints, locks and a record.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/pipeline/plan.hpp"

namespace tagconf::pipeline {

struct RunOptions {
  Selection selection{};
  std::vector<std::string> force{};  // instances or stages to be made again
  bool keep_going = false;           // go on with what does not depend on a failure
  bool rehash = false;               // read external files again
  bool device_in_key = false;
  LockRules lock{};
};

// What the run tells while it works.
class RunObserver {
 public:
  virtual ~RunObserver() = default;
  // An instance is about to be made; returns its progress.
  [[nodiscard]] virtual std::unique_ptr<stage::Progress> begin(const Decision& decision) = 0;
  // An instance is done with: cached, done, failed, stopped, busy or waiting.
  virtual void end(const InstanceRecord& record) = 0;
};

// What comes from outside.
struct RunSurroundings {
  std::string config;                    // the config's path as given
  std::function<bool()> stop_requested;  // asks every stage to stop at its next step
  int threads = 0;
  std::string device = "cpu";
  std::function<std::optional<std::uint64_t>()> memory{};  // bytes that may still be taken; empty = unknown
  Json environment = Json::object();                       // versions and the like, for the record
};

struct RunResult {
  RunRecord record;
  std::filesystem::path folder;  // runs/<name>
  int exit = 0;                  // 0, or the code that a stage's summary asks for (verify: 5)
};

// Checks that all external inputs exist before anything is made. Error with the code of the stage that
// failed, its message begun with the instance; failed when some failed under keep_going; busy when another
// process makes what is missing; incomplete when it was stopped. The run folder then holds the record of what
// was done.
[[nodiscard]] RunResult run_study(const Study& study, const Graph& graph, const stage::Registry& registry,
                                  const RunOptions& options, const RunSurroundings& surroundings,
                                  RunObserver& observer);

[[nodiscard]] std::filesystem::path run_folder(const Study& study);

}  // namespace tagconf::pipeline
