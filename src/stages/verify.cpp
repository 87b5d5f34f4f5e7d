// tagconf verify: results held against published numbers, each with its tolerance.
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/report/verdict.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {

// Everything that decides stands in the targets file.
struct VerifyOptions {
  template <class Visitor>
  void describe(Visitor&) {}
};

stage::StageInfo verify_info() {
  stage::StageInfo info;
  info.name = "verify";
  info.version = 2;
  info.answers = true;
  info.summary = "hold results against targets; outside a tolerance the exit code is 5";
  info.inputs = {
      {"results", "results.json of evaluate", true, false},
      {"targets", "targets file: names, values, tolerances", true, false},
      {"truth", "the phantom's truth folder or truth.json, for targets that refer to it", false, false}};
  info.outputs = {{"verdict", "verify.json", "every target with what was expected and found"}};
  info.examples = {"tagconf verify results.json --targets configs/targets/ajr2022.json",
                   "tagconf verify runs/demo/results.json --targets my_targets.json --out verify.json"};
  return info;
}

// The JSON and its name for messages; null when the port was not given.
std::pair<Json, std::string> read_truth(const stage::StageIo& io) {
  if (!io.has("truth")) return {nullptr, ""};
  std::filesystem::path path = io.input("truth");
  if (std::filesystem::is_directory(path)) path /= "truth.json";
  return {parse_json(read_text(path), path.filename().string()), path.filename().string()};
}

stage::Summary run_verify(const VerifyOptions&, const stage::StageIo& io, const stage::Context& context) {
  // Targets first: a slip in them is told before anything else is looked at.
  const report::Targets targets = report::read_targets(io.input("targets"));
  const report::Results results = report::read_results(io.input("results"));
  const auto [truth, truth_source] = read_truth(io);
  const report::Verdict verdict = report::judge(results, targets, truth, truth_source);
  write_text(io.output("verdict"), pretty_json(report::to_json(verdict)));
  context.progress->update(verdict.rows.size(), verdict.rows.size(), "targets", "");
  stage::Summary summary{{"state", verdict.match() ? "match" : "mismatch"},
                         {"judged", verdict.judged()},
                         {"passed", verdict.passed()},
                         {"text", report::verdict_table(verdict)}};
  // The verdict is an output like any other and must be kept: the exit code is told, not thrown.
  if (!verdict.match()) summary["exit"] = static_cast<int>(ErrorCode::mismatch);
  return summary;
}

}  // namespace

stage::Stage verify() {
  return stage::make_stage<VerifyOptions>(verify_info(), run_verify);
}

}  // namespace tagconf::stages
