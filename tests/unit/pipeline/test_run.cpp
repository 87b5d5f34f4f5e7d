// Runs: records, stops and resumes, failures, two processes on one cache.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "catch.hpp"
#include "study_fixture.hpp"
#include "tagconf/base/jsonl.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/pipeline/sweep.hpp"

using namespace tagconf;
using namespace tagconf::pipeline;
using tagconf::test::run_counts;
using tagconf::test::StudyFixture;
using Names = std::vector<std::string>;

namespace {

struct Failure {
  ErrorCode code{};
  std::string message;
  std::string hint;
};

Failure failure_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return {error.code(), error.message(), error.hint()};
  }
  return {};
}

Json record_of(const StudyFixture& fixture) {
  return parse_json(read_text(fixture.run_file("record.json")), "record.json");
}

std::string state_of(const StudyFixture& fixture, const std::string& instance) {
  const Json record = record_of(fixture);
  for (const auto& item : record.at("instances")) {
    if (item.at("name") == instance) return item.at("state").get<std::string>();
  }
  return "missing";
}

// Runs in a child process; returns its pid.
pid_t run_in_child(
    StudyFixture& fixture, const Names& sets, const std::function<bool()>& stop = [] { return false; }) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = 0;
  try {
    fixture.run(sets, {}, stop);
  } catch (const Error& error) {
    code = static_cast<int>(error.code());
  }
  ::_exit(code);
}

int exit_code_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

bool wait_for(const std::function<bool()>& condition) {
  for (int i = 0; i < 4000; ++i) {
    if (condition()) return true;
    ::usleep(5000);
  }
  return false;
}

// Is a lock held below cache/<stage>?
bool locked(const StudyFixture& fixture, const std::string& stage) {
  std::error_code error;
  const auto folder = fixture.folder() / "cache" / stage;
  if (!std::filesystem::exists(folder, error)) return false;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (lock_holder(entry.path())) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a run leaves config, record, results, report, events and links") {
  StudyFixture fixture;
  const auto result = fixture.run();
  CHECK(result.exit == 0);
  const Json record = record_of(fixture);
  CHECK(record.at("schema") == "tagconf.record/1");
  CHECK(record.at("state") == "done");
  CHECK(record.at("instances").size() == 14);
  for (const auto& item : record.at("instances")) {
    CHECK(item.at("state") == "done");
    CHECK(item.at("key").get<std::string>().size() == 64);
    CHECK(item.at("seconds").is_number());
  }
  CHECK(parse_json(read_text(fixture.run_file("config.json")), "c").at("train").at("epochs") == 3);
  CHECK(read_text(fixture.run_file("results.json")) ==
        read_text(fixture.run_file("stages/evaluate/results.json")));
  CHECK(read_text(fixture.run_file("report.html")) ==
        read_text(fixture.run_file("stages/report/report.html")));
  const auto events = read_jsonl(fixture.run_file("events.jsonl"));
  CHECK(events.front().at("event") == "run_started");
  CHECK(events.back().at("event") == "run_ended");
  // The link is relative: run folder and cache can be moved together.
  CHECK(std::filesystem::read_symlink(fixture.run_file("stages/evaluate")).is_relative());
  // An entry holds what design and readers expect, and nothing half-made.
  const auto entry = std::filesystem::canonical(fixture.run_file("stages/train.covered.s1")).parent_path();
  std::set<std::string> files;
  for (const auto& item : std::filesystem::directory_iterator(entry))
    files.insert(item.path().filename().string());
  CHECK(files == std::set<std::string>{"OK", "out", "key.json", "summary.json", "digests.json"});
  CHECK(key_of(parse_json(read_text(entry / "key.json"), "k")) == entry.filename().string());
}

TEST_CASE("runs of equal studies give equal bytes, wherever they lie") {
  StudyFixture one;
  StudyFixture two;
  one.run();
  two.run();
  CHECK(read_text(one.run_file("results.json")) == read_text(two.run_file("results.json")));
  CHECK(read_text(one.run_file("report.html")) == read_text(two.run_file("report.html")));
}

TEST_CASE("the config in the run folder runs the same study") {
  StudyFixture fixture(
      R"("ingest": {"inputs": {"source": "c.csv"}}, "train": {"inputs": {"weights": "w"}, "lr": 0.01})");
  write_text(fixture.folder() / "c.csv", "image\n");
  write_text(fixture.folder() / "w", "weights");
  fixture.run();
  const auto study = load_study(fixture.run_file("config.json"), fixture.registry());
  CHECK(std::filesystem::equivalent(study.section("train").inputs.at("weights").at(0).path,
                                    fixture.folder() / "w"));
  const auto graph = build_graph(study, fixture.registry());
  FileDigests files(study.cache, false);
  for (const auto& decision :
       plan(graph, Cache(study.cache), files, {}, select(graph, fixture.registry(), {}))) {
    INFO(decision.instance);
    CHECK(decision.state == State::cached);
  }
}

TEST_CASE("links of instances that are gone are removed") {
  StudyFixture fixture;
  fixture.run();
  fixture.run({"arms=original,covered"});
  CHECK_FALSE(std::filesystem::is_symlink(fixture.run_file("stages/train.tags_only.s1")));
  CHECK(std::filesystem::exists(fixture.run_file("stages/train.covered.s1")));
}

TEST_CASE("a missing external file is told before anything is made") {
  StudyFixture fixture(R"("ingest": {"inputs": {"source": "none"}})");
  const auto failure = failure_of([&] { fixture.run(); });
  CHECK(failure.code == ErrorCode::input);
  CHECK(failure.message ==
        fixture.config().string() +
            ":3:34: /ingest/inputs/source: no such file or folder: " + (fixture.folder() / "none").string());
  CHECK(failure.hint == "get the cohort as data/README.md says");
  CHECK_FALSE(std::filesystem::exists(fixture.folder() / "runs"));
}

TEST_CASE("--only, --until and --force") {
  StudyFixture fixture;
  RunOptions until;
  until.selection.until = {"train.covered"};
  fixture.run({}, until);
  CHECK(fixture.begun() == Names{"phantom", "ingest", "detect", "pack.covered", "train.covered.s1"});
  CHECK(state_of(fixture, "evaluate") == "pending");

  RunOptions only;
  only.selection.only = {"pack"};
  fixture.run({}, only);
  CHECK(fixture.begun() == Names{"pack.original", "pack.tags_only"});

  RunOptions impossible;
  impossible.selection.only = {"evaluate"};
  const auto failure = failure_of([&] { fixture.run({}, impossible); });
  CHECK(failure.code == ErrorCode::usage);
  CHECK(failure.message == "evaluate needs predict.original.s1, which is not in the cache");

  fixture.run();
  RunOptions force;
  force.force = {"train.covered"};
  fixture.run({}, force);
  // The forced training gives the same weights: nothing behind it is made again.
  CHECK(fixture.begun() == Names{"train.covered.s1"});
}

TEST_CASE("the verdict of verify becomes the exit code, cached or not") {
  StudyFixture fixture(R"("phantom": {}, "verify": {"inputs": {"targets": "t.json"}})");
  write_text(fixture.folder() / "t.json", "mismatch");
  CHECK(fixture.run().exit == 5);
  CHECK(fixture.run().exit == 5);
  write_text(fixture.folder() / "t.json", "match");
  CHECK(fixture.run().exit == 0);
}

TEST_CASE("a stop keeps the checkpoint, and the next run ends with the same bytes") {
  StudyFixture undisturbed;
  undisturbed.run();

  StudyFixture fixture;
  bool stop = false;
  int polls = 0;
  // The training polls once an epoch: the stop comes in the middle of one.
  const auto failure = failure_of([&] {
    fixture.run({}, {}, [&] {
      stop = run_counts()["train"] > 0 && ++polls > 8;
      return stop;
    });
  });
  CHECK(failure.code == ErrorCode::incomplete);
  CHECK(failure.hint == "run again to go on");
  REQUIRE(stop);
  CHECK(record_of(fixture).at("state") == "stopped");
  fixture.run();
  CHECK(read_text(fixture.run_file("results.json")) == read_text(undisturbed.run_file("results.json")));
}

TEST_CASE("a stopped training goes on from its checkpoint and says so") {
  StudyFixture fixture;
  run_counts().clear();
  int epochs = 0;
  CHECK(failure_of([&] {
          fixture.run({"train.misbehave=wait"}, {},
                      [&] { return run_counts()["train"] == 1 && ++epochs > 5; });
        }).code == ErrorCode::incomplete);
  CHECK(fixture.plan().at("train.original.s1") == "partial  goes on from its checkpoint");
  CHECK(state_of(fixture, "train.original.s1") == "stopped");
  const auto result = fixture.run();
  CHECK(result.record.find("train.original.s1")->summary.at("started_at") == 1);
  CHECK(result.record.find("train.covered.s1")->summary.at("started_at") == 0);
}

TEST_CASE("a killed run is taken over and ends with the same bytes") {
  set_log_level(LogLevel::error);
  StudyFixture undisturbed;
  undisturbed.run();
  StudyFixture fixture;
  const pid_t child = run_in_child(fixture, {"train.misbehave=wait"});
  REQUIRE(wait_for([&] { return locked(fixture, "train"); }));
  REQUIRE(wait_for([&] {
    for (const auto& entry : std::filesystem::directory_iterator(fixture.folder() / "cache/train")) {
      std::error_code error;
      if (std::filesystem::exists(entry.path() / "partial/epoch", error)) return true;
    }
    return false;
  }));
  ::kill(child, SIGKILL);
  CHECK(exit_code_of(child) == -SIGKILL);
  fixture.run();
  CHECK(read_text(fixture.run_file("results.json")) == read_text(undisturbed.run_file("results.json")));
  CHECK_FALSE(locked(fixture, "train"));
}

TEST_CASE("kills at many moments never leave an entry that is wrong") {
  set_log_level(LogLevel::error);
  StudyFixture undisturbed;
  undisturbed.run();
  StudyFixture fixture;
  for (int round = 0; round < 8; ++round) {
    const pid_t child = run_in_child(fixture, {"phantom.seed=" + std::to_string(100 + round)});
    ::usleep(static_cast<useconds_t>(6000 * round));
    ::kill(child, SIGKILL);
    exit_code_of(child);
    fixture.run({"phantom.seed=" + std::to_string(100 + round)});
  }
  fixture.run();
  CHECK(read_text(fixture.run_file("results.json")) == read_text(undisturbed.run_file("results.json")));
}

TEST_CASE("a failure ends the run with its own code, the instance named; its last checkpoint stays") {
  StudyFixture fixture;
  const auto failure = failure_of([&] { fixture.run({"train.misbehave=diverge"}); });
  CHECK(failure.code == ErrorCode::failed);
  CHECK(failure.message == "train.original.s1: loss is not finite in epoch 2");
  CHECK(failure.hint == "lower lr");
  CHECK(state_of(fixture, "train.original.s1") == "failed");
  CHECK(state_of(fixture, "predict.original.s1") == "pending");
  CHECK(record_of(fixture).at("state") == "failed");
  CHECK(fixture.plan().at("train.original.s1") == "partial  goes on from its checkpoint");
  CHECK(fixture.run().record.find("train.original.s1")->summary.at("started_at") == 1);
}

TEST_CASE("after a failure --force starts afresh") {
  StudyFixture fixture;
  (void)failure_of([&] { fixture.run({"train.misbehave=diverge"}); });
  const auto again = fixture.run({}, {.force = {"train.original.s1"}});
  CHECK(again.record.find("train.original.s1")->summary.at("started_at") == 0);
}

TEST_CASE("--keep-going makes what does not depend on the failure") {
  StudyFixture fixture;
  fixture.run({}, {.selection = {{}, {"pack"}}});
  const std::string word = read_text(fixture.run_file("stages/pack.covered/pack/pack.npy")).substr(0, 16);
  const auto failure = failure_of([&] {
    fixture.run({"train.misbehave=diverge", "train.in=" + word}, {.keep_going = true});
  });
  CHECK(failure.code == ErrorCode::failed);
  CHECK(failure.message == "1 instance failed; first train.covered.s1: loss is not finite in epoch 2");
  CHECK(state_of(fixture, "train.covered.s1") == "failed");
  CHECK(state_of(fixture, "predict.covered.s1") == "waiting");
  CHECK(state_of(fixture, "predict.tags_only.s1") == "done");
  CHECK(state_of(fixture, "evaluate") == "waiting");
}

TEST_CASE("an unexpected exception is recorded and passed on") {
  StudyFixture fixture;
  CHECK_THROWS_AS(fixture.run({"train.misbehave=bug"}), std::logic_error);
  CHECK(state_of(fixture, "train.original.s1") == "failed");
  CHECK_THROWS_AS(fixture.run({"train.misbehave=memory"}), std::bad_alloc);
  CHECK_FALSE(locked(fixture, "train"));
}

TEST_CASE("an entry that another process makes is busy, and what does not need it is made") {
  set_log_level(LogLevel::error);
  StudyFixture fixture;
  fixture.run({}, {.selection = {{}, {"pack"}}});
  const std::string word = read_text(fixture.run_file("stages/pack.original/pack/pack.npy")).substr(0, 16);
  const pid_t child = run_in_child(fixture, {"train.misbehave=wait", "train.in=" + word});
  REQUIRE(wait_for([&] { return locked(fixture, "train"); }));
  const auto failure = failure_of([&] { fixture.run(); });
  CHECK(failure.code == ErrorCode::busy);
  CHECK(failure.message.find("train.original.s1: ") == 0);
  CHECK(failure.message.find("is being made by process " + std::to_string(child)) != std::string::npos);
  CHECK(fixture.begun() ==
        Names{"train.covered.s1", "predict.covered.s1", "train.tags_only.s1", "predict.tags_only.s1"});
  CHECK(record_of(fixture).at("state") == "busy");
  ::kill(child, SIGKILL);
  exit_code_of(child);
  fixture.run();
  CHECK(fixture.begun() == Names{"train.original.s1", "predict.original.s1", "evaluate", "report"});
}

TEST_CASE("processes that share a cache end with the same bytes") {
  set_log_level(LogLevel::error);
  StudyFixture undisturbed;
  undisturbed.run();
  StudyFixture fixture;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) children.push_back(run_in_child(fixture, {"name=run" + std::to_string(i)}));
  for (const pid_t child : children) {
    const int code = exit_code_of(child);
    CHECK((code == 0 || code == static_cast<int>(ErrorCode::busy)));
  }
  fixture.run();
  CHECK(read_text(fixture.run_file("results.json")) == read_text(undisturbed.run_file("results.json")));
  for (const auto& [name, text] : fixture.plan()) CHECK(text == "cached  ");
}

TEST_CASE("an interrupted change keeps its reason for what is still to come") {
  StudyFixture fixture;
  fixture.run();
  const Names six{"mask.pad=6"};
  fixture.run(six, {.selection = {{}, {"pack"}}});
  const auto plan = fixture.plan(six);
  CHECK(plan.at("pack.covered") == "cached  ");
  CHECK(plan.at("train.covered.s1") == "run  input pack from pack.covered (mask.pad 4 -> 6)");
  CHECK(plan.at("predict.covered.s1").find("(mask.pad 4 -> 6)") != std::string::npos);
}

TEST_CASE("a damaged record is ignored") {
  set_log_level(LogLevel::error);
  StudyFixture fixture;
  fixture.run();
  write_text(fixture.run_file("record.json"), "{\"schema\": 3");
  for (const auto& [name, text] : fixture.plan()) CHECK(text == "cached  ");
  fixture.run();
  CHECK(record_of(fixture).at("state") == "done");
}

TEST_CASE("the sweep keeps what a run refers to") {
  StudyFixture fixture;
  fixture.run({"train.epochs=2"});
  fixture.run();
  const auto cache = fixture.folder() / "cache";
  const auto runs = fixture.folder() / "runs";
  const auto shown = sweep_cache(cache, {runs}, true);
  // Three trainings of two epochs and what was made of them.
  CHECK(shown.removed.size() == 8);
  CHECK(shown.kept == 14);
  CHECK(std::filesystem::exists(shown.removed.front()));
  const auto swept = sweep_cache(cache, {runs}, false);
  CHECK(swept.removed == shown.removed);
  CHECK_FALSE(std::filesystem::exists(shown.removed.front()));
  for (const auto& [name, text] : fixture.plan()) CHECK(text == "cached  ");
  CHECK_THROWS_AS(sweep_cache(fixture.folder() / "none", {runs}, false), Error);
}
