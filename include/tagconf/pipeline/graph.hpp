// A study as instances of stages (stage + arm + seed) and what flows between them.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/pipeline/study.hpp"

namespace tagconf::pipeline {

// Where one file of an input comes from: an output of another instance, or a file that the config names.
struct Source {
  std::string name;            // NAME of a port that takes many
  std::string instance;        // empty: an external file
  std::string port;            // of that instance; empty: its whole output folder
  std::filesystem::path path;  // of an external file
  std::string where;           // of an external file: where the config names it
};

struct Binding {
  std::string port;
  std::vector<Source> sources;
};

struct Instance {
  std::string name;                            // "train.covered.s1"
  std::string stage_name;                      // "train"
  const stage::Stage* stage = nullptr;         // null when this build leaves the stage out
  Json options = Json::object();               // every option's value
  std::map<std::string, std::string> origins;  // option -> config key that sets it ("mask.pad")
  std::vector<Binding> inputs;

  // The config key behind an option: "mask.pad" for pad of pack.covered, else "stage.key".
  [[nodiscard]] std::string origin(const std::string& option) const;
};

// In an order in which every instance comes after its sources.
struct Graph {
  std::vector<Instance> instances;

  [[nodiscard]] const Instance* find(std::string_view name) const;
  // Error usage with a suggestion.
  [[nodiscard]] const Instance& require(std::string_view name) const;
};

// Instances phantom, ingest, adapt, detect, pack.ARM, train.ARM.sSEED, predict.ARM.sSEED (its own arm's test
// images), predict.ARM.sSEED@TESTARM, evaluate, gradcam.ARM.sSEED, verify, report. Ports are connected by
// name; what a stage does not declare stays unconnected. The registry must outlive the graph.
[[nodiscard]] Graph build_graph(const Study& study, const stage::Registry& registry);

// What to run: --only names instances or stages ("train", "train.covered", "train.covered.s1") and nothing
// else runs; --until also takes what they need. Empty: everything.
struct Selection {
  std::vector<std::string> only;
  std::vector<std::string> until;
};

// Names of the selected instances. Error usage for a word that fits none (with a suggestion), environment
// when a selected instance's stage is not part of this build.
[[nodiscard]] std::vector<std::string> select(const Graph& graph, const stage::Registry& registry,
                                              const Selection& selection);
// Instances that a word of --only, --until, --force or `why` names.
[[nodiscard]] std::vector<std::string> matching(const Graph& graph, const std::string& word);

}  // namespace tagconf::pipeline
