// bench: how fast this machine trains, predicts and makes batches ready, and what memory that takes.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "commands.hpp"
#include "failure.hpp"
#include "signals.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory.hpp"
#include "tagconf/options/bind.hpp"
#include "temporary_folder.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;
namespace {

struct BenchOptions {
  double seconds = 1;
  std::vector<std::string> work{"train", "predict"};
  std::vector<int> sizes{224, 320};
  std::vector<int> batches{1, 16};
  std::vector<std::string> dtypes{"fp32", "bf16"};

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::within;
    v(within(field<double>("seconds", "least time a case is measured for, after one step to warm up"), 0,
             86400),
      seconds);
    v(field<std::vector<std::string>>("work", "train, predict"), work);
    v(within(field<std::vector<int>>("sizes", "sides of the images, multiples of 32"), 32, 4096), sizes);
    v(within(field<std::vector<int>>("batches", "images at a time"), 1, 4096), batches);
    v(field<std::vector<std::string>>("dtypes", "fp32, bf16 or auto"), dtypes);
  }
};

std::string processor_model() {
  std::ifstream in("/proc/cpuinfo");
  for (std::string line; std::getline(in, line);) {
    const auto colon = line.find(": ");
    if (line.starts_with("model name") && colon != std::string::npos) return line.substr(colon + 2);
  }
  return "unknown";
}

Json machine_facts(const CommonOptions& common, const stage::Registry& registry) {
  Json facts{{"tagconf", version_text()},
             {"processor", processor_model()},
             {"device", common.device},
             {"threads", resolve_thread_count(common)}};
  for (const auto& [name, text] : registry.libraries) facts["libraries"][name] = text;
  return facts;
}

std::string text_of(const Json& result) {
  const Json& machine = result["machine"];
  std::string out = fmt::format("{}, {} threads, {}", machine["processor"].get<std::string>(),
                                machine["threads"].get<int>(), machine["device"].get<std::string>());
  for (const auto& [name, version] : machine["libraries"].items())
    out += fmt::format(", {} {}", name, version.get<std::string>());
  out += fmt::format(
      "\none step to warm up, then {} s and at least two steps a case: a rough guide, steadier with more "
      "--seconds\n\n"
      "{:<8} {:>5} {:>6} {:>6} {:>10} {:>9}\n",
      result["seconds"].get<double>(), "work", "size", "batch", "dtype", "images/s", "peak MB");
  for (const Json& row : result["cases"]) {
    out += fmt::format("{:<8} {:>5} {:>6} {:>6} ", row["work"].get<std::string>(), row["size"].get<int>(),
                       row["batch"].get<int>(), row["dtype"].get<std::string>());
    if (row.contains("skipped")) {
      out += row["skipped"].get<std::string>() + "\n";
      continue;
    }
    const Json& peak = row["peak_mb"];
    out += fmt::format("{:>10.2f} {:>9}\n", row["images_per_s"].get<double>(),
                       peak.is_null() ? "unknown" : fmt::format("{:.0f}", peak.get<double>()));
  }
  out += "\nloader, one thread, with flips and rotations\n";
  for (const Json& row : result["loader"]) {
    out += fmt::format("{:>14} {:.0f} images/s", row["size"].get<int>(), row["images_per_s"].get<double>());
    for (const auto& [dtype, times] : row["times_training"].items())
      out += fmt::format(", {:.0f} x {} training", times.get<double>(), dtype);
    out += "\n";
  }
  return out;
}

}  // namespace

CommandLine bench_line() {
  CommandLine line("bench", "how fast this machine trains and predicts, and what memory that takes");
  line.example("tagconf bench");
  line.example("tagconf bench --out cache/bench.json");
  line.example("tagconf bench --seconds 10 --sizes 320 --dtypes bf16 --json");
  BenchOptions defaults;
  line.fields(options::bind(defaults), "options", false);
  line.flag(
      {.name = "--out",
       .form = "FILE",
       .help = "write the table as JSON, too: as cache/bench.json it tells `plan` how long trainings take",
       .group = "options"});
  add_common_flags(line);
  return line;
}

int bench_command(const Call& call) {
  auto line = bench_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  const auto common = read_common_flags(line);
  BenchOptions options;
  apply_flags(line, options::bind(options));
  if (!call.registry.bench) call.registry.fail_absent("bench");
  const TemporaryFolder scratch;
  const auto progress = make_progress(common, "bench");
  stage::BenchRequest request;
  request.seconds = options.seconds;
  request.work = options.work;
  request.sizes = options.sizes;
  request.batches = options.batches;
  request.dtypes = options.dtypes;
  request.device = common.device;
  request.threads = common.threads;
  request.memory = available_memory();
  request.scratch = scratch.path();
  request.stop_requested = stop_requested;
  request.progress = [&](std::size_t done, std::size_t total) { progress->update(done, total, "cases", ""); };
  Json result = call.registry.bench(request);
  result["schema"] = "tagconf.bench/1";
  result["machine"] = machine_facts(common, call.registry);
  result["seconds"] = options.seconds;
  if (line.has("--out")) write_text(line.text("--out"), canonical_json(result) + "\n");
  print(common.json ? canonical_json(result) + "\n" : text_of(result));
  return 0;
}

}  // namespace tagconf::app
