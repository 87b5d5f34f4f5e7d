// What is still to be made, guessed before it is made: time from what `tagconf bench` measured on this
// machine, disk from the images' number and size. Only trainings, predictions and packs are guessed, and only
// once the cohort's manifest is there: the rest takes minutes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/pipeline/plan.hpp"

namespace tagconf::app {

struct Guess {
  std::optional<double> seconds;
  std::optional<std::uint64_t> bytes;  // of the outputs
};

// One row of bench's table.
struct SpeedRow {
  std::string work;  // train, predict
  int size = 0;
  int batch = 0;
  std::string dtype;
  double images_per_s = 0;
};

struct SpeedTable {
  std::vector<SpeedRow> rows;
  int threads = 0;
  std::string device;

  // Images a second: the row of this work and dtype whose batch is nearest, then whose size is, scaled by the
  // number of pixels. Empty when nothing was measured for them.
  [[nodiscard]] std::optional<double> speed(const std::string& work, int size, int batch,
                                            const std::string& dtype) const;
};

// Error input naming the file: it is not what `tagconf bench --out FILE` writes.
[[nodiscard]] SpeedTable read_speeds(const std::filesystem::path& file);

// By instance; those that cannot be guessed are left out. `speeds` may be null.
[[nodiscard]] std::map<std::string, Guess> estimate(const pipeline::Graph& graph,
                                                    const std::vector<pipeline::Decision>& decisions,
                                                    const SpeedTable* speeds);

}  // namespace tagconf::app
