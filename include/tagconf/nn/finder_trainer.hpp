// Training the tag finder on examples that are made as they are needed: example i is always the same, so that
// a training is a function of its options and of where the examples come from. No torch in this header.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tagconf/nn/finder.hpp"

namespace tagconf::nn {

// A square picture and what a finder should say of it.
struct FinderExample {
  std::vector<float> grey;           // side x side, 0 to 1
  std::vector<std::uint8_t> inside;  // side x side, 1 inside the picture
  std::vector<float> target;         // (side / 4)^2, 1 on tags
  std::vector<float> weight;         // (side / 4)^2, 0 where no loss is taken
};

// Called from several threads at a time.
using FinderExamples = std::function<FinderExample(std::uint64_t index)>;

struct FinderTrainOptions {
  int steps = 8000;
  int batch = 16;
  double rate = 3e-3;
  int warmup_steps = 100;
  double weight_decay = 1e-3;
  double clip_norm = 5;
  double focal_gamma = 2;    // Lin et al., "Focal Loss", ICCV 2017; 0 = plain cross entropy
  double dice_weight = 0.5;  // Milletari et al., "V-Net", 3DV 2016
  double averaging = 0.995;  // of the weights over steps (exponential); the average is what is kept
  std::uint64_t first_example = 0;
};

struct FinderTrainHooks {
  std::function<bool()> stop_requested;
  std::function<bool()> checkpoint_due;                 // asked after every step: true keeps the state now
  std::function<void(int step, double loss)> progress;  // after every step; mean of the last 100 losses
};

// `side`: of the examples, a multiple of 32. AdamW, linear warm-up, cosine to 0. `net` ends with the averaged
// weights. `compute` is resolved: bf16 multiplies in 16 bits, the weights stay fp32. With a checkpoint folder
// the state is kept there when one is due and when a stop is requested; a training found there goes on, to
// the same bits with the same number of threads. `start` names where weights and examples came from; a
// checkpoint of another start or other options is left aside with a warning. Returns the mean loss of the
// last 100 steps. Errors: failed (a loss or weight that is not finite), environment (a checkpoint cannot be
// written), incomplete (stopped).
double train_finder(FinderNet& net, const FinderExamples& examples, int side,
                    const FinderTrainOptions& options, const std::string& start, const Compute& compute,
                    const FinderTrainHooks& hooks, const std::filesystem::path& checkpoint_folder);

}  // namespace tagconf::nn
