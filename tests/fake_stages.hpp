// Small stages under the real names and ports, so that pipeline and command line are tested without images or
// a network. What a stage writes depends on its options and on the bytes of its inputs, and on nothing else.
#pragma once

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <map>
#include <new>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/sample.hpp"
#include "tagconf/options/apply.hpp"
#include "tagconf/stage/registry.hpp"

namespace tagconf::test {

enum class Misbehave { none, bug, memory, diverge, wait, deaf, full_disk };

}  // namespace tagconf::test

template <>
struct tagconf::EnumNames<tagconf::test::Misbehave> {
  static constexpr std::array kNames{std::pair{tagconf::test::Misbehave::none, "none"},
                                     std::pair{tagconf::test::Misbehave::bug, "bug"},
                                     std::pair{tagconf::test::Misbehave::memory, "memory"},
                                     std::pair{tagconf::test::Misbehave::diverge, "diverge"},
                                     std::pair{tagconf::test::Misbehave::wait, "wait"},
                                     std::pair{tagconf::test::Misbehave::deaf, "deaf"},
                                     std::pair{tagconf::test::Misbehave::full_disk, "full_disk"}};
};

namespace tagconf::test {

// How often each stage ran in this process.
inline std::map<std::string, int>& run_counts() {
  static std::map<std::string, int> counts;
  return counts;
}

// Text that stands for everything a stage works from.
inline std::string digest_of_work(const std::string& stage, const Json& options, const stage::StageIo& io) {
  Json inputs = Json::object();
  for (const auto& [port, files] : io.inputs) {
    for (const auto& file : files) inputs[port].push_back({file.name, sha256_tree(file.path)});
  }
  return sha256_hex(canonical_json({stage, options, inputs}));
}

template <class O>
stage::Summary plain_run(const std::string& stage, const O& options, const stage::StageIo& io,
                         const stage::Context& context) {
  O copy = options;
  const Json values = options::hashed_values(options::bind(copy));
  ++run_counts()[stage];
  const std::string text = digest_of_work(stage, values, io);
  for (const auto& [port, path] : io.outputs) write_text(path, port + " " + text + "\n");
  context.progress->update(1, 1, "files", "");
  return {{"digest", text}};
}

struct PhantomOptions {
  std::uint64_t seed = 1;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::field<std::uint64_t>("seed", "seed of the cohort"), seed);
  }
};
inline stage::Summary run_phantom(const PhantomOptions& o, const stage::StageIo& io,
                                  const stage::Context& c) {
  ++run_counts()["phantom"];
  const std::string text = std::to_string(o.seed);
  write_text(io.output("cohort") / "train.csv", "image " + text + "\n");
  write_text(io.output("cohort") / "films" / "one.png", "pixels " + text + "\n");
  write_text(io.output("truth") / "truth.json", "{\"seed\": " + text + "}\n");
  c.progress->update(2, 2, "images", "");
  return {{"images", 2}};
}

struct IngestOptions {
  std::string reader = "mura";
  double valid_fraction = 0.1;
  int threads = 0;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::field<std::string>("reader", "what the source is"), reader);
    v(options::within(options::field<double>("valid_fraction", "share set aside"), 0, 0.5), valid_fraction);
    v(options::unhashed(options::field<int>("threads", "worker threads")), threads);
  }
};
inline stage::Summary run_ingest(const IngestOptions& o, const stage::StageIo& io, const stage::Context& c) {
  return plain_run("ingest", o, io, c);
}

struct AdaptOptions {
  int steps = 10;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::field<int>("steps", "steps of training"), steps);
  }
};
inline stage::Summary run_adapt(const AdaptOptions& o, const stage::StageIo& io, const stage::Context&) {
  ++run_counts()["adapt"];
  write_text(io.output("weights"), digest_of_work("adapt", {{"steps", o.steps}}, io) + "\n");
  return Json::object();
}

// detect finds the same tags whatever `effort` is, as long as `missed` is the same: for early cut-off.
struct DetectOptions {
  int effort = 1;
  int missed = 0;
  std::string finder = "auto";
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::within(options::field<int>("effort", "how hard it looks"), 1, 9), effort);
    v(options::field<int>("missed", "tags not found"), missed);
    v(options::field<std::string>("finder", "how it looks"), finder);
  }
};
inline stage::Summary run_detect(const DetectOptions& o, const stage::StageIo& io, const stage::Context& c) {
  ++run_counts()["detect"];
  const std::string text = digest_of_work("detect", {{"missed", o.missed}}, io);
  write_text(io.output("tags"), text + "\n");
  write_text(io.output("skipped"), "image_id,reason\n");
  c.progress->update(1, 1, "images", "");
  return {{"missed", o.missed}};
}

struct CoverFields {
  int pad = 4;
  std::string fill = "black";
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::within(options::field<int>("pad", "pixels added on every side of a tag box"), 0, 64), pad);
    v(options::field<std::string>("fill", "grey painted over a tag"), fill);
  }
};
inline stage::Summary run_mask(const CoverFields& o, const stage::StageIo& io, const stage::Context& c) {
  return plain_run("mask", o, io, c);
}

struct PackOptions : CoverFields {
  Arm arm = Arm::original;
  int size = 320;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::per_instance(options::field<Arm>("arm", "what the images show")), arm);
    v(options::within(options::field<int>("size", "side in pixels"), 32, 4096), size);
    CoverFields::describe(v);
  }
};
inline stage::Summary run_pack(const PackOptions& o, const stage::StageIo& io, const stage::Context& c) {
  PackOptions copy = o;
  const auto fields = options::bind(copy);
  ++run_counts()["pack"];
  const std::string text = digest_of_work("pack", options::hashed_values(fields), io);
  write_text(io.output("pack") / "pack.npy", text + "\n");
  write_text(io.output("pack") / "pack.csv", "image_id\n");
  write_text(io.output("skipped"), "image_id,reason\n");
  c.progress->update(1, 1, "images", "");
  return {{"arm", name_of(o.arm)}};
}

// train works in epochs, keeps a checkpoint and stops when asked; `misbehave` makes it fail in its second
// epoch, in one arm or (with `in` empty) in all.
struct TrainOptions {
  std::uint64_t seed = 1;
  int epochs = 3;
  double lr = 0.001;
  Misbehave misbehave = Misbehave::none;
  std::string in;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::per_instance(options::field<std::uint64_t>("seed", "seed of the training")), seed);
    v(options::within(options::field<int>("epochs", "passes over the training images"), 1, 1000), epochs);
    v(options::within(options::field<double>("lr", "learning rate"), 0, 10), lr);
    v(options::unhashed(options::field<Misbehave>("misbehave", "what goes wrong")), misbehave);
    v(options::unhashed(options::field<std::string>("in", "word in the pack's path where it goes wrong")),
      in);
  }
};
inline stage::Summary run_train(const TrainOptions& o, const stage::StageIo& io, const stage::Context& c) {
  ++run_counts()["train"];
  const std::string text =
      digest_of_work("train", {{"seed", o.seed}, {"epochs", o.epochs}, {"lr", o.lr}}, io);
  const auto checkpoint = io.partial / "epoch";
  int start = 0;
  std::error_code error;
  if (!io.partial.empty() && std::filesystem::exists(checkpoint, error))
    start = std::stoi(read_text(checkpoint));
  const bool wrong = o.in.empty() || read_text(io.input("pack") / "pack.npy").find(o.in) != std::string::npos;
  for (int epoch = start; epoch < o.epochs; ++epoch) {
    if (!io.partial.empty()) write_text(checkpoint, std::to_string(epoch));
    if (epoch == 1 && wrong) {
      if (o.misbehave == Misbehave::bug) throw std::logic_error("an index is out of place");
      if (o.misbehave == Misbehave::memory) throw std::bad_alloc();
      if (o.misbehave == Misbehave::diverge)
        throw Error(ErrorCode::failed, "loss is not finite in epoch 2", "lower lr");
      if (o.misbehave == Misbehave::full_disk) {
        throw std::system_error(ENOSPC, std::generic_category(), "model.safetensors");
      }
      while (o.misbehave == Misbehave::deaf) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      while (o.misbehave == Misbehave::wait && !c.stop_requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    if (c.stop_requested && c.stop_requested())
      throw Error(ErrorCode::incomplete, "stopped after a checkpoint", "run again");
    c.progress->update(static_cast<std::size_t>(epoch) + 1, static_cast<std::size_t>(o.epochs), "epochs", "");
  }
  write_text(io.output("model"), "model " + text + "\n");
  write_text(io.output("epochs"), "epochs " + text + "\n");
  return {{"started_at", start}};
}

struct PredictOptions {
  int batch = 8;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::unhashed(options::field<int>("batch", "images at once")), batch);
  }
};
inline stage::Summary run_predict(const PredictOptions& o, const stage::StageIo& io,
                                  const stage::Context& c) {
  return plain_run("predict", o, io, c);
}

struct EvaluateOptions {
  int bootstrap = 100;
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::field<int>("bootstrap", "replicates"), bootstrap);
  }
};
inline stage::Summary run_evaluate(const EvaluateOptions& o, const stage::StageIo& io,
                                   const stage::Context& c) {
  Json summary = plain_run("evaluate", o, io, c);
  std::string names;
  for (const auto& file : io.many("predictions")) names += (names.empty() ? "" : " ") + file.name;
  summary["names"] = names;
  summary["text"] = "models: " + names + "\n";
  return summary;
}

struct NoOptions {
  template <class Visitor>
  void describe(Visitor&) {}
};
inline stage::Summary run_gradcam(const NoOptions& o, const stage::StageIo& io, const stage::Context& c) {
  return plain_run("gradcam", o, io, c);
}

struct ReportOptions : CoverFields {
  std::string title = "Report";
  template <class Visitor>
  void describe(Visitor& v) {
    v(options::field<std::string>("title", "heading"), title);
    CoverFields::describe(v);
  }
};
inline stage::Summary run_report(const ReportOptions& o, const stage::StageIo& io, const stage::Context& c) {
  return plain_run("report", o, io, c);
}

// The targets file holds the word that decides: match or mismatch.
inline stage::Summary run_verify(const NoOptions& o, const stage::StageIo& io, const stage::Context& c) {
  Json summary = plain_run("verify", o, io, c);
  if (read_text(io.input("targets")).find("mismatch") != std::string::npos) summary["exit"] = 5;
  return summary;
}

inline stage::Registry fake_registry() {
  using stage::make_stage;
  using stage::StageInfo;
  const auto info = [](std::string name, std::vector<stage::InputPort> in,
                       std::vector<stage::OutputPort> out) {
    StageInfo made;
    made.name = name;
    made.summary = "a small " + name;
    made.inputs = std::move(in);
    made.outputs = std::move(out);
    made.examples = {"tagconf " + name + " a --out b", "tagconf " + name + " c --out d --threads 2"};
    return made;
  };
  stage::Registry registry;
  auto& all = registry.stages;
  all.push_back(make_stage<PhantomOptions>(
      info("phantom", {}, {{"cohort", "MURA-v1.1", "images"}, {"truth", "truth", "what is true"}}),
      run_phantom));
  auto ingest =
      info("ingest", {{"source", "a cohort", true, false}},
           {{"manifest", "manifest.csv", "one row an image"}, {"skipped", "skipped.csv", "unusable images"}});
  ingest.inputs[0].missing = "get the cohort as data/README.md says";
  all.push_back(make_stage<IngestOptions>(ingest, run_ingest));
  all.push_back(make_stage<AdaptOptions>(
      info("adapt", {{"images", "manifest", true, false}}, {{"weights", "finder.safetensors", "a finder"}}),
      run_adapt));
  all.push_back(make_stage<DetectOptions>(
      info("detect",
           {{"images", "manifest", true, false},
            {"boxes", "boxes given", false, false},
            {"weights", "a finder", false, false}},
           {{"tags", "tags.csv", "boxes"}, {"skipped", "skipped.csv", "unusable images"}}),
      run_detect));
  all.push_back(make_stage<CoverFields>(
      info("mask", {{"images", "manifest", true, false}, {"tags", "tags.csv", true, false}},
           {{"manifest", "manifest.csv", "covered images"}}),
      run_mask));
  all.push_back(make_stage<PackOptions>(
      info("pack", {{"images", "manifest", true, false}, {"tags", "tags.csv", false, false}},
           {{"pack", "pack", "images of one size"}, {"skipped", "skipped.csv", "unusable images"}}),
      run_pack));
  all.push_back(make_stage<TrainOptions>(
      info("train", {{"pack", "pack", true, false}, {"weights", "first weights", false, false}},
           {{"model", "model.safetensors", "weights"}, {"epochs", "epochs.jsonl", "course"}}),
      run_train));
  all.push_back(make_stage<PredictOptions>(
      info("predict", {{"model", "model", true, false}, {"images", "pack", true, false}},
           {{"predictions", "predictions.csv", "probabilities"}}),
      run_predict));
  auto evaluate = info("evaluate", {{"predictions", "prediction tables", true, true}},
                       {{"results", "results.json", "AUC"}, {"roc", "roc.csv", "curves"}});
  evaluate.answers = true;
  all.push_back(make_stage<EvaluateOptions>(evaluate, run_evaluate));
  all.push_back(make_stage<NoOptions>(
      info("gradcam",
           {{"model", "model", true, false}, {"pack", "pack", true, false}, {"tags", "tags", false, false}},
           {{"cams", "cams.npy", "maps"}, {"table", "cam.csv", "shares"}}),
      run_gradcam));
  auto verify =
      info("verify", {{"results", "results.json", true, false}, {"targets", "targets file", true, false}},
           {{"verdict", "verify.json", "verdict"}});
  verify.answers = true;
  all.push_back(make_stage<NoOptions>(verify, run_verify));
  all.push_back(make_stage<ReportOptions>(info("report",
                                               {{"results", "results.json", true, false},
                                                {"roc", "roc.csv", false, false},
                                                {"tags", "tags.csv", false, false},
                                                {"epochs", "course of training", false, true},
                                                {"cams", "folders of gradcam", false, true},
                                                {"verdict", "verdict", false, false}},
                                               {{"report", "report.html", "the report"}}),
                                          run_report));
  return registry;
}

}  // namespace tagconf::test
