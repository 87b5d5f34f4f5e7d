// run, plan, why, status, gc: the commands that work on a study.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "commands.hpp"
#include "failure.hpp"
#include "signals.hpp"
#include "study_text.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/memory.hpp"
#include "tagconf/pipeline/run.hpp"
#include "tagconf/pipeline/sweep.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;
using pipeline::State;

namespace {

void add_study_flags(CommandLine& line) {
  line.words("config", "study config, JSON or YAML", false);
  line.flag({.name = "--set",
             .form = "KEY=VALUE",
             .help = "change one key of the config (train.epochs=3, mask.pad=6, gradcam=false); repeatable",
             .group = "study"});
  line.flag({.name = "--arms", .form = "A,B", .help = "the same as --set arms=A,B", .group = "study"});
  line.flag({.name = "--seeds", .form = "1,2", .help = "the same as --set seeds=1,2", .group = "study"});
  line.flag({.name = "--rehash", .help = "read files outside the cache again", .group = "study"});
  line.flag({.name = "--strict-device",
             .help = "keep results of different devices apart in the cache",
             .group = "study"});
}

void add_selection_flags(CommandLine& line) {
  const std::string which = "an instance (train.covered.s1) or all of a stage (train); repeatable";
  line.flag(
      {.name = "--only", .form = "INSTANCE", .help = "make nothing but " + which, .group = "selection"});
  line.flag({.name = "--until", .form = "INSTANCE", .help = "stop after " + which, .group = "selection"});
  line.flag({.name = "--force",
             .form = "INSTANCE",
             .help = "make it again although it is in the cache: " + which,
             .group = "selection"});
}

void add_bench_flag(CommandLine& line) {
  line.flag(
      {.name = "--bench",
       .form = "FILE",
       .help = "guess times by what tagconf bench --out FILE measured; left out: the cache's bench.json",
       .group = "selection"});
}

// A study with what is needed to plan or run it.
struct Loaded {
  fs::path config;
  pipeline::Study study;
  pipeline::Graph graph;
};

Loaded load(const CommandLine& line, const stage::Registry& registry) {
  if (line.words().empty()) {
    throw Error(ErrorCode::usage, "no config was given", "for example configs/demo.json");
  }
  std::vector<std::string> sets = line.texts("--set");
  if (line.has("--arms")) sets.push_back("arms=" + line.text("--arms"));
  if (line.has("--seeds")) sets.push_back("seeds=" + line.text("--seeds"));
  Loaded out;
  out.config = line.words().front();
  out.study = pipeline::load_study(out.config, registry, sets);
  out.graph = pipeline::build_graph(out.study, registry);
  return out;
}

pipeline::Selection selection_of(const CommandLine& line) {
  return {line.texts("--only"), line.texts("--until")};
}

std::vector<pipeline::Decision> decide(const Loaded& loaded, const CommandLine& line,
                                       const CommonOptions& common,
                                       const std::vector<std::string>& selected) {
  const pipeline::Cache cache(loaded.study.cache);
  pipeline::FileDigests files(loaded.study.cache, line.is_on("--rehash"));
  const auto previous = pipeline::read_record(pipeline::run_folder(loaded.study));
  pipeline::PlanRules rules;
  for (const auto& word : line.texts("--force")) {
    for (const auto& name : pipeline::matching(loaded.graph, word)) rules.forced.insert(name);
  }
  rules.context.threads = common.threads;
  rules.context.device = common.device;
  rules.device_in_key = line.is_on("--strict-device");
  rules.previous = previous ? &*previous : nullptr;
  pipeline::check_external_inputs(pipeline::needed(loaded.graph, selected));
  auto decisions = pipeline::plan(loaded.graph, cache, files, rules, selected);
  // Knowing digests again later is a convenience: a cache that cannot be written does not stop a plan.
  try {
    files.save();
  } catch (const Error& error) {
    log_debug(error.message());
  }
  return decisions;
}

// What bench measured, unless it did so with another device or number of threads.
std::optional<SpeedTable> speeds_for(const Loaded& loaded, const CommandLine& line,
                                     const CommonOptions& common) {
  const fs::path usual = fs::path(loaded.study.cache) / "bench.json";
  std::error_code error;
  if (!line.has("--bench") && !fs::exists(usual, error)) return std::nullopt;
  const fs::path file = line.text("--bench", usual.string());
  SpeedTable speeds = read_speeds(file);
  const int threads = resolve_thread_count(common);
  if (speeds.device == common.device && speeds.threads == threads) return speeds;
  log_warning(fmt::format("{} was measured on {} with {} threads, not on {} with {}: times are not guessed",
                          file.string(), speeds.device, speeds.threads, common.device, threads));
  return std::nullopt;
}

int show_plan(const Loaded& loaded, const CommandLine& line, const CommonOptions& common,
              const stage::Registry& registry) {
  const auto selected = pipeline::select(loaded.graph, registry, selection_of(line));
  const auto decisions = decide(loaded, line, common, selected);
  const auto speeds = speeds_for(loaded, line, common);
  const auto guesses = estimate(loaded.graph, decisions, speeds ? &*speeds : nullptr);
  print(common.json ? plan_json(decisions, guesses) : plan_text(decisions, guesses));
  return 0;
}

// Says what begins and what is done: in lines, or as JSON lines with --progress json.
class TerminalObserver : public pipeline::RunObserver {
 public:
  explicit TerminalObserver(const CommonOptions& common) : common_(common) {}

  std::unique_ptr<stage::Progress> begin(const pipeline::Decision& decision) override {
    const bool goes_on = decision.state == State::partial;
    say(fmt::format("{}  {}  ({})", decision.instance, goes_on ? "goes on" : "begins", decision.reason),
        {{"event", "begin"}, {"instance", decision.instance}, {"reason", decision.reason}});
    return make_progress(common_, decision.instance);
  }

  void end(const pipeline::InstanceRecord& record) override {
    const Json event{{"event", "end"},
                     {"instance", record.name},
                     {"state", name_of(record.state)},
                     {"seconds", record.seconds ? finite_or_null(*record.seconds) : Json(nullptr)},
                     {"error", record.error}};
    if (record.state == State::cached) {
      ++cached_;
    } else if (record.state == State::done) {
      say(record.name + "  done in " + duration_text(record.seconds.value_or(0)), event);
    } else if (record.state == State::waiting) {
      say(record.name + "  not made: " + record.reason, event);
    } else if (record.state == State::busy) {
      say(record.name + "  is being made by another process", event);
    } else if (record.state == State::failed) {
      say(record.name + " failed: " + record.error, event, true);
    }
  }

  [[nodiscard]] int cached() const { return cached_; }

 private:
  void say(const std::string& line, const Json& event, bool warn = false) const {
    if (common_.progress == ProgressMode::json) {
      print_error(canonical_json(event) + "\n");
    } else if (warn) {
      log_warning(line);
    } else {
      log_info(line);
    }
  }

  CommonOptions common_;
  int cached_ = 0;
};

Json environment_of(const CommonOptions& common, const stage::Registry& registry) {
  Json out{{"tagconf", version_text()},
           {"threads", resolve_thread_count(common)},
           {"device", common.device},
           {"compiler", compiler_text()}};
  for (const auto& [name, version] : registry.libraries) out[name] = version;
  return out;
}

int run_it(const Loaded& loaded, const CommandLine& line, const CommonOptions& common,
           const stage::Registry& registry) {
  pipeline::RunOptions options;
  options.selection = selection_of(line);
  options.force = line.texts("--force");
  options.keep_going = line.is_on("--keep-going");
  options.rehash = line.is_on("--rehash");
  options.device_in_key = line.is_on("--strict-device");
  options.lock.steal = line.is_on("--steal");
  pipeline::RunSurroundings surroundings;
  surroundings.config = loaded.config.string();
  surroundings.stop_requested = stop_requested;
  surroundings.threads = common.threads;
  surroundings.device = common.device;
  surroundings.memory = [] { return available_memory(); };
  surroundings.environment = environment_of(common, registry);
  TerminalObserver observer(common);
  const auto result =
      pipeline::run_study(loaded.study, loaded.graph, registry, options, surroundings, observer);
  print(common.json ? run_json(result) : run_text(result, observer.cached()));
  return result.exit;
}

// The record of the run that a word means: a run folder, a config, or a name in runs/.
fs::path run_folder_of(const std::string& word, const stage::Registry& registry) {
  std::error_code error;
  for (const fs::path& folder : {fs::path(word), fs::path("runs") / word}) {
    if (fs::exists(folder / "record.json", error)) return folder;
  }
  if (fs::is_regular_file(word, error)) return pipeline::run_folder(pipeline::load_study(word, registry));
  throw_input("no run '" + word + "'", "give a run's folder, its name in runs/, or its config");
}

}  // namespace

CommandLine run_line() {
  CommandLine line("run", "run a study: everything that is not in the cache, with a record and a report");
  line.example("tagconf run configs/demo.json");
  line.example("tagconf run configs/three_arm.json --set train.epochs=3 --until evaluate");
  add_study_flags(line);
  add_selection_flags(line);
  line.flag({.name = "--keep-going",
             .help = "after a failure go on with what does not depend on it (exit 6)",
             .group = "selection"});
  line.flag({.name = "--dry-run", .help = "only show the plan", .group = "selection"});
  add_bench_flag(line);
  line.flag({.name = "--steal",
             .help = "take over work that another machine began and left",
             .group = "selection"});
  add_common_flags(line);
  return line;
}

int run_command(const Call& call) {
  auto line = run_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  const auto loaded = load(line, call.registry);
  if (line.is_on("--dry-run")) return show_plan(loaded, line, common, call.registry);
  return run_it(loaded, line, common, call.registry);
}

CommandLine plan_line() {
  CommandLine line("plan", "what a run would do, and why");
  line.example("tagconf plan configs/demo.json");
  line.example("tagconf plan configs/demo.json --set mask.pad=6 --json");
  add_study_flags(line);
  add_selection_flags(line);
  add_bench_flag(line);
  add_common_flags(line);
  return line;
}

int plan_command(const Call& call) {
  auto line = plan_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  return show_plan(load(line, call.registry), line, common, call.registry);
}

CommandLine why_line() {
  CommandLine line("why", "every part of an instance's cache key, old and new");
  line.example("tagconf why configs/demo.json train.covered.s1");
  line.example("tagconf why configs/demo.json pack.covered --set mask.pad=6");
  add_study_flags(line);
  line.words("config instance", "study config, and an instance of it (tagconf plan lists them)", true);
  add_common_flags(line);
  return line;
}

int why_command(const Call& call) {
  auto line = why_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  if (line.words().size() != 2) {
    throw Error(ErrorCode::usage, "give a config and an instance",
                "for example tagconf why configs/demo.json train.covered.s1");
  }
  const auto common = read_common_flags(line);
  const auto loaded = load(line, call.registry);
  const auto names = pipeline::matching(loaded.graph, line.words()[1]);
  for (const auto& name : names) {
    if (loaded.graph.require(name).stage == nullptr) {
      call.registry.fail_absent(loaded.graph.require(name).stage_name);
    }
  }
  const auto decisions = decide(loaded, line, common, names);
  print(common.json ? why_json(decisions) : why_text(decisions));
  return 0;
}

CommandLine status_line() {
  CommandLine line("status", "how a run stands");
  line.example("tagconf status demo");
  line.example("tagconf status runs/demo --json");
  line.words("run", "a run's folder, its name in runs/, or its config", false);
  add_common_flags(line);
  return line;
}

int status_command(const Call& call) {
  auto line = status_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  if (line.words().empty())
    throw Error(ErrorCode::usage, "no run was given", "for example tagconf status demo");
  const fs::path folder = run_folder_of(line.words().front(), call.registry);
  const auto record = pipeline::read_record(folder);
  if (!record) throw_input(folder.string() + ": no record of a run", "run the study first");
  print(common.json ? canonical_json(pipeline::to_json(*record)) + "\n" : status_text(*record));
  return 0;
}

CommandLine gc_line() {
  CommandLine line("gc", "remove what no run refers to from the cache");
  line.example("tagconf gc --dry-run");
  line.example("tagconf gc --cache /scratch/cache --runs runs");
  line.flag({.name = "--cache", .form = "FOLDER", .help = "the cache", .initial = "cache", .group = "gc"});
  line.flag({.name = "--runs",
             .form = "FOLDER",
             .help = "folder of run folders whose entries are kept; repeatable",
             .initial = "runs",
             .group = "gc"});
  line.flag({.name = "--dry-run", .help = "only say what would be removed", .group = "gc"});
  add_common_flags(line);
  return line;
}

int gc_command(const Call& call) {
  auto line = gc_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  std::vector<fs::path> runs;
  for (const auto& text : line.texts("--runs")) runs.emplace_back(text);
  if (runs.empty()) runs.emplace_back("runs");
  const auto swept = pipeline::sweep_cache(line.text("--cache", "cache"), runs, line.is_on("--dry-run"));
  print(common.json ? sweep_json(swept) : sweep_text(swept, line.is_on("--dry-run")));
  return 0;
}

}  // namespace tagconf::app
