// One stage alone: inputs, outputs, options, what it prints and what it leaves behind.
#include "catch.hpp"
#include "process.hpp"

using namespace tagconf;
using namespace tagconf::test;
namespace fs = std::filesystem;

namespace {

struct Place {
  ScratchFolder scratch;
  Place() {
    write_text(scratch / "manifest.csv", "image_id\n");
    write_text(scratch / "tags.csv", "image_id,x\n");
    write_text(scratch / "a.csv", "a\n");
    write_text(scratch / "b.csv", "b\n");
  }
  [[nodiscard]] Finished run(const std::vector<std::string>& arguments) const {
    return run_in(scratch.path(), arguments);
  }
  [[nodiscard]] bool has(const std::string& name) const { return fs::exists(scratch / name); }
};

}  // namespace

TEST_CASE("a stage reads its first input as a word, others by flag, and writes below --out") {
  const Place place;
  const auto done = place.run({"pack", "manifest.csv", "--tags", "tags.csv", "--arm", "covered", "--size=64",
                               "--out", "packs/covered"});
  INFO(done.err);
  CHECK(done.code == 0);
  CHECK(done.out == "arm: covered\n");
  CHECK(place.has("packs/covered/pack/pack.npy"));
  CHECK(place.has("packs/covered/skipped.csv"));
  // Words may come after the flags.
  const auto same = place.run(
      {"pack", "--arm", "covered", "--out", "p2", "--size", "64", "--tags", "tags.csv", "manifest.csv"});
  CHECK(same.code == 0);
  CHECK(read_text(place.scratch / "p2/pack/pack.npy") ==
        read_text(place.scratch / "packs/covered/pack/pack.npy"));
}

TEST_CASE("a stage with one output writes the file that --out names, or into its folder") {
  const Place place;
  CHECK(place.run({"mask", "manifest.csv", "--tags", "tags.csv", "--out", "x/covered.csv"}).code == 0);
  CHECK(place.has("x/covered.csv"));
  CHECK(place.run({"mask", "manifest.csv", "--tags", "tags.csv", "--out", "folder/"}).code == 0);
  CHECK(place.has("folder/manifest.csv"));
  CHECK(place.run({"mask", "manifest.csv", "--tags", "tags.csv", "--out", "x"}).code == 0);
  CHECK(place.has("x/manifest.csv"));
  const auto onto_file = place.run({"pack", "manifest.csv", "--out", "a.csv"});
  CHECK(onto_file.code == 2);
  CHECK(contains(onto_file.err, "--out a.csv is a file, expected a folder"));
}

TEST_CASE("many inputs take names, in the order given") {
  const Place place;
  const auto done = place.run({"evaluate", "original=a.csv", "--bootstrap", "5", "covered=b.csv"});
  CHECK(done.code == 0);
  CHECK(done.out == "models: original covered\n");
  write_text(place.scratch / "x=1/p.csv", "c\n");
  CHECK(place.run({"evaluate", "./x=1/p.csv"}).out == "models: \n");
}

TEST_CASE("a stage that answers writes nothing without --out, the others ask for it") {
  const Place place;
  const auto before = std::distance(fs::directory_iterator(place.scratch.path()), {});
  CHECK(place.run({"evaluate", "a=a.csv"}).code == 0);
  std::size_t files = 0;
  for (const auto& item : fs::directory_iterator(place.scratch.path())) {
    if (item.path().filename().string().front() != '.') ++files;
  }
  CHECK(files == static_cast<std::size_t>(before));
  const auto refused = place.run({"pack", "manifest.csv"});
  CHECK(refused.code == 2);
  CHECK(contains(refused.err, "tagconf pack: --out is missing\nhint: give --out FOLDER for its outputs\n"));
}

TEST_CASE("--json prints one object, for results and errors") {
  const Place place;
  const auto done = place.run({"evaluate", "m=a.csv", "--json", "--out", "e"});
  const Json result = parse_json(done.out, "stdout");
  CHECK(result.at("stage") == "evaluate");
  CHECK(result.at("summary").at("names") == "m");
  CHECK(result.at("outputs") == Json::parse(R"({"results": "e/results.json", "roc": "e/roc.csv"})"));
  const auto failed = place.run({"evaluate", "m=a.csv", "--json", "--bootstrap", "x"});
  CHECK(failed.code == 2);
  const Json error = parse_json(failed.out, "stdout").at("error");
  CHECK(error.at("code") == "usage");
  CHECK(error.at("exit") == 2);
  CHECK(error.at("message") == "--bootstrap: expected an integer, found \"x\"");
  CHECK(contains(failed.err, "tagconf evaluate: --bootstrap: expected an integer"));
}

TEST_CASE("options come from the default, a file, then the flags") {
  const Place place;
  const auto arm_of = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{"pack", "manifest.csv", "--out", "o", "--json"};
    all.insert(all.end(), more.begin(), more.end());
    const auto done = place.run(all);
    return done.code == 0 ? parse_json(done.out, "o").at("summary").at("arm").get<std::string>() : done.err;
  };
  write_text(place.scratch / "o.yaml", "arm: covered\nsize: 64\n");
  write_text(place.scratch / "bad.json", "{\"size\": 64,\n \"amr\": \"covered\"}");
  CHECK(arm_of({}) == "original");
  CHECK(arm_of({"--options", "o.yaml"}) == "covered");
  CHECK(arm_of({"--options", "o.yaml", "--arm", "tags_only"}) == "tags_only");
  CHECK(contains(arm_of({"--options", "bad.json"}),
                 "bad.json:2:2: /amr: unknown key 'amr' (did you mean 'arm'?)"));
  CHECK(place.run({"pack", "manifest.csv", "--out", "o", "--options", "bad.json"}).code == 3);
}

TEST_CASE("a stage that fails leaves nothing behind but the checkpoint that it goes on from") {
  const Place place;
  fs::create_directories(place.scratch / "pack");
  write_text(place.scratch / "pack/pack.npy", "x");
  for (const std::string how : {"bug", "memory", "diverge", "full_disk"}) {
    INFO(how);
    CHECK(place.run({"train", "pack", "--misbehave", how, "--out", "new/model"}).code != 0);
    std::vector<std::string> left;
    for (const auto& item : fs::directory_iterator(place.scratch / "new/model"))
      left.push_back(item.path().filename().string());
    REQUIRE(left.size() == 1);
    CHECK(contains(left[0], ".tagconf-partial-"));
    const auto again = place.run({"train", "pack", "--out", "new/model", "--json"});
    CHECK(parse_json(again.out, "o").at("summary").at("started_at") == 1);
    CHECK_FALSE(place.has("new/model/" + left[0]));
    fs::remove_all(place.scratch / "new");
  }
  // What was there before stays.
  write_text(place.scratch / "kept/notes.txt", "n");
  CHECK(place.run({"train", "pack", "--misbehave", "diverge", "--out", "kept"}).code == 6);
  CHECK(read_text(place.scratch / "kept/notes.txt") == "n");
  CHECK_FALSE(place.has("kept/model.safetensors"));
}

TEST_CASE("a stage stopped alone goes on from its checkpoint, with the same options only") {
  const Place place;
  write_text(place.scratch / "pack/pack.npy", "x");
  const std::vector<std::string> command{"train", "pack", "--epochs", "4", "--out", "m", "--json"};
  auto waiting = command;
  waiting.insert(waiting.end(), {"--misbehave", "wait", "--progress", "lines"});
  Process process(place.scratch.path(), waiting);
  REQUIRE(process.says("train  25 %"));
  process.signal(SIGTERM);
  const auto stopped = process.wait();
  CHECK(stopped.code == 75);
  CHECK(contains(stopped.err, "hint: run again"));
  auto other = command;
  other.insert(other.end(), {"--lr", "0.5"});
  CHECK(parse_json(place.run(other).out, "o").at("summary").at("started_at") == 0);
  CHECK(parse_json(place.run(command).out, "o").at("summary").at("started_at") == 1);
  for (const auto& item : fs::directory_iterator(place.scratch / "m")) {
    CHECK_FALSE(contains(item.path().filename().string(), "partial"));
  }
}

TEST_CASE("two processes do not write the same output at once, and a dead one is in nobody's way") {
  const Place place;
  write_text(place.scratch / "pack/pack.npy", "x");
  const std::vector<std::string> command{"train", "pack", "--out", "m"};
  auto waiting = command;
  waiting.insert(waiting.end(), {"--misbehave", "wait", "--progress", "lines"});
  Process holder(place.scratch.path(), waiting);
  REQUIRE(holder.says("train  33 %"));
  const auto second = place.run(command);
  CHECK(second.code == 7);
  CHECK(contains(second.err, "tagconf train: another process is writing m/"));
  CHECK(contains(second.err, "hint: wait for it, or give another --out\n"));
  CHECK(place.run({"train", "pack", "--out", "n"}).code == 0);
  CHECK(place.run({"pack", "pack/pack.npy", "--out", "m"}).code == 0);  // other files of the same folder
  holder.signal(SIGKILL);
  CHECK(holder.wait().code == -SIGKILL);
  CHECK(place.run(command).code == 0);
  for (const auto& item : fs::directory_iterator(place.scratch / "m"))
    CHECK_FALSE(contains(item.path().filename().string(), "lock"));
}

TEST_CASE("flags of a wrong kind, unknown flags and missing inputs are told with what would do") {
  const Place place;
  const auto says = [&](const std::vector<std::string>& arguments) {
    const auto done = place.run(arguments);
    CHECK(done.code == 2);
    CHECK(done.out.empty());
    return done.err;
  };
  CHECK(says({"pack", "manifest.csv", "--pda", "3"}) ==
        "tagconf pack: unknown flag '--pda' (did you mean '--pad'?)\n"
        "hint: --pad 0..64: pixels added on every side of a tag box (default 4)\n");
  CHECK(says({"pack", "manifest.csv", "--pad", "99", "--out", "o"}) ==
        "tagconf pack: --pad: expected an integer from 0 to 64, found 99\n"
        "hint: pixels added on every side of a tag box\n");
  CHECK(says({"pack", "manifest.csv", "--pad"}) ==
        "tagconf pack: --pad needs a value\n"
        "hint: --pad 0..64: pixels added on every side of a tag box (default 4)\n");
  CHECK(says({"pack", "--out", "o"}) ==
        "tagconf pack: input 'images' is missing\nhint: give it as a word: manifest\n");
  CHECK(says({"mask", "manifest.csv", "--out", "o"}) ==
        "tagconf mask: input 'tags' is missing\nhint: give it as --tags PATH: tags.csv\n");
  CHECK(says({"pack", "a", "b", "--out", "o"}) ==
        "tagconf pack: unexpected argument 'b'\nhint: see tagconf pack --help\n");
  CHECK(says({"pakc"}) ==
        "tagconf pakc: no command 'pakc' (did you mean 'pack'?)\nhint: tagconf help lists the commands\n");
  CHECK(says({"--threads", "3"}).find("the first word must be a command") != std::string::npos);
  CHECK(says({"pack", "manifest.csv", "--progress", "loud", "--out", "o"})
            .find("expected one of auto, bar, lines") != std::string::npos);
}
