#include "estimate.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/sample.hpp"

namespace tagconf::app {
using pipeline::Decision;
using pipeline::State;
namespace {

// DenseNet-121 with one output: 6,954,881 weights and 83,648 statistics of 32 bits.
constexpr std::uint64_t kModelBytes = 4ULL * (6'954'881 + 83'648);
constexpr int kPredictBatch = 16;
constexpr const char* kSchema = "tagconf.bench/1";

struct Counts {
  std::array<std::size_t, 4> by_split{};  // in the order of Split
  std::size_t all = 0;

  [[nodiscard]] std::size_t of(Split split) const { return by_split.at(static_cast<std::size_t>(split)); }
};

// Of the cohort, once its manifest is there.
std::optional<Counts> count_images(const std::vector<Decision>& decisions) {
  for (const auto& decision : decisions) {
    const auto manifest = decision.outputs.find("manifest");
    if (decision.instance != "ingest" || manifest == decision.outputs.end()) continue;
    Counts counts;
    const CsvTable table = read_csv(manifest->second);
    const auto column = table.find("split");
    counts.all = table.rows();
    for (std::size_t row = 0; column && row < table.rows(); ++row) {
      const auto split = value_of<Split>(table.at(row, *column));
      if (split) ++counts.by_split.at(static_cast<std::size_t>(*split));
    }
    return counts;
  }
  return std::nullopt;
}

// The instance of that stage that one of the inputs comes from; null when there is none.
const pipeline::Instance* upstream(const pipeline::Graph& graph, const pipeline::Instance& instance,
                                   const std::string& stage) {
  for (const auto& binding : instance.inputs) {
    for (const auto& source : binding.sources) {
      const auto* from = graph.find(source.instance);
      if (from != nullptr && from->stage_name == stage) return from;
    }
  }
  return nullptr;
}

std::string dtype_of(const Decision& decision) {
  const auto facts = decision.parts.find("facts");
  return facts == decision.parts.end() ? "fp32" : facts->value("precision", "fp32");
}

std::uint64_t pack_bytes(const pipeline::Instance& pack, std::size_t images) {
  const auto side = pack.options.value("size", std::uint64_t{0});
  const auto bytes = pack.options.value("bits", 16) > 8 ? 2U : 1U;
  return images * side * side * bytes;
}

std::optional<double> training_seconds(const pipeline::Instance& train, int size, const std::string& dtype,
                                       const Counts& counts, const SpeedTable& speeds) {
  const int batch = train.options.value("batch", kPredictBatch);
  const auto forth = speeds.speed("train", size, batch, dtype);
  const auto only_look = speeds.speed("predict", size, batch, dtype);
  if (!forth || !only_look) return std::nullopt;
  const auto images = [&](Split split) { return static_cast<double>(counts.of(split)); };
  return train.options.value("epochs", 0.0) *
         (images(Split::train) / *forth + images(Split::valid) / *only_look);
}

std::optional<double> prediction_seconds(const pipeline::Instance& predict, int size,
                                         const std::string& dtype, const Counts& counts,
                                         const SpeedTable& speeds) {
  const auto speed = speeds.speed("predict", size, kPredictBatch, dtype);
  if (!speed) return std::nullopt;
  const auto split = value_of<Split>(predict.options.value("split", "all"));
  return static_cast<double>(split ? counts.of(*split) : counts.all) / *speed;
}

Guess guess(const pipeline::Graph& graph, const pipeline::Instance& instance, const Decision& decision,
            const Counts& counts, const SpeedTable* speeds) {
  Guess out;
  if (instance.stage_name == "pack") out.bytes = pack_bytes(instance, counts.all);
  if (instance.stage_name == "train") out.bytes = kModelBytes;
  const auto* pack = upstream(graph, instance, "pack");
  if (speeds == nullptr || pack == nullptr) return out;
  const int size = pack->options.value("size", 0);
  if (size <= 0) return out;
  const std::string dtype = dtype_of(decision);
  if (instance.stage_name == "train") out.seconds = training_seconds(instance, size, dtype, counts, *speeds);
  if (instance.stage_name == "predict")
    out.seconds = prediction_seconds(instance, size, dtype, counts, *speeds);
  return out;
}

SpeedRow speed_row(const Json& row) {
  return {row.at("work").get<std::string>(), row.at("size").get<int>(), row.at("batch").get<int>(),
          row.at("dtype").get<std::string>(), row.at("images_per_s").get<double>()};
}

}  // namespace

std::optional<double> SpeedTable::speed(const std::string& work, int size, int batch,
                                        const std::string& dtype) const {
  const SpeedRow* best = nullptr;
  const auto distance = [&](const SpeedRow& row) {
    return std::pair(std::abs(std::log(static_cast<double>(row.batch) / batch)), std::abs(row.size - size));
  };
  for (const auto& row : rows) {
    if (row.work != work || row.dtype != dtype || row.images_per_s <= 0) continue;
    if (best == nullptr || distance(row) < distance(*best)) best = &row;
  }
  if (best == nullptr) return std::nullopt;
  const double side = static_cast<double>(best->size) / size;
  return best->images_per_s * side * side;
}

SpeedTable read_speeds(const std::filesystem::path& file) {
  const Json json = parse_json(read_text(file), file.string());
  try {
    SpeedTable out;
    if (json.at("schema") != kSchema) throw std::invalid_argument("another schema");
    out.threads = json.at("machine").at("threads").get<int>();
    out.device = json.at("machine").at("device").get<std::string>();
    for (const Json& row : json.at("cases")) {
      if (row.contains("images_per_s")) out.rows.push_back(speed_row(row));
    }
    return out;
  } catch (const std::exception&) {
    throw_input(file.string() + ": is no table of bench",
                "make it with tagconf bench --out " + file.string());
  }
}

std::map<std::string, Guess> estimate(const pipeline::Graph& graph, const std::vector<Decision>& decisions,
                                      const SpeedTable* speeds) {
  std::map<std::string, Guess> out;
  const auto counts = count_images(decisions);
  if (!counts) return out;
  for (const auto& decision : decisions) {
    if (decision.state == State::cached) continue;
    const auto* instance = graph.find(decision.instance);
    if (instance == nullptr) continue;
    const Guess one = guess(graph, *instance, decision, *counts, speeds);
    if (one.seconds || one.bytes) out.emplace(decision.instance, one);
  }
  return out;
}

}  // namespace tagconf::app
