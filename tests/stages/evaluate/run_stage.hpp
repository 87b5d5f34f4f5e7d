// Runs the evaluate stage on files written for the test.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::test {

class SilentProgress : public stage::Progress {
 public:
  void update(std::size_t, std::size_t, const std::string&, const std::string&) override {}
};

struct EvaluateRun {
  std::vector<std::pair<std::string, std::string>> predictions;  // model name, text of the CSV; in this order
  std::vector<std::pair<std::string, std::string>> valid;
  std::map<std::string, Json> options;

  struct Output {
    Json results;
    std::string results_text;
    std::string roc;
    std::string models;
    std::string comparisons;
    std::string tables;
    Json summary;
  };

  [[nodiscard]] Output run() const {
    const ScratchFolder folder;
    stage::StageIo io;
    for (const auto& [port, files] :
         {std::pair{"predictions", &predictions}, std::pair{"threshold_from", &valid}}) {
      for (const auto& [name, text] : *files) {
        const auto path = folder / (std::string(port) + "-" + name + ".csv");
        write_text(path, text);
        io.inputs[port].push_back({name, path});
      }
    }
    const stage::Stage stage = stages::evaluate();
    for (const auto& port : stage.info.outputs) io.outputs[port.name] = folder / port.file;
    const stage::Stage::Options set = stage.make_options();
    for (const auto& [key, value] : options) {
      bool known = false;
      for (const auto& field : set.fields) {
        if (field.key != key) continue;
        field.set(value);
        known = true;
      }
      if (!known) throw std::invalid_argument("no option " + key);
    }
    SilentProgress progress;
    stage::Context context;
    context.stop_requested = [] { return false; };
    context.progress = &progress;
    context.threads = 2;
    Output out;
    out.summary = stage.run(set, io, context);
    out.results_text = read_text(folder / "results.json");
    out.results = parse_json(out.results_text, "results.json");
    out.roc = read_text(folder / "roc.csv");
    out.models = read_text(folder / "models.csv");
    out.comparisons = read_text(folder / "comparisons.csv");
    out.tables = read_text(folder / "tables.tex");
    return out;
  }
};

}  // namespace tagconf::test
