// A study's configuration: which arms and seeds, and every stage's options, read strictly from JSON or YAML.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/base/sample.hpp"
#include "tagconf/options/document.hpp"
#include "tagconf/stage/registry.hpp"

namespace tagconf::pipeline {

// Which arms' test images a model sees: its own arm's, or every arm's (the off-diagonal cells too).
enum class TestArms { own, all };

}  // namespace tagconf::pipeline

template <>
struct tagconf::EnumNames<tagconf::pipeline::TestArms> {
  static constexpr std::array kNames{std::pair{tagconf::pipeline::TestArms::own, "own"},
                                     std::pair{tagconf::pipeline::TestArms::all, "all"}};
};

namespace tagconf::pipeline {

// A file or folder that the config names.
struct ExternalInput {
  std::string name;            // NAME of a port that takes many
  std::filesystem::path path;  // resolved against the config's folder
  std::string where;           // "demo.json:12:5: /ingest/inputs/source: ", the start of a message about it
};

// One stage's part of the config.
struct Section {
  bool wanted = false;            // does the study run the stage?
  Json options = Json::object();  // every option's value but those set per instance
  std::map<std::string, std::vector<ExternalInput>> inputs;  // by port
};

struct Study {
  std::string name;
  std::string description;
  std::filesystem::path runs;   // folder of run folders
  std::filesystem::path cache;  // folder of the cache
  std::vector<Arm> arms;
  TestArms test_arms = TestArms::own;
  std::vector<std::uint64_t> seeds;
  std::map<std::string, Section> sections;  // by stage name
  Json resolved;                            // the whole config with every default filled in

  [[nodiscard]] const Section& section(const std::string& stage) const;
};

// The stages that a run is made of, in the order of the data flow.
[[nodiscard]] const std::vector<std::string>& study_stages();
// Those whose section may be `false`. gradcam and verify run only when their section is there; adapt and
// report always, adapt unless detect says `"finder": "classical"` or has weights of its own.
[[nodiscard]] const std::vector<std::string>& optional_stages();
// Options that say what counts as a tag and how it is covered (kinds, pad, fill). A run sets them once, in
// the section `mask`; the sections of the stages that follow it (pack, gradcam, report) refuse them.
[[nodiscard]] const std::vector<std::string>& cover_keys();
[[nodiscard]] bool follows_mask(const std::string& stage);

// `overrides` are the texts of --set, "train.epochs=3" ("gradcam=false" leaves a stage out). Their paths are
// relative to the working folder, those in the file to the file's folder. Error config with file, line,
// pointer and suggestion.
[[nodiscard]] Study load_study(const std::filesystem::path& path, const stage::Registry& registry,
                               const std::vector<std::string>& overrides = {});

// JSON Schema (2020-12) of a config, and the Markdown reference of every key.
[[nodiscard]] Json study_schema(const stage::Registry& registry);
[[nodiscard]] std::string study_reference(const stage::Registry& registry);

}  // namespace tagconf::pipeline
