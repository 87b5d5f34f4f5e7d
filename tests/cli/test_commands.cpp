// Help, version, the study commands, docs, completion.
#include <sstream>

#include "catch.hpp"
#include "process.hpp"

using namespace tagconf;
using namespace tagconf::test;
namespace fs = std::filesystem;

namespace {

struct Place {
  ScratchFolder scratch;
  Place() {
    write_text(scratch / "demo.json", "{\"schema\": \"tagconf.run/1\", \"phantom\": {}, \"adapt\": false}");
  }
  [[nodiscard]] Finished run(const std::vector<std::string>& arguments) const {
    return run_in(scratch.path(), arguments);
  }
};

std::string first_lines(const std::string& text, int count) {
  std::istringstream in(text);
  std::string out;
  for (std::string line; count > 0 && std::getline(in, line); --count) out += line + "\n";
  return out;
}

// Output of a shell command.
std::string shell(const std::string& command) {
  std::string out;
  FILE* pipe = ::popen(command.c_str(), "r");
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
  ::pclose(pipe);
  return out;
}

}  // namespace

TEST_CASE("version and overview") {
  const Place place;
  CHECK(place.run({"--version"}).out.rfind("tagconf ", 0) == 0);
  for (const auto& words : std::vector<std::vector<std::string>>{{}, {"help"}, {"--help"}, {"-h"}}) {
    const auto done = place.run(words);
    CHECK(done.code == 0);
    CHECK(done.err.empty());
    for (const std::string name :
         {"run", "plan", "why", "status", "gc", "doctor", "docs", "completion", "train"}) {
      CHECK(contains(done.out, "\n  " + name + " "));
    }
  }
}

TEST_CASE("a stage's help shows its use and two examples in the first fifteen lines") {
  const Place place;
  for (const std::string name : {"ingest", "pack", "train", "evaluate", "report"}) {
    INFO(name);
    const auto done = place.run({name, "--help"});
    CHECK(done.code == 0);
    const std::string top = first_lines(done.out, 15);
    CHECK(contains(top, "tagconf " + name + ": a small " + name + "\nusage: tagconf " + name));
    CHECK(contains(top, "  tagconf " + name + " a --out b\n  tagconf " + name + " c --out d --threads 2\n"));
    CHECK(contains(done.out, "\ncommon flags\n"));
    CHECK(place.run({"help", name}).out == done.out);
    CHECK(place.run({name, "-h"}).out == done.out);
    std::istringstream lines(done.out);
    for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 110);
  }
  const auto pack = place.run({"pack", "--help"}).out;
  CHECK(contains(pack, "  --arm original|covered|tags_only\n"));
  CHECK(contains(pack, "  --pad 0..64             pixels added on every side of a tag box (default 4)\n"));
  CHECK(contains(pack, "  --tags PATH             tags.csv (optional)\n"));
}

TEST_CASE("every command has help with two examples") {
  const Place place;
  for (const std::string name : {"run", "plan", "why", "status", "gc", "doctor", "docs", "completion"}) {
    INFO(name);
    const auto done = place.run({name, "--help"});
    CHECK(done.code == 0);
    const std::string top = first_lines(done.out, 15);
    const auto first = top.find("\n  ");
    REQUIRE(first != std::string::npos);
    CHECK(contains(top.substr(first + 3), "\n  "));
  }
}

TEST_CASE("run tells the results and where they are; plan and why tell the reasons") {
  const Place place;
  const auto before = place.run({"plan", "demo.json"});
  CHECK(before.code == 0);
  CHECK(contains(before.out, "phantom               run      not run yet\n"));
  CHECK(contains(before.out, "0 cached, 14 to be made\n"));
  CHECK_FALSE(fs::exists(place.scratch / "runs"));
  CHECK(place.run({"run", "demo.json", "--dry-run"}).out == before.out);

  const auto run = place.run({"run", "demo.json"});
  CHECK(run.code == 0);
  CHECK(run.out ==
        "models: original covered tags_only\n\ndemo: 14 made, 0 cached\nresults: runs/demo\n"
        "report:  runs/demo/report.html\n");
  CHECK(contains(run.err, "train.covered.s1  begins  (not run yet)\n"));
  CHECK(contains(run.err, "train.covered.s1  done in "));
  const auto again = place.run({"run", "demo.json"});
  CHECK(contains(again.out, "demo: 0 made, 14 cached\n"));
  CHECK(again.err.empty());

  const auto plan = place.run({"plan", "demo.json", "--set", "mask.pad=6"});
  CHECK(contains(plan.out, "pack.covered          run      mask.pad 4 -> 6"));
  CHECK(contains(plan.out, "train.covered.s1      pending  input pack from pack.covered (mask.pad 4 -> 6)"));
  CHECK(contains(plan.out, "train.original.s1     cached\n"));
  CHECK(contains(plan.out, "6 cached, 8 to be made, about "));
  const Json json = parse_json(place.run({"plan", "demo.json", "--set", "mask.pad=6", "--json"}).out, "plan");
  CHECK(json.at("plan").size() == 14);
  CHECK(json.at("plan").at(4).at("instance") == "pack.covered");
  CHECK(json.at("plan").at(4).at("reason") == "mask.pad 4 -> 6");

  const auto why =
      place.run({"why", "demo.json", "train.covered.s1", "--set", "mask.pad=6", "--set", "train.lr=0.01"});
  CHECK(contains(
      why.out,
      "train.covered.s1  pending  train.lr 0.001 -> 0.01, input pack from pack.covered (mask.pad 4 -> 6)"));
  CHECK(contains(why.out, "    train version                     1\n"));
  CHECK(contains(why.out, "  * train.lr                          0.001 -> 0.01\n"));
  CHECK(contains(why.out, "  * input pack                        "));
  CHECK(contains(why.out, " -> not made yet  (pack.covered)\n"));
  const Json parts = parse_json(place.run({"why", "demo.json", "pack", "--json"}).out, "why").at("why");
  CHECK(parts.size() == 3);
  CHECK(parts.at(0).at("state") == "cached");

  const auto status = place.run({"status", "demo"});
  CHECK(contains(status.out, "demo  done  started "));
  CHECK(contains(status.out, "train.covered.s1      cached"));
  CHECK(parse_json(place.run({"status", "demo.json", "--json"}).out, "status").at("schema") ==
        "tagconf.record/1");
  CHECK(place.run({"run", "demo.json", "--json"}).code == 0);
}

TEST_CASE("--arms and --seeds change the study") {
  const Place place;
  CHECK(contains(place.run({"plan", "demo.json", "--arms", "original", "--seeds", "3,4"}).out,
                 "train.original.s4"));
  CHECK(place.run({"plan", "demo.json", "--arms", "orginal"}).code == 3);
}

TEST_CASE("gc removes what no run refers to") {
  const Place place;
  CHECK(place.run({"gc"}).code == 4);
  CHECK(place.run({"run", "demo.json", "--set", "train.epochs=2"}).code == 0);
  CHECK(place.run({"run", "demo.json"}).code == 0);
  CHECK(contains(place.run({"gc", "--dry-run"}).out, "8 entries would be removed"));
  CHECK(contains(place.run({"gc"}).out, "8 entries removed"));
  CHECK(contains(place.run({"gc"}).out, "0 entries removed"));
  CHECK(contains(place.run({"run", "demo.json"}).out, "0 made, 14 cached"));
}

TEST_CASE("docs are the same each time, and drift is told") {
  const Place place;
  CHECK(place.run({"docs", "--out", "one"}).code == 0);
  CHECK(place.run({"docs", "--out", "two"}).code == 0);
  for (const std::string file : {"schema.json", "REFERENCE.md"}) {
    CHECK(read_text(place.scratch / ("one/" + file)) == read_text(place.scratch / ("two/" + file)));
  }
  CHECK(place.run({"docs", "--check", "one"}).code == 0);
  write_text(place.scratch / "two/REFERENCE.md", read_text(place.scratch / "two/REFERENCE.md") + " ");
  const auto drift = place.run({"docs", "--check", "two"});
  CHECK(drift.code == 3);
  CHECK(contains(
      drift.err,
      "two/REFERENCE.md is not what the program's declarations say\nhint: run tagconf docs --out two\n"));
  CHECK(place.run({"docs", "--check", "none"}).code == 3);
  CHECK(place.run({"docs"}).code == 2);
}

TEST_CASE("doctor tells versions and what is found") {
  const Place place;
  const auto text = place.run({"doctor"}).out;
  CHECK(contains(text, "tagconf "));
  CHECK(contains(text, "LibFake    1.0\n"));
  CHECK(contains(text, "threads "));
  const Json facts = parse_json(place.run({"doctor", "--json", "--threads", "3"}).out, "doctor");
  CHECK(facts.at("threads") == 3);
  CHECK(facts.at("memory_gb").get<double>() > 0);
  CHECK(facts.at("stages").size() == 12);
}

TEST_CASE("the completion script completes commands, flags and values") {
  const Place place;
  const auto script = place.run({"completion", "bash"});
  CHECK(script.code == 0);
  write_text(place.scratch / "c.bash", script.out);
  const auto complete = [&](const std::string& words, int at) {
    return shell("bash -c 'source " + (place.scratch / "c.bash").string() + "; COMP_WORDS=(tagconf " + words +
                 "); COMP_CWORD=" + std::to_string(at) + "; _tagconf; echo \"${COMPREPLY[*]}\"'");
  };
  CHECK(complete("tr", 1) == "train\n");
  CHECK(complete("pack --a", 2) == "--arm\n");
  CHECK(complete("pack --arm co", 3) == "covered\n");
  CHECK(complete("run --ke", 2) == "--keep-going\n");
  CHECK(place.run({"completion", "fish"}).code == 2);
}

TEST_CASE("a reader that goes away early is no error") {
  const Place place;
  const std::string command = "cd " + place.scratch.path().string() + "; { " + FAKE_TAGCONF +
                              " help; echo $? >&3; } 3>code | true; cat code";
  CHECK(shell(command) == "0\n");
}
