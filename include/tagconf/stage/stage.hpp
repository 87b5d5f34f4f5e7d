// What a stage is: a name, a version, ports that say which files go in and come out, options declared once,
// and a function. Stages never call each other; they meet in files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/error.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/options/field.hpp"

namespace tagconf::stage {

// An input. On the command line the first input is positional, the others are flags of their name; a `many`
// input takes [NAME=]PATH words; where the first is not `many`, an input with `word` may follow it as a word,
// too. In a run the pipeline connects it. Of a `secret` file a run's records hold a digest from which its
// content cannot be guessed (slow_digest_hex).
struct InputPort {
  std::string name;
  std::string help;
  bool required = true;
  bool many = false;
  std::string missing{};  // what to do when a run's config names a file that is not there
  bool word = false;
  bool secret = false;
};

// An output: a file or folder of this name inside the stage's output folder.
struct OutputPort {
  std::string name;
  std::string file;
  std::string help;
};

struct StageInfo {
  std::string name;
  int version = 1;      // bumped by hand when results change
  std::string summary;  // one line
  std::vector<InputPort> inputs;
  std::vector<OutputPort> outputs;
  std::vector<std::string> examples;  // two command lines
  bool answers = false;               // its summary is an answer by itself: alone, `--out` may be left out
  std::string
      json_output{};  // a JSON output that alone `--json` prints in place of the summary; empty = none
};

struct NamedPath {
  std::string name;  // NAME of NAME=PATH, or empty
  std::filesystem::path path;
};

// Where this call's files are. Alone, `--out` names the output folder (for a stage with one output: that file
// or folder itself).
class StageIo {
 public:
  std::map<std::string, std::vector<NamedPath>> inputs;
  std::map<std::string, std::filesystem::path> outputs;
  bool cached = false;            // the outputs go into a run's cache: nothing may be written beside them
  std::filesystem::path partial;  // folder for checkpoints that survive a stop; empty = none kept
  // Where a stage that refuses its input lists all of what it cannot use: outside the outputs, which go then.
  // Empty = nowhere.
  std::filesystem::path refused;

  [[nodiscard]] bool has(const std::string& port) const;
  // The path of a single input; error usage when it was not given.
  [[nodiscard]] const std::filesystem::path& input(const std::string& port) const;
  [[nodiscard]] const std::vector<NamedPath>& many(const std::string& port) const;
  [[nodiscard]] const std::filesystem::path& output(const std::string& port) const;
};

// How a stage tells its progress. Implemented by the terminal; a stage calls it as often as it likes.
class Progress {
 public:
  virtual ~Progress() = default;
  // `done` of `total` units ("images", "steps"); `note` is a short text such as "loss 0.412".
  virtual void update(std::size_t done, std::size_t total, const std::string& unit,
                      const std::string& note) = 0;
};

// What comes from outside besides files and options.
struct Context {
  std::function<bool()> stop_requested;  // true: checkpoint, then throw Error incomplete
  Progress* progress = nullptr;          // never null when a stage runs
  int threads = 0;                       // 0 = all
  std::string device = "cpu";            // cpu or cuda[:N]
  // Bytes of memory that may still be taken when the stage begins; empty = unknown.
  std::optional<std::uint64_t> memory{};
};

// Whether the checkpoints of a stage that ended with this error stay: unless what it was given was wrong. A
// failed one's message names its last good checkpoint.
[[nodiscard]] bool keeps_checkpoint(ErrorCode code);

// Numbers that the run record and `--json` show. An object.
using Summary = Json;

// A stage with its options type erased.
struct Stage {
  StageInfo info;
  // Fields of a fresh options object with defaults; the object lives as long as the returned handle.
  struct Options {
    std::shared_ptr<void> object;
    std::vector<options::BoundField> fields;
  };
  std::function<Options()> make_options;
  std::function<Summary(const Options&, const StageIo&, const Context&)> run;
  // May be empty. Files that a call reads besides its inputs (the images of a table), and what it makes of
  // the machine (the number format that `auto` comes to): both are part of a run's cache key.
  std::function<std::vector<std::filesystem::path>(const Options&, const StageIo&)> also_reads;
  std::function<Json(const Options&, const Context&)> machine_facts;
  // May be empty. Files that the options ask a call to write outside its outputs (ingest's source_map): where
  // one is not there, a run makes the entry again although the cache has it.
  std::function<std::vector<std::filesystem::path>(const Options&)> also_writes;
};

template <class O>
[[nodiscard]] Stage make_stage(StageInfo info, Summary (*run)(const O&, const StageIo&, const Context&)) {
  Stage stage;
  stage.info = std::move(info);
  stage.make_options = [] {
    auto object = std::make_shared<O>();
    return Stage::Options{object, options::bind(*object)};
  };
  stage.run = [run](const Stage::Options& options, const StageIo& io, const Context& context) {
    return run(*static_cast<const O*>(options.object.get()), io, context);
  };
  return stage;
}

}  // namespace tagconf::stage
