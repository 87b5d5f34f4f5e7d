// plan's guesses of time and disk, against sums done by hand.
#include "catch.hpp"
#include "estimate.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

using namespace tagconf;
using namespace tagconf::app;
using pipeline::Decision;
using pipeline::State;
using test::ScratchFolder;

namespace {

const char* kBench = R"({"schema": "tagconf.bench/1", "machine": {"threads": 2, "device": "cpu"}, "cases": [
  {"work": "train", "size": 224, "batch": 16, "dtype": "fp32", "images_per_s": 8},
  {"work": "train", "size": 224, "batch": 1, "dtype": "fp32", "images_per_s": 2},
  {"work": "train", "size": 320, "batch": 16, "dtype": "fp32", "images_per_s": 4},
  {"work": "train", "size": 320, "batch": 16, "dtype": "bf16", "skipped": "needs about 9.1 GB of memory"},
  {"work": "predict", "size": 224, "batch": 16, "dtype": "fp32", "images_per_s": 40}]})";

SpeedTable bench(const ScratchFolder& scratch) {
  write_text(scratch / "bench.json", kBench);
  return read_speeds(scratch / "bench.json");
}

pipeline::Instance instance(const std::string& name, const std::string& stage, Json options,
                            const std::string& port = "", const std::string& from = "") {
  pipeline::Instance out;
  out.name = name;
  out.stage_name = stage;
  out.options = std::move(options);
  if (!from.empty()) out.inputs.push_back({port, {{"", from, port, {}, ""}}});
  return out;
}

pipeline::Graph small_graph(int size) {
  return {{instance("ingest", "ingest", Json::object()),
           instance("pack.covered", "pack", {{"size", size}, {"bits", 16}}, "images", "ingest"),
           instance("train.covered.s1", "train", {{"epochs", 3}, {"batch", 16}}, "pack", "pack.covered"),
           instance("predict.covered.s1", "predict", {{"split", "test"}}, "images", "pack.covered"),
           instance("report", "report", Json::object())}};
}

// ingest is there: 4 training, 2 validation and 1 test images.
std::vector<Decision> decisions(const ScratchFolder& scratch) {
  std::string rows = "image_id,path,split,label\n";
  int n = 0;
  for (const auto& [split, count] : {std::pair{"train", 4}, {"valid", 2}, {"test", 1}}) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "i" + std::to_string(n++);
      rows += id + "," + id + ".png," + split + ",0\n";
    }
  }
  write_text(scratch / "manifest.csv", rows);
  std::vector<Decision> out;
  for (const char* name : {"ingest", "pack.covered", "train.covered.s1", "predict.covered.s1", "report"}) {
    Decision d;
    d.instance = name;
    d.parts = Json::object();
    out.push_back(d);
  }
  out[0].state = State::cached;
  out[0].outputs["manifest"] = scratch / "manifest.csv";
  out[2].parts["facts"] = {{"precision", "fp32"}};
  return out;
}

}  // namespace

TEST_CASE("training time is epochs times images over bench's speeds; a pack's size is its pixels'") {
  const ScratchFolder scratch;
  const auto speeds = bench(scratch);
  const auto guesses = estimate(small_graph(224), decisions(scratch), &speeds);
  CHECK(*guesses.at("train.covered.s1").seconds == Approx(3 * (4 / 8.0 + 2 / 40.0)));
  CHECK(*guesses.at("train.covered.s1").bytes == 28'154'116);
  CHECK(*guesses.at("predict.covered.s1").seconds == Approx(1 / 40.0));
  CHECK(*guesses.at("pack.covered").bytes == 7 * 224 * 224 * 2);
  CHECK_FALSE(guesses.at("pack.covered").seconds);
  CHECK(guesses.count("ingest") == 0);
  CHECK(guesses.count("report") == 0);
}

TEST_CASE("sizes that were not measured are scaled by their pixels, dtypes are not taken for one another") {
  const ScratchFolder scratch;
  const auto speeds = bench(scratch);
  CHECK(*speeds.speed("train", 640, 16, "fp32") == Approx(1));
  CHECK(*speeds.speed("train", 224, 12, "fp32") == Approx(8));
  CHECK(*speeds.speed("train", 224, 2, "fp32") == Approx(2));
  CHECK_FALSE(speeds.speed("train", 320, 16, "bf16"));
  auto in_bf16 = decisions(scratch);
  in_bf16[2].parts["facts"]["precision"] = "bf16";
  CHECK_FALSE(estimate(small_graph(224), in_bf16, &speeds).at("train.covered.s1").seconds);
}

TEST_CASE("without bench's table only disk is guessed, without the manifest nothing") {
  const ScratchFolder scratch;
  auto known = decisions(scratch);
  const auto guesses = estimate(small_graph(32), known, nullptr);
  CHECK_FALSE(guesses.at("train.covered.s1").seconds);
  CHECK(*guesses.at("pack.covered").bytes == 7 * 32 * 32 * 2);
  known[0].outputs.clear();
  CHECK(estimate(small_graph(32), known, nullptr).empty());
}

TEST_CASE("a file that is no table of bench is refused by name") {
  const ScratchFolder scratch;
  for (const char* text : {"{}", "[]", R"({"schema": "tagconf.bench/2"})",
                           R"({"schema": "tagconf.bench/1", "machine": {"threads": "two"}})"}) {
    write_text(scratch / "other.json", text);
    try {
      (void)read_speeds(scratch / "other.json");
      FAIL("accepted: " << text);
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
      CHECK(std::string(error.what()).find("other.json") != std::string::npos);
    }
  }
}
