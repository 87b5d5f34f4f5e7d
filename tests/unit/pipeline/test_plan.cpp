// plan and why: states, reasons, early cut-off.
#include <unistd.h>

#include "catch.hpp"
#include "study_fixture.hpp"

using namespace tagconf;
using namespace tagconf::pipeline;
using tagconf::test::run_counts;
using tagconf::test::StudyFixture;
using Names = std::vector<std::string>;

TEST_CASE("before the first run everything waits for the first stage") {
  const StudyFixture fixture;
  const auto plan = fixture.plan();
  CHECK(plan.at("phantom") == "run  not run yet");
  CHECK(plan.at("ingest") == "pending  input source from phantom (not run yet)");
  CHECK(plan.at("evaluate") ==
        "pending  input predictions original from predict.original.s1 (not run yet) and 2 more");
}

TEST_CASE("after a run everything is cached, and a second run makes nothing") {
  StudyFixture fixture;
  fixture.run();
  CHECK(fixture.begun().size() == 14);
  for (const auto& [name, text] : fixture.plan()) CHECK(text == "cached  ");
  fixture.run();
  CHECK(fixture.begun().empty());
}

TEST_CASE("a changed option is named where it was set, and only what depends on it is made") {
  StudyFixture fixture;
  fixture.run();
  const Names six{"mask.pad=6"};
  const auto plan = fixture.plan(six);
  CHECK(plan.at("pack.original") == "cached  ");
  CHECK(plan.at("train.original.s1") == "cached  ");
  CHECK(plan.at("pack.covered") == "run  mask.pad 4 -> 6");
  CHECK(plan.at("train.covered.s1") == "pending  input pack from pack.covered (mask.pad 4 -> 6)");
  CHECK(plan.at("predict.covered.s1") ==
        "pending  input images from pack.covered (mask.pad 4 -> 6) and 1 more");
  CHECK(plan.at("evaluate") ==
        "pending  input predictions covered from predict.covered.s1 (mask.pad 4 -> 6) and 1 more");
  CHECK(plan.at("report") ==
        "pending  mask.pad 4 -> 6, input epochs covered from train.covered.s1 (mask.pad 4 -> 6) "
        "and 3 more");
  fixture.run(six);
  CHECK(fixture.begun() == Names{"pack.covered", "pack.tags_only", "train.covered.s1", "predict.covered.s1",
                                 "train.tags_only.s1", "predict.tags_only.s1", "evaluate", "report"});
  // Back again: the old entries are still there.
  fixture.run();
  CHECK(fixture.begun().empty());
}

TEST_CASE("several changes of one instance are all named") {
  StudyFixture fixture;
  fixture.run();
  CHECK(fixture.plan({"train.lr=0.01", "train.epochs=5"}).at("train.covered.s1") ==
        "run  train.epochs 3 -> 5, train.lr 0.001 -> 0.01");
  CHECK(fixture.plan({"train.lr=0.01", "mask.pad=6"}).at("train.covered.s1") ==
        "pending  train.lr 0.001 -> 0.01, input pack from pack.covered (mask.pad 4 -> 6)");
}

TEST_CASE("what cannot change a result reruns nothing") {
  StudyFixture fixture;
  fixture.run();
  for (const auto& [name, text] : fixture.plan({"predict.batch=64", "ingest.threads=3"})) {
    INFO(name);
    CHECK(text == "cached  ");
  }
}

TEST_CASE("early cut-off: a stage that comes out the same stops the wave") {
  StudyFixture fixture;
  fixture.run();
  const Names harder{"detect.effort=5"};
  const auto plan = fixture.plan(harder);
  CHECK(plan.at("detect") == "run  detect.effort 1 -> 5");
  CHECK(plan.at("pack.covered") == "pending  input tags from detect (detect.effort 1 -> 5)");
  CHECK(plan.at("train.covered.s1") == "pending  input pack from pack.covered (detect.effort 1 -> 5)");
  fixture.run(harder);
  CHECK(fixture.begun() == Names{"detect"});
  fixture.run({"detect.effort=5", "detect.missed=1"});
  CHECK(fixture.begun().size() > 5);
}

TEST_CASE("a changed file outside is named") {
  StudyFixture fixture(R"("ingest": {"inputs": {"source": "c.csv"}})");
  write_text(fixture.folder() / "c.csv", "image\n");
  fixture.run();
  write_text(fixture.folder() / "c.csv", "image, changed\n");
  CHECK(fixture.plan().at("ingest") ==
        "run  input source (" + (fixture.folder() / "c.csv").string() + ") changed");
  CHECK(fixture.plan().at("detect") == "pending  input images from ingest (input source (" +
                                           (fixture.folder() / "c.csv").string() + ") changed)");
  write_text(fixture.folder() / "c.csv", "image\n");
  CHECK(fixture.plan().at("ingest") == "cached  ");
}

TEST_CASE("an input that comes or goes is named") {
  StudyFixture fixture;
  write_text(fixture.folder() / "w", "weights");
  fixture.run();
  CHECK(fixture.plan({"train.inputs.weights=" + (fixture.folder() / "w").string()}).at("train.covered.s1") ==
        "run  input weights (" + (fixture.folder() / "w").string() + ") added");
  CHECK(fixture.plan({"arms=original,covered"}).at("evaluate") == "run  input predictions tags_only removed");
}

TEST_CASE("a new version of a stage is a reason") {
  StudyFixture fixture;
  fixture.run();
  auto registry = test::fake_registry();
  for (auto& stage : registry.stages) {
    if (stage.info.name == "detect") stage.info.version = 2;
  }
  const auto study = load_study(fixture.config(), registry);
  const auto graph = build_graph(study, registry);
  FileDigests files(study.cache, false);
  const auto previous = read_record(run_folder(study));
  PlanRules rules;
  rules.previous = &*previous;
  Planner planner(graph, Cache(study.cache), files, rules);
  for (const auto* name : {"phantom", "ingest"}) static_cast<void>(planner.decide(graph.require(name)));
  CHECK(planner.decide(graph.require("detect")).reason == "detect version 1 -> 2");
}

TEST_CASE("a machine fact and files read through an input are parts of the key") {
  StudyFixture fixture(R"("ingest": {"inputs": {"source": "c.csv"}})");
  write_text(fixture.folder() / "c.csv", "image\n");
  write_text(fixture.folder() / "one.png", "1");
  auto registry = test::fake_registry();
  std::string precision = "fp32";
  for (auto& stage : registry.stages) {
    if (stage.info.name != "ingest") continue;
    stage.also_reads = [&](const stage::Stage::Options&, const stage::StageIo& io) {
      return std::vector{io.input("source").parent_path() / "one.png"};
    };
    stage.machine_facts = [&](const stage::Stage::Options&, const stage::Context&) {
      return Json{{"precision", precision}};
    };
  }
  const auto study = load_study(fixture.config(), registry);
  const auto graph = build_graph(study, registry);
  const auto decide = [&](const RunRecord* previous) {
    FileDigests files(study.cache, false);
    PlanRules rules;
    rules.previous = previous;
    return Planner(graph, Cache(study.cache), files, rules).decide(graph.require("ingest"));
  };
  const auto first = decide(nullptr);
  RunRecord record;
  auto& last = record.instances.emplace_back();
  last.name = "ingest";
  last.key = first.key;
  last.parts = first.parts;
  precision = "bf16";
  CHECK(decide(&record).reason == "precision fp32 -> bf16");
  precision = "fp32";
  CHECK(decide(&record).key == first.key);
  write_text(fixture.folder() / "one.png", "2");
  CHECK(decide(&record).reason == "files read through its inputs changed");
}

TEST_CASE(
    "a file beside the outputs that is asked for and not there is a reason to make a cached entry again") {
  StudyFixture fixture;
  const auto map = fixture.folder() / "map.csv";
  auto& ingest = fixture.stage_named("ingest");
  ingest.also_writes = [&](const stage::Stage::Options&) { return std::vector{map}; };
  ingest.run = [&map, plain = ingest.run](const stage::Stage::Options& options, const stage::StageIo& io,
                                          const stage::Context& context) {
    write_private_text(map, "image_id,source\n");
    return plain(options, io, context);
  };
  fixture.run();
  CHECK(std::filesystem::exists(map));
  fixture.run();
  CHECK(fixture.begun().empty());

  std::filesystem::remove(map);
  const auto plan = fixture.plan();
  CHECK(plan.at("ingest") == "run  " + map.string() + ", which it writes, is not there");
  CHECK(plan.at("detect") == "cached  ");
  // Who asks for something else is not held up.
  RunOptions other;
  other.selection.only = {"detect"};
  fixture.run({}, other);
  CHECK(fixture.begun().empty());
  CHECK_FALSE(std::filesystem::exists(map));
  const auto result = fixture.run();
  CHECK(fixture.begun() == Names{"ingest"});
  CHECK(std::filesystem::exists(map));
  CHECK(result.record.find("ingest")->reason == map.string() + ", which it writes, is not there");
  fixture.run();
  CHECK(fixture.begun().empty());
  // A reason of its own comes first.
  std::filesystem::remove(map);
  CHECK(fixture.plan({"ingest.valid_fraction=0.2"}).at("ingest") == "run  ingest.valid_fraction 0.1 -> 0.2");
}

TEST_CASE("why shows every part, old and new") {
  StudyFixture fixture;
  fixture.run();
  for (const auto& decision : fixture.decisions({"mask.pad=6"})) {
    if (decision.instance == "pack.covered") {
      std::map<std::string, std::string> parts;
      for (const auto& change : decision.changes) parts[change.label] = change.before + " -> " + change.after;
      CHECK(parts.size() == 7);
      CHECK(parts.at("pack version") == "1 -> 1");
      CHECK(parts.at("mask.pad") == "4 -> 6");
      CHECK(parts.at("mask.fill") == "black -> black");
      CHECK(parts.at("arms") == "covered -> covered");
      CHECK(parts.at("pack.size") == "320 -> 320");
      CHECK(parts.contains("input images"));
      CHECK(parts.contains("input tags"));
    }
    if (decision.instance == "train.covered.s1") {
      const auto& input = decision.changes.back();
      CHECK(input.label == "input pack");
      CHECK_FALSE(input.known);
      CHECK(input.before.size() == 12);
      CHECK(input.after.empty());
    }
  }
}

TEST_CASE("damaged and lost entries are made again, and the reason says so") {
  StudyFixture fixture;
  fixture.run();
  const auto out = std::filesystem::canonical(fixture.run_file("stages/pack.covered"));
  const std::string model = std::filesystem::canonical(fixture.run_file("stages/train.covered.s1"));

  SECTION("a file is missing") {
    std::filesystem::remove(out / "skipped.csv");
    CHECK(fixture.plan().at("pack.covered") == "run  its cache entry is damaged: out/skipped.csv is missing");
  }
  SECTION("a file inside a folder is missing") {
    std::filesystem::remove(out / "pack" / "pack.csv");
    CHECK(fixture.plan().at("pack.covered") ==
          "run  its cache entry is damaged: out/pack has another size than when it was made");
  }
  SECTION("a file was cut") {
    std::filesystem::resize_file(out / "pack" / "pack.npy", 3);
    CHECK(fixture.plan().at("pack.covered") ==
          "run  its cache entry is damaged: out/pack has another size than when it was made");
  }
  SECTION("the records are damaged") {
    write_text(out.parent_path() / "digests.json", "{");
    CHECK(fixture.plan()
              .at("pack.covered")
              .find("run  its cache entry is damaged: its records cannot be read") == 0);
  }
  SECTION("OK was never written") {
    std::filesystem::remove(out.parent_path() / "OK");
    CHECK(fixture.plan().at("pack.covered") == "run  its cache entry is gone");
  }
  SECTION("the whole entry is gone") {
    std::filesystem::remove_all(out.parent_path());
    CHECK(fixture.plan().at("pack.covered") == "run  its cache entry is gone");
  }
  CHECK(fixture.plan()
            .at("train.covered.s1")
            .find("pending  input pack from pack.covered (its cache entry is") == 0);
  fixture.run();
  CHECK(fixture.begun() == Names{"pack.covered"});  // the same bytes again: nothing behind it is made
  CHECK(std::filesystem::exists(out / "pack" / "pack.npy"));
  CHECK(std::filesystem::exists(model));
}

TEST_CASE("file digests are remembered by size and time") {
  const test::ScratchFolder scratch;
  const auto file = scratch / "a.png";
  write_text(file, "one");
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  std::filesystem::last_write_time(file, old);
  FileDigests first(scratch / "cache", false);
  const std::string digest = first.of(file);
  CHECK(digest == sha256_file(file));
  first.save();
  // Same size and time, other bytes: only --rehash sees it. This is what remembering means.
  write_text(file, "two");
  std::filesystem::last_write_time(file, old);
  CHECK(FileDigests(scratch / "cache", false).of(file) == digest);
  CHECK(FileDigests(scratch / "cache", true).of(file) == sha256_file(file));
  std::filesystem::last_write_time(file, old + std::chrono::seconds(1));
  CHECK(FileDigests(scratch / "cache", false).of(file) == sha256_file(file));
  // A folder's digest is that of sha256_tree.
  write_text(scratch / "tree/b/c.txt", "c");
  write_text(scratch / "tree/a.txt", "a");
  CHECK(FileDigests(scratch / "cache", false).of(scratch / "tree") == sha256_tree(scratch / "tree"));
  // A damaged memory is dropped.
  write_text(scratch / "cache/files.json", "{\"x\": 1");
  CHECK(FileDigests(scratch / "cache", false).of(file) == sha256_file(file));
  CHECK_THROWS_AS(FileDigests(scratch / "cache", false).of(scratch / "none"), Error);
}

TEST_CASE("the memory of digests names no file, whoever wrote it, and is its owner's alone") {
  const test::ScratchFolder scratch;
  const auto memory = scratch / "cache/files.json";
  const auto old = std::filesystem::file_time_type::clock::now() - std::chrono::hours(1);
  for (const std::string name : {"Muster Eva/ID-4711.dcm", "Arzt.dcm"}) {
    write_text(scratch / "in" / name, name);
    std::filesystem::last_write_time(scratch / "in" / name, old);
  }
  // As it was kept in earlier times.
  write_text(memory, R"({"../in/Muster Eva/ID-4711.dcm": [1, 2, "3"]})");
  const auto remember = [&] {
    FileDigests digests(scratch / "cache", false);
    CHECK(digests.of(scratch / "in") == sha256_tree(scratch / "in"));
    digests.save();
    return read_text(memory);
  };
  const std::string text = remember();
  for (const auto* word : {"Muster", "Eva", "4711", "Arzt", "dcm", "in/"})
    CHECK(text.find(word) == text.npos);
  using std::filesystem::perms;
  CHECK(std::filesystem::status(memory).permissions() == (perms::owner_read | perms::owner_write));
  const Json first = parse_json(text, "files.json");
  CHECK(first.at("files").size() == 2);
  CHECK(first.at("salt").get<std::string>().size() == 64);
  CHECK(remember() == text);
  // Known files are added to; another cache's memory has other names.
  write_text(scratch / "in/third", "3");
  std::filesystem::last_write_time(scratch / "in/third", old);
  const Json more = parse_json(remember(), "files.json");
  CHECK(more.at("files").size() == 3);
  CHECK(more.at("salt") == first.at("salt"));
  FileDigests other(scratch / "other", false);
  static_cast<void>(other.of(scratch / "in"));
  other.save();
  const Json others = parse_json(read_text(scratch / "other/files.json"), "files.json");
  for (const auto& [name, entry] : others.at("files").items()) CHECK_FALSE(more.at("files").contains(name));
}

TEST_CASE("links that lead nowhere and files that cannot be read do not stop a folder's digest") {
  namespace fs = std::filesystem;
  const test::ScratchFolder scratch;
  write_text(scratch / "in/a.dcm", "a");
  write_text(scratch / "in/b/c.dcm", "c");
  const std::string whole = sha256_tree(scratch / "in");
  fs::create_symlink("loop.dcm", scratch / "in/loop.dcm");
  fs::create_symlink("nowhere.dcm", scratch / "in/dangling.dcm");
  FileDigests digests(scratch / "cache", false);
  CHECK(digests.of(scratch / "in") == whole);
  // In a list they are told apart from files, and from one another by their names.
  const auto listed = [&](const std::string& name) {
    return digests.of_list({scratch / "in/a.dcm", scratch / "in" / name}, scratch / "in");
  };
  CHECK(listed("loop.dcm") != listed("dangling.dcm"));
  CHECK(listed("loop.dcm") != digests.of_list({scratch / "in/a.dcm"}, scratch / "in"));
  const std::string before = listed("dangling.dcm");
  write_text(scratch / "in/nowhere.dcm", "now there");
  CHECK(listed("dangling.dcm") != before);
  CHECK_THROWS_AS(digests.of(scratch / "in/loop.dcm"), Error);

  // Read by one who may not read all of it. Root may.
  if (::geteuid() == 0) return;
  fs::permissions(scratch / "in/a.dcm", fs::perms::none);
  const std::string closed = digests.of(scratch / "in");
  CHECK(closed != whole);
  fs::permissions(scratch / "in/b", fs::perms::none);
  CHECK(digests.of(scratch / "in") != closed);
  fs::permissions(scratch / "in/b", fs::perms::owner_all);
  CHECK(digests.of(scratch / "in") == closed);
}

TEST_CASE("of a secret file nothing is kept that a guess could be held against cheaply") {
  StudyFixture fixture(R"("ingest": {"inputs": {"source": "c.csv"}})");
  const std::string passphrase = "a passphrase of mine\n";
  write_text(fixture.folder() / "c.csv", passphrase);
  std::filesystem::last_write_time(fixture.folder() / "c.csv",
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  auto registry = test::fake_registry();
  for (auto& stage : registry.stages) {
    if (stage.info.name == "ingest") stage.info.inputs.front().secret = true;
  }
  const auto study = load_study(fixture.config(), registry);
  const auto graph = build_graph(study, registry);
  const auto decide = [&] {
    FileDigests files(study.cache, false);
    const auto decision = Planner(graph, Cache(study.cache), files, {}).decide(graph.require("ingest"));
    files.save();
    return decision;
  };
  const auto decision = decide();
  CHECK(decision.parts.at("inputs").at("source").at(0).at(1) == slow_digest_hex(passphrase));
  const std::string kept = canonical_json(decision.parts) + read_text(study.cache / "files.json");
  CHECK(kept.find(sha256_hex(passphrase)) == kept.npos);
  CHECK(kept.find(sha256_hex(passphrase.substr(0, passphrase.size() - 1))) == kept.npos);
  CHECK(decide().key == decision.key);
  write_text(fixture.folder() / "c.csv", "another passphrase");
  CHECK(decide().key != decision.key);
}

TEST_CASE("a file that was just written is not remembered: it may change within the clock's grain") {
  const test::ScratchFolder scratch;
  const auto file = scratch / "a.png";
  write_text(file, "one");
  FileDigests digests(scratch / "cache", false);
  static_cast<void>(digests.of(file));
  digests.save();
  CHECK_FALSE(std::filesystem::exists(scratch / "cache/files.json"));
}
