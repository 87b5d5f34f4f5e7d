// Training the tag finder's network, shared by train-finder and adapt: where crops come from, rounds, resume.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "checkpoint_timer.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/nn/compute.hpp"
#include "tagconf/stage/stage.hpp"
#include "tagconf/tags/self_label.hpp"

namespace tagconf::stages {

// To get used to a cohort.
inline constexpr int kAdaptSteps = 1500;
inline constexpr double kAdaptRate = 2e-3;
inline constexpr double kAdaptGamma = 1;
inline constexpr double kAdaptBlend = 0.5;

// What a finder takes of its own answers on a cohort that it gets used to: it looks as it does when it is
// used, and what it half believes it leaves open, or a mark that it nearly misses would be unlearned.
[[nodiscard]] tags::SelfLabelOptions adapting_labels();

struct FinderTrainingPlan {
  std::uint64_t seed = 1;
  int steps = 0;
  int batch = 16;
  double rate = 0;
  double focal_gamma = 0;
  double blend = 1;  // how far the finder goes from where training starts to where it ends; below 1 only from
                     // weights
  int self_steps = 0;  // further ones, in which the finder trained so far labels the backgrounds
  int phantom_images = 600;
  double phantom_share = 0.5;
  tags::SelfLabelOptions labels;
  nn::Compute compute;
  double checkpoint_minutes = kCheckpointMinutes;
  std::size_t most_images = 0;                   // used of each input, spread evenly; 0 = all
  std::optional<std::filesystem::path> weights;  // to start from
  bool from_shipped = false;                     // start from the program's own, where no weights are given
  std::optional<std::filesystem::path> backgrounds;  // manifest, folder or image, without labels
  std::optional<std::filesystem::path> adapt;  // the same; labelled by the finder that training starts from
  std::filesystem::path refused;               // gets all images that cannot be read when they are too many
};

// Writes the weights to `out`, with the record of what was trained on what in the file's metadata, and
// returns that record. Checkpoints are kept in `partial`; a training found there goes on to the same bits.
Json train_finder_by(const FinderTrainingPlan& plan, const std::filesystem::path& out,
                     const std::filesystem::path& partial, const stage::Context& context);

// The weights, or the program's own, as they are.
void copy_finder(const std::optional<std::filesystem::path>& weights, const std::filesystem::path& out);

}  // namespace tagconf::stages
