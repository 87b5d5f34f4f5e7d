// A study of fake stages in a folder of its own.
#pragma once

#include <algorithm>

#include "fake_stages.hpp"
#include "support.hpp"
#include "tagconf/pipeline/run.hpp"

namespace tagconf::test {

struct QuietProgress : stage::Progress {
  void update(std::size_t, std::size_t, const std::string&, const std::string&) override {}
};

struct QuietObserver : pipeline::RunObserver {
  std::vector<std::string> begun;
  std::unique_ptr<stage::Progress> begin(const pipeline::Decision& decision) override {
    begun.push_back(decision.instance);
    return std::make_unique<QuietProgress>();
  }
  void end(const pipeline::InstanceRecord&) override {}
};

class StudyFixture {
 public:
  explicit StudyFixture(const std::string& sections = R"("phantom": {"seed": 1})") { configure(sections); }

  // Short studies: without a finder of the cohort's own, unless the sections ask for it.
  void configure(const std::string& sections) {
    const bool adapts = sections.find("\"adapt\"") != std::string::npos;
    configure_exactly(sections + (adapts ? "" : ", \"adapt\": false"));
  }

  void configure_exactly(const std::string& sections) {
    write_text(config(), "{\"schema\": \"tagconf.run/1\", \"name\": \"demo\",\n \"runs\": \"" +
                             (scratch_ / "runs").string() + "\", \"cache\": \"" +
                             (scratch_ / "cache").string() + "\",\n " + sections + "}\n");
  }

  [[nodiscard]] std::filesystem::path config() const { return scratch_ / "demo.json"; }
  [[nodiscard]] const std::filesystem::path folder() const { return scratch_.path(); }
  [[nodiscard]] std::filesystem::path run_file(const std::string& name) const {
    return folder() / "runs/demo" / name;
  }

  [[nodiscard]] pipeline::Study study(const std::vector<std::string>& sets = {}) const {
    return pipeline::load_study(config(), registry_, sets);
  }

  pipeline::RunResult run(
      const std::vector<std::string>& sets = {}, const pipeline::RunOptions& options = {},
      const std::function<bool()>& stop = [] { return false; }) {
    const auto loaded = study(sets);
    const auto graph = pipeline::build_graph(loaded, registry_);
    observer_.begun.clear();
    pipeline::RunSurroundings surroundings;
    surroundings.config = config().string();
    surroundings.stop_requested = stop;
    return pipeline::run_study(loaded, graph, registry_, options, surroundings, observer_);
  }

  // Names of the instances that the last run made.
  [[nodiscard]] const std::vector<std::string>& begun() const { return observer_.begun; }

  // instance -> "state  reason".
  [[nodiscard]] std::map<std::string, std::string> plan(const std::vector<std::string>& sets = {}) const {
    std::map<std::string, std::string> out;
    for (const auto& d : decisions(sets)) out[d.instance] = std::string(name_of(d.state)) + "  " + d.reason;
    return out;
  }

  [[nodiscard]] std::vector<pipeline::Decision> decisions(const std::vector<std::string>& sets = {}) const {
    const auto loaded = study(sets);
    const auto graph = pipeline::build_graph(loaded, registry_);
    const pipeline::Cache cache(loaded.cache);
    pipeline::FileDigests files(loaded.cache, false);
    const auto previous = pipeline::read_record(pipeline::run_folder(loaded));
    pipeline::PlanRules rules;
    rules.previous = previous ? &*previous : nullptr;
    return pipeline::plan(graph, cache, files, rules, pipeline::select(graph, registry_, {}));
  }

  [[nodiscard]] const stage::Registry& registry() const { return registry_; }
  [[nodiscard]] stage::Stage& stage_named(const std::string& name) {
    return *std::find_if(registry_.stages.begin(), registry_.stages.end(),
                         [&](const stage::Stage& s) { return s.info.name == name; });
  }

 private:
  ScratchFolder scratch_;
  stage::Registry registry_ = fake_registry();
  QuietObserver observer_;
};

}  // namespace tagconf::test
