// Which instances are to be made, and why: decided in one place, for `plan`, `why` and `run` alike, and the
// reason recorded where the decision is made.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tagconf/pipeline/cache.hpp"
#include "tagconf/pipeline/explain.hpp"
#include "tagconf/pipeline/file_digests.hpp"
#include "tagconf/pipeline/graph.hpp"
#include "tagconf/pipeline/record.hpp"

namespace tagconf::pipeline {

struct Decision {
  std::string instance;
  State state = State::pending;  // cached, run, partial or pending
  std::string reason;            // empty when cached
  bool forced = false;           // made again although it may be in the cache
  std::string key;               // empty when pending
  Json parts;                    // digests of inputs that are not produced yet are null
  std::vector<PartChange> changes;
  std::optional<double> seconds;                         // how long the last making took
  std::map<std::string, std::filesystem::path> outputs;  // port -> file or folder; of cached ones
};

// What a decision depends on besides graph and cache.
struct PlanRules {
  std::set<std::string> forced;         // instances to be made again
  stage::Context context;               // for machine facts
  bool device_in_key = false;           // results of different devices are kept apart
  const RunRecord* previous = nullptr;  // what to compare with
};

class Planner {
 public:
  Planner(const Graph& graph, Cache cache, FileDigests& files, PlanRules rules);

  // Call in the graph's order. Remembers the artefact of a cached instance for those behind it.
  [[nodiscard]] Decision decide(const Instance& instance);
  // An instance was made: those behind it can be decided.
  void made(const std::string& instance, Artefact artefact);
  [[nodiscard]] const Artefact* artefact(const std::string& instance) const;
  // Where the instance's inputs are; all must be known.
  [[nodiscard]] stage::StageIo inputs_of(const Instance& instance) const;

 private:
  [[nodiscard]] Json parts_of(const Instance& instance);
  [[nodiscard]] Json digest_of(const Source& source, bool secret);
  [[nodiscard]] std::string reason_for(const Instance& instance, const Decision& decision,
                                       const Inspection& inspection);
  void explain_changes(const Instance& instance, Decision& decision);

  const Graph& graph_;
  Cache cache_;
  FileDigests& files_;
  PlanRules rules_;
  std::map<std::string, Artefact> artefacts_;
  std::map<std::string, std::string>
      causes_;  // instance -> what, at the root, made it differ from the last run
};

// The options object of an instance with all its values set.
[[nodiscard]] stage::Stage::Options configured(const Instance& instance);

// Decisions for the instances named, in the graph's order; those they need are looked at too.
[[nodiscard]] std::vector<Decision> plan(const Graph& graph, const Cache& cache, FileDigests& files,
                                         const PlanRules& rules, const std::vector<std::string>& selected);

// Names of the selected instances and of all that they need, in the graph's order.
[[nodiscard]] std::vector<const Instance*> needed(const Graph& graph,
                                                  const std::vector<std::string>& selected);
// Error input naming the config's line for an external file that is not there.
void check_external_inputs(const std::vector<const Instance*>& instances);

}  // namespace tagconf::pipeline
