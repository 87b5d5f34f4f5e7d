// Every exit code, produced by the program.
#include "catch.hpp"
#include "process.hpp"

using namespace tagconf;
using namespace tagconf::test;
namespace fs = std::filesystem;

namespace {

struct Place {
  ScratchFolder scratch;
  Place() {
    write_text(scratch / "pack/pack.npy", "x");
    write_text(scratch / "results.json", "{}");
    write_text(scratch / "targets.json", "mismatch");
    write_text(scratch / "demo.json", "{\"schema\": \"tagconf.run/1\", \"phantom\": {}}");
  }
  [[nodiscard]] Finished run(const std::vector<std::string>& arguments) const {
    return run_in(scratch.path(), arguments);
  }
};

}  // namespace

TEST_CASE("0: done") {
  const Place place;
  CHECK(place.run({"run", "demo.json"}).code == 0);
  CHECK(place.run({"run", "demo.json"}).code == 0);
}

TEST_CASE("1: a bug tells version and how to report") {
  const Place place;
  const auto done = place.run({"train", "pack", "--misbehave", "bug", "--out", "m"});
  CHECK(done.code == 1);
  CHECK(contains(done.err, "tagconf train: unexpected: an index is out of place\n"));
  CHECK(contains(done.err, "hint: this is a fault of tagconf "));
  CHECK(contains(done.err, "please report it"));
  CHECK(place.run({"run", "demo.json", "--set", "train.misbehave=bug"}).code == 1);
}

TEST_CASE("2: usage") {
  const Place place;
  CHECK(place.run({"run"}).code == 2);
  CHECK(place.run({"run", "demo.json", "--onyl", "pack"}).code == 2);
  CHECK(place.run({"run", "demo.json", "--only", "pakc"}).code == 2);
  CHECK(place.run({"run", "demo.json", "--set", "train"}).code == 2);
  CHECK(place.run({"why", "demo.json"}).code == 2);
}

TEST_CASE("3: config") {
  const Place place;
  const auto done = place.run({"run", "demo.json", "--set", "train.epcohs=3"});
  CHECK(done.code == 3);
  CHECK(done.err ==
        "tagconf run: --set train.epcohs=3: /train/epcohs: unknown key 'epcohs' (did you mean 'epochs'?)\n"
        "hint: accepted: inputs, epochs, lr, misbehave, in\n");
  CHECK_FALSE(fs::exists(place.scratch / "runs"));
  CHECK(place.run({"run", "none.json"}).code == 3);
  write_text(place.scratch / "bad.yaml", "schema: tagconf.run/1\nphantom: {}\ntrain:\n  flip: yes\n");
  const auto yaml = place.run({"plan", "bad.yaml"});
  CHECK(yaml.code == 3);
  CHECK(contains(yaml.err, "bad.yaml:4:9: unquoted 'yes'"));
}

TEST_CASE("4: input") {
  const Place place;
  write_text(place.scratch / "mura.json",
             "{\"schema\": \"tagconf.run/1\", \"ingest\": {\"inputs\": {\"source\": \"MURA-v1.1\"}}}");
  for (const std::string command : {"run", "plan"}) {
    const auto done = place.run({command, "mura.json"});
    CHECK(done.code == 4);
    CHECK(contains(done.err,
                   "mura.json:1:61: /ingest/inputs/source: no such file or folder: MURA-v1.1\n"
                   "hint: get the cohort as data/README.md says\n"));
    CHECK_FALSE(fs::exists(place.scratch / "runs"));
  }
  CHECK(place.run({"status", "none"}).code == 4);
}

TEST_CASE("5: mismatch") {
  const Place place;
  CHECK(place.run({"verify", "results.json", "--targets", "targets.json"}).code == 5);
  CHECK(place.run({"verify", "results.json", "--targets", "targets.json", "--out", "v.json"}).code == 5);
  CHECK(fs::exists(place.scratch / "v.json"));
  const auto run = place.run({"run", "demo.json", "--set", "verify.inputs.targets=targets.json"});
  INFO(run.err);
  CHECK(run.code == 5);
}

TEST_CASE("6: failed") {
  const Place place;
  CHECK(place.run({"train", "pack", "--misbehave", "diverge", "--out", "m"}).code == 6);
  const auto done = place.run({"run", "demo.json", "--set", "train.misbehave=diverge", "--keep-going"});
  CHECK(done.code == 6);
  CHECK(contains(
      done.err, "tagconf run: 3 instances failed; first train.original.s1: loss is not finite in epoch 2\n"));
}

TEST_CASE("7: busy, saying who holds it and how to go on") {
  const Place place;
  Process holder(place.scratch.path(),
                 {"run", "demo.json", "--set", "train.misbehave=wait", "--until", "train.original"});
  REQUIRE(holder.says("train.original.s1  33 %"));
  const auto done = place.run({"run", "demo.json", "--until", "train.original"});
  CHECK(done.code == 7);
  CHECK(contains(done.err, "is being made by process "));
  CHECK(contains(done.err, "hint: wait for it and run again\n"));
  holder.signal(SIGTERM);
  CHECK(holder.wait().code == 75);
  CHECK(place.run({"run", "demo.json", "--until", "train.original"}).code == 0);
}

TEST_CASE("8: environment") {
  const Place place;
  const auto memory = place.run({"train", "pack", "--misbehave", "memory", "--out", "m"});
  CHECK(memory.code == 8);
  CHECK(contains(memory.err, "tagconf train: out of memory\n"));
  const auto disk = place.run({"train", "pack", "--misbehave", "full_disk", "--out", "m"});
  CHECK(disk.code == 8);
  CHECK(contains(disk.err, "No space left on device"));
  CHECK(Process(place.scratch.path(), {"plan", "demo.json"}, {}, "/dev/full").wait().code == 8);
  write_text(place.scratch / "runs", "a file where a folder should be");
  CHECK(place.run({"run", "demo.json"}).code == 8);
}

TEST_CASE("75: stopped after a checkpoint, and the next run gives the same results") {
  const Place undisturbed;
  CHECK(undisturbed.run({"run", "demo.json"}).code == 0);
  for (const int number : {SIGTERM, SIGINT, SIGUSR1}) {
    const Place place;
    Process process(place.scratch.path(), {"run", "demo.json", "--set", "train.misbehave=wait"});
    REQUIRE(process.says("train.original.s1  33 %"));
    process.signal(number);
    const auto done = process.wait();
    CHECK(done.code == 75);
    CHECK(contains(done.err,
                   "tagconf run: train.original.s1: stopped after a checkpoint\nhint: run again to go on\n"));
    CHECK(place.run({"run", "demo.json"}).code == 0);
    CHECK(read_text(place.scratch / "runs/demo/results.json") ==
          read_text(undisturbed.scratch / "runs/demo/results.json"));
  }
}

TEST_CASE("130: a second Ctrl-C ends it at once, and the next run goes on") {
  const Place place;
  Process process(place.scratch.path(), {"run", "demo.json", "--set", "train.misbehave=deaf"});
  REQUIRE(process.says("train.original.s1  33 %"));
  process.signal(SIGINT);
  ::usleep(100000);
  process.signal(SIGINT);
  CHECK(process.wait().code == 130);
  const auto done = place.run({"run", "demo.json"});
  CHECK(done.code == 0);
  CHECK(contains(done.err, "has ended"));
}
