// The study config: what is accepted, what is refused and how, and the graph made of it.
#include <set>

#include "catch.hpp"
#include "study_fixture.hpp"

using namespace tagconf;
using namespace tagconf::pipeline;
using tagconf::test::StudyFixture;

namespace {

std::string refusal(const std::string& sections, const std::vector<std::string>& sets = {}) {
  const StudyFixture fixture(sections);
  try {
    static_cast<void>(build_graph(fixture.study(sets), fixture.registry()));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
    const std::string path = fixture.config().string();
    std::string message = error.message();
    const auto at = message.find(path);
    if (at != std::string::npos) message.replace(at, path.size(), "demo.json");
    return message;
  }
  return "accepted";
}

std::vector<std::string> names(const Graph& graph) {
  std::vector<std::string> out;
  for (const auto& instance : graph.instances) out.push_back(instance.name);
  return out;
}

Graph graph_of(const StudyFixture& fixture, const std::vector<std::string>& sets = {}) {
  return build_graph(fixture.study(sets), fixture.registry());
}

// "port=instance:output,..." of an instance's inputs.
std::string wiring(const Graph& graph, const std::string& name) {
  std::string out;
  for (const auto& binding : graph.require(name).inputs) {
    out += (out.empty() ? "" : " ") + binding.port + "=";
    std::string sources;
    for (const auto& s : binding.sources) {
      sources += (sources.empty() ? "" : ",") + (s.name.empty() ? "" : s.name + "<") +
                 (s.instance.empty() ? s.path.filename().string() : s.instance + ":" + s.port);
    }
    out += sources;
  }
  return out;
}

struct SplitOptions {
  std::string split = "test";
  void describe(auto& v) { v(options::field<std::string>("split", "which images"), split); }
};
struct SelectOptions {
  std::string select = "auc";
  void describe(auto& v) { v(options::field<std::string>("select", "which epoch is kept"), select); }
};
template <class O>
stage::Stage::Options fresh() {
  auto object = std::make_shared<O>();
  return {object, options::bind(*object)};
}

}  // namespace

TEST_CASE("sections may be left out and defaults hold") {
  const StudyFixture fixture;
  const auto study = fixture.study();
  CHECK(study.name == "demo");
  CHECK(study.arms == std::vector{Arm::original, Arm::covered, Arm::tags_only});
  CHECK(study.seeds == std::vector<std::uint64_t>{1});
  CHECK(study.section("train").options.at("epochs") == 3);
  CHECK(study.section("report").wanted);
  CHECK_FALSE(study.section("gradcam").wanted);
  CHECK_FALSE(study.section("verify").wanted);
  CHECK(study.resolved.at("train").at("lr") == 0.001);
  CHECK_FALSE(study.resolved.at("pack").contains("pad"));
  CHECK(names(graph_of(fixture)) ==
        std::vector<std::string>{"phantom", "ingest", "detect", "pack.original", "pack.covered",
                                 "pack.tags_only", "train.original.s1", "predict.original.s1",
                                 "train.covered.s1", "predict.covered.s1", "train.tags_only.s1",
                                 "predict.tags_only.s1", "evaluate", "report"});
}

TEST_CASE("the name of a study is its file's unless it says otherwise") {
  const StudyFixture fixture;
  write_text(fixture.folder() / "other.json", R"({"schema": "tagconf.run/1", "phantom": {}})");
  CHECK(load_study(fixture.folder() / "other.json", fixture.registry()).name == "other");
}

TEST_CASE("YAML and JSON configs give the same study") {
  const StudyFixture fixture;
  write_text(
      fixture.folder() / "a.yaml",
      "schema: tagconf.run/1\nname: x\narms: [original, covered]\nphantom:\n  seed: 3\ntrain: {lr: 1e-4}\n");
  write_text(
      fixture.folder() / "a.json",
      R"({"schema": "tagconf.run/1", "name": "x", "arms": ["original", "covered"], "phantom": {"seed": 3},
                 "train": {"lr": 0.0001}})");
  CHECK(load_study(fixture.folder() / "a.yaml", fixture.registry()).resolved ==
        load_study(fixture.folder() / "a.json", fixture.registry()).resolved);
}

TEST_CASE("wrong configs are refused with line, pointer and suggestion") {
  CHECK(refusal(R"("phantom": {},
 "trian": {})") == "demo.json:4:2: /trian: unknown key 'trian' (did you mean 'train'?)");
  CHECK(refusal(R"("phantom": {}, "train": {"epcohs": 3})") ==
        "demo.json:3:27: /train/epcohs: unknown key 'epcohs' (did you mean 'epochs'?)");
  CHECK(refusal(R"("phantom": {}, "train": {"epochs": 3.5})") ==
        "demo.json:3:37: /train/epochs: expected an integer from 1 to 1000, found 3.5");
  CHECK(refusal(R"("phantom": {}, "train": {"epochs": 0})") ==
        "demo.json:3:37: /train/epochs: expected an integer from 1 to 1000, found 0");
  CHECK(refusal(R"("phantom": {}, "train": {"epochs": 3, "epochs": 4})") ==
        "demo.json:3:40: /train/epochs: key 'epochs' stands twice, first in line 3");
  CHECK(refusal(R"("phantom": {}, "train": {"seed": 3})").find("list the values") == std::string::npos);
  CHECK(refusal(R"("phantom": {}, "train": {"seed": 3})").find("'seed' differs between the instances") !=
        std::string::npos);
  CHECK(refusal(R"("phantom": {}, "train": [])") ==
        "demo.json:3:26: /train: expected an object with keys and values");
  CHECK(refusal(R"("phantom": {}, "train": true)") ==
        "demo.json:3:26: /train: expected an object with keys and values");
  CHECK(
      refusal(R"("phantom": {}, "arms": ["covred"])").find("expected one of original, covered, tags_only") !=
      std::string::npos);
  CHECK(refusal(R"("phantom": {}, "arms": [])") == "demo.json:3:25: /arms: the list is empty");
  CHECK(refusal(R"("phantom": {}, "seeds": [1, 1])").find("a value stands twice") != std::string::npos);
  CHECK(refusal(R"("phantom": {}, "seeds": [-1])").find("expected an integer") != std::string::npos);
  CHECK(refusal(R"("phantom": {}, "pack": {"pad": 3})") ==
        "demo.json:3:26: /pack/pad: 'pad' is set once for all arms, in the section mask");
  CHECK(refusal(R"("phantom": {}, "strip": {})") == "demo.json:3:17: /strip: unknown key 'strip'");
  CHECK(refusal(R"("train": {})").find("no source of images") != std::string::npos);
  CHECK(refusal(R"("phantom": {}, "ingest": {"inputs": {"source": "x"}})") ==
        "demo.json:3:49: /ingest/inputs/source: two sources of images: the phantom and this one");
  CHECK(refusal(R"("phantom": {}, "train": {"inputs": {"wieghts": "x"}})") ==
        "demo.json:3:38: /train/inputs/wieghts: unknown key 'wieghts' (did you mean 'weights'?)");
  CHECK(refusal(R"("phantom": {}, "train": {"inputs": {"pack": "x"}})") ==
        "demo.json:3:46: /train/inputs/pack: input 'pack' of train comes from pack.original in a run");
  CHECK(refusal(R"("phantom": {}, "train": {"inputs": {"weights": 3}})").find("expected a path") !=
        std::string::npos);
  CHECK(refusal(R"("phantom": {}, "mask": {"inputs": {"tags": "x"}})").find("unknown key 'tags'") !=
        std::string::npos);
  CHECK(refusal(R"("phantom": {}, "verify": {})") == "demo.json:3:27: /verify: no targets file");
}

TEST_CASE("the schema and the name are checked") {
  const StudyFixture fixture;
  const auto check = [&](const std::string& text, const std::string& expected) {
    write_text(fixture.config(), text);
    try {
      static_cast<void>(fixture.study());
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::config);
      CHECK(error.message().find(expected) != std::string::npos);
    }
  };
  check("{\"phantom\": {}}", "key 'schema' is missing");
  check("{\"schema\": \"tagconf.run/2\"}", "schema 'tagconf.run/2' is not known");
  check(R"({"schema": "tagconf.run/1", "name": "../x", "phantom": {}})", "is no folder name");
  check("[1]", "expected an object");
  check("", "demo.json:1:1");
}

TEST_CASE("--set changes one key by its kind and is named in errors") {
  const StudyFixture fixture;
  const auto study = fixture.study({"train.epochs=7", "mask.pad=6", "seeds=1,2", "arms=original,covered",
                                    "report=false", "gradcam={}", "train.lr=1e-2", "name=other"});
  CHECK(study.section("train").options.at("epochs") == 7);
  CHECK(study.section("mask").options.at("pad") == 6);
  CHECK(study.seeds.size() == 2);
  CHECK(study.arms.size() == 2);
  CHECK_FALSE(study.section("report").wanted);
  CHECK(study.section("gradcam").wanted);
  CHECK(study.name == "other");
  const std::string phantom = R"("phantom": {})";
  CHECK(refusal(phantom, {"train.epcohs=7"}) ==
        "--set train.epcohs=7: /train/epcohs: unknown key 'epcohs' (did you mean 'epochs'?)");
  CHECK(refusal(phantom, {"train.epochs=x"}) ==
        "--set train.epochs=x: /train/epochs: expected an integer from 1 to 1000, found \"x\"");
  CHECK(refusal(phantom, {"name.x=1"}).find("is no section") != std::string::npos);
  CHECK_THROWS_AS(fixture.study({"train.epochs"}), Error);
  CHECK_THROWS_AS(fixture.study({"train..epochs=1"}), Error);
  // A path typed on the command line is relative to where it was typed.
  const auto weights =
      fixture.study({"train.inputs.weights=w.safetensors"}).section("train").inputs.at("weights");
  CHECK(weights.at(0).path == std::filesystem::absolute("w.safetensors"));
}

TEST_CASE("file inputs are relative to the config") {
  const StudyFixture fixture(R"("ingest": {"inputs": {"source": "../data/c.csv"}},
                                "detect": {"inputs": {"boxes": "b.csv"}})");
  const auto study = fixture.study();
  CHECK(study.section("ingest").inputs.at("source").at(0).path ==
        (fixture.folder().parent_path() / "data/c.csv").lexically_normal());
  CHECK(wiring(build_graph(study, fixture.registry()), "detect") == "boxes=b.csv images=ingest:manifest");
}

TEST_CASE("ports are connected by name, and the options of the arms follow mask") {
  const StudyFixture fixture(R"("phantom": {}, "mask": {"pad": 6, "fill": "white"}, "gradcam": {},
    "verify": {"inputs": {"targets": "t.json"}})");
  const auto graph = graph_of(fixture);
  CHECK(wiring(graph, "ingest") == "source=phantom:cohort");
  CHECK(wiring(graph, "pack.covered") == "images=ingest:manifest tags=detect:tags");
  CHECK(wiring(graph, "train.covered.s1") == "pack=pack.covered:pack");
  CHECK(wiring(graph, "predict.covered.s1") == "model=train.covered.s1:model images=pack.covered:pack");
  CHECK(wiring(graph, "evaluate") ==
        "predictions=original<predict.original.s1:predictions,covered<predict.covered.s1:predictions,"
        "tags_only<predict.tags_only.s1:predictions");
  CHECK(wiring(graph, "gradcam.covered.s1") ==
        "model=train.covered.s1:model pack=pack.covered:pack tags=detect:tags");
  CHECK(wiring(graph, "verify") == "targets=t.json results=evaluate:results");
  CHECK(wiring(graph, "report") ==
        "results=evaluate:results roc=evaluate:roc tags=detect:tags "
        "epochs=original<train.original.s1:epochs,covered<train.covered.s1:epochs,tags_only<train.tags_only."
        "s1:epochs "
        "cams=original<gradcam.original.s1:,covered<gradcam.covered.s1:,tags_only<gradcam.tags_only.s1: "
        "verdict=verify:verdict");
  CHECK(graph.require("pack.covered").options.at("pad") == 6);
  CHECK(graph.require("pack.covered").options.at("arm") == "covered");
  CHECK(graph.require("pack.covered").origin("pad") == "mask.pad");
  CHECK(graph.require("pack.covered").origin("size") == "pack.size");
  CHECK(graph.require("pack.original").options.at("pad") == 4);
  CHECK(graph.require("report").options.at("fill") == "white");
}

TEST_CASE("detect gets a finder of the cohort's own, unless that is not wanted or of no use") {
  const StudyFixture fixture(R"("phantom": {}, "adapt": {"steps": 3})");
  const auto graph = graph_of(fixture);
  CHECK(wiring(graph, "adapt") == "images=ingest:manifest");
  CHECK(graph.require("adapt").options.at("steps") == 3);
  CHECK(wiring(graph, "detect") == "images=ingest:manifest weights=adapt:weights");
  const auto without = graph_of(fixture, {"adapt=false"});
  CHECK(without.find("adapt") == nullptr);
  CHECK(wiring(without, "detect") == "images=ingest:manifest");
  StudyFixture silent;
  silent.configure_exactly(R"("phantom": {})");
  CHECK(wiring(graph_of(silent), "detect") == "images=ingest:manifest weights=adapt:weights");
  CHECK(graph_of(silent, {"detect.finder=classical"}).find("adapt") == nullptr);
  silent.configure_exactly(R"("phantom": {}, "detect": {"inputs": {"weights": "w.safetensors"}})");
  CHECK(graph_of(silent).find("adapt") == nullptr);
}

TEST_CASE("several seeds and all test arms name every cell") {
  const StudyFixture fixture;
  const auto graph = graph_of(fixture, {"seeds=1,2", "test_arms=all", "arms=original,covered"});
  const auto& sources = graph.require("evaluate").inputs.at(0).sources;
  std::vector<std::string> models;
  for (const auto& source : sources) models.push_back(source.name);
  CHECK(models == std::vector<std::string>{"original.s1", "original.s2", "covered.s1", "covered.s2",
                                           "original.s1@covered", "original.s2@covered",
                                           "covered.s1@original", "covered.s2@original"});
  CHECK(wiring(graph, "predict.covered.s2@original") ==
        "model=train.covered.s2:model images=pack.original:pack");
  CHECK(graph.require("train.covered.s2").options.at("seed") == 2);
  const auto one = graph_of(fixture, {"test_arms=all", "arms=original,covered"});
  CHECK(one.require("evaluate").inputs.at(0).sources.at(2).name == "original@covered");
}

TEST_CASE("thresholds come from predictions on the validation images, unless the study has none") {
  stage::Registry registry = test::fake_registry();
  for (auto& stage : registry.stages) {
    if (stage.info.name == "evaluate") stage.info.inputs.push_back({"threshold_from", "valid", false, true});
    if (stage.info.name == "predict") stage.make_options = fresh<SplitOptions>;
    if (stage.info.name == "train") stage.make_options = fresh<SelectOptions>;
  }
  const StudyFixture fixture(
      R"("phantom": {}, "seeds": [1, 2], "arms": ["original", "covered"], "test_arms": "all")");
  const auto graph = [&](const std::vector<std::string>& overrides) {
    return build_graph(load_study(fixture.config(), registry, overrides), registry);
  };
  const auto both = graph({});
  CHECK(both.require("predict.covered.s2.valid").options.at("split") == "valid");
  CHECK(both.require("predict.covered.s2").options.at("split") == "test");
  CHECK(wiring(both, "predict.covered.s2.valid") == "model=train.covered.s2:model images=pack.covered:pack");
  const std::string evaluate = wiring(both, "evaluate");
  CHECK(evaluate.find(" threshold_from=original.s1<predict.original.s1.valid:predictions,"
                      "original.s2<predict.original.s2.valid:predictions,"
                      "covered.s1<predict.covered.s1.valid:predictions,"
                      "covered.s2<predict.covered.s2.valid:predictions") != std::string::npos);
  // Both are "predict.covered.s2" for --only and --until.
  CHECK(select(both, registry, {{"predict.covered.s2"}, {}}).size() == 3);
  // An epoch that was not kept by validation needs none, and other splits or files choose for themselves.
  for (const char* change :
       {"train.select=last", "predict.split=all", "evaluate.inputs.threshold_from=valid.csv"}) {
    INFO(change);
    CHECK(graph({change}).find("predict.covered.s2.valid") == nullptr);
  }
  CHECK(wiring(graph({"evaluate.inputs.threshold_from=/data/valid.csv"}), "evaluate")
            .find("threshold_from=valid.csv predictions=") == 0);
}

TEST_CASE("every instance comes after its sources") {
  const StudyFixture fixture(R"("phantom": {}, "gradcam": {}, "verify": {"inputs": {"targets": "t.json"}},
                                "seeds": [3, 4], "test_arms": "all")");
  std::set<std::string> seen;
  for (const auto& instance : graph_of(fixture).instances) {
    for (const auto& binding : instance.inputs) {
      for (const auto& source : binding.sources) {
        INFO(instance.name << " needs " << source.instance);
        CHECK((source.instance.empty() || seen.contains(source.instance)));
      }
    }
    CHECK(seen.insert(instance.name).second);
  }
}

TEST_CASE("instances are selected by name, stage or prefix") {
  const StudyFixture fixture;
  const auto graph = graph_of(fixture);
  CHECK(select(graph, fixture.registry(), {{"train.covered"}, {}}) ==
        std::vector<std::string>{"train.covered.s1"});
  CHECK(select(graph, fixture.registry(), {{"train"}, {}}).size() == 3);
  CHECK(select(graph, fixture.registry(), {{}, {"pack.covered"}}) ==
        std::vector<std::string>{"phantom", "ingest", "detect", "pack.covered"});
  CHECK(select(graph, fixture.registry(), {}).size() == graph.instances.size());
  CHECK_THROWS_AS(select(graph, fixture.registry(), {{"train.coverd"}, {}}), Error);
  CHECK_THROWS_AS(select(graph, fixture.registry(), {{"trai"}, {}}), Error);
}

TEST_CASE("a build without some stages runs what does not need them") {
  StudyFixture fixture;
  stage::Registry light = test::fake_registry();
  std::erase_if(light.stages, [](const auto& s) {
    return s.info.name == "train" || s.info.name == "predict" || s.info.name == "gradcam";
  });
  light.absent = {"train", "predict", "gradcam"};
  light.absent_reason = "this build has no LibTorch";
  const auto study = load_study(fixture.config(), light, {"train.epochs=3", "gradcam={}"});
  const auto graph = build_graph(study, light);
  CHECK(graph.require("train.covered.s1").stage == nullptr);
  CHECK(select(graph, light, {{}, {"pack"}}).size() == 6);
  try {
    static_cast<void>(select(graph, light, {}));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::environment);
  }
}

TEST_CASE("the schema names every section, and the reference every option") {
  const auto registry = test::fake_registry();
  const Json schema = study_schema(registry);
  CHECK(schema.at("additionalProperties") == false);
  CHECK(schema.at("properties").at("train").at("properties").contains("epochs"));
  CHECK_FALSE(schema.at("properties").at("train").at("properties").contains("seed"));
  CHECK_FALSE(schema.at("properties").at("pack").at("properties").contains("pad"));
  CHECK(schema.at("properties").at("gradcam").contains("anyOf"));
  CHECK(
      schema.at("properties").at("train").at("properties").at("inputs").at("properties").contains("weights"));
  const std::string reference = study_reference(registry);
  CHECK(reference.find("## train\n") != std::string::npos);
  CHECK(reference.find("| `lr` | 0..10 | `0.001` | learning rate |") != std::string::npos);
  CHECK(study_schema(test::fake_registry()) == schema);
  CHECK(study_reference(test::fake_registry()) == reference);
}
