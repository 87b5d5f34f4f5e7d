// Training: weighted binary cross entropy, checkpoints that resume to the bit, the best epoch kept. No torch
// in this header.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/nn/augment.hpp"
#include "tagconf/nn/loader.hpp"
#include "tagconf/nn/model.hpp"
#include "tagconf/nn/schedule.hpp"

namespace tagconf::nn {

// adam couples weight decay to the gradient (L2), adamw decays the weights (Loshchilov & Hutter, ICLR 2019).
enum class OptimizerKind { adam, adamw, sgd };
// Which epoch's weights are kept: highest validation AUC (ties: lower loss), lowest validation loss, the
// last.
enum class Select { auc, loss, last };

}  // namespace tagconf::nn

template <>
struct tagconf::EnumNames<tagconf::nn::OptimizerKind> {
  using O = tagconf::nn::OptimizerKind;
  static constexpr std::array kNames{std::pair{O::adam, "adam"}, std::pair{O::adamw, "adamw"},
                                     std::pair{O::sgd, "sgd"}};
};

template <>
struct tagconf::EnumNames<tagconf::nn::Select> {
  using S = tagconf::nn::Select;
  static constexpr std::array kNames{std::pair{S::auc, "auc"}, std::pair{S::loss, "loss"},
                                     std::pair{S::last, "last"}};
};

namespace tagconf::nn {

struct OptimizerOptions {
  OptimizerKind kind = OptimizerKind::adam;
  double weight_decay = 0;
  double momentum = 0.9;  // sgd
  bool nesterov = false;  // sgd
  double clip_norm = 0;   // gradients are scaled down to this L2 norm; 0 = never
};

struct TrainOptions {
  std::uint64_t seed = 1;
  int epochs = 20;
  int batch = 16;
  OptimizerOptions optimizer;
  double rate = 1e-4;
  double min_rate = 0;
  Schedule schedule = Schedule::cosine;
  double warmup_epochs = 0;  // linear, from a tenth
  int plateau_patience = 2;
  double plateau_factor = 0.1;
  std::optional<double> pos_weight;  // weight of label 1 in the loss; empty = normal / abnormal images
  Select select = Select::auc;
  int patience = 0;  // epochs without a better one before stopping; 0 = never
  AugmentOptions augment;
  int workers = 1;  // loader threads; no effect on results
  // Counts images that augmentation moves out of the frame: for pictures that hold tags and nothing else. No
  // effect on the weights.
  bool count_moved_out = false;
};

struct TrainingData {
  const NpyMap& pixels;  // N x S x S
  std::vector<LabelledImage> train;
  std::vector<LabelledImage> valid;  // may be empty when the last epoch is kept
};

struct EpochRecord {
  int epoch = 0;  // from 1
  double train_loss = 0;
  std::optional<double> valid_loss;
  std::optional<double> valid_auc;
  double rate = 0;  // at the epoch's last step
  // Training images that lost more than half of their grey beyond the frame; empty where that is not counted.
  std::optional<std::size_t> moved_out;
};

struct TrainProgress {
  int epoch = 0;                // from 1
  std::size_t images_done = 0;  // training images over all epochs
  std::size_t images_total = 0;
  double loss = 0;  // mean of the epoch so far
  std::optional<EpochRecord> last;
  std::optional<EpochRecord> best;
};

// What a training asks of its surroundings.
struct TrainHooks {
  // Area under the ROC curve; empty when it cannot be estimated.
  std::function<std::optional<double>(std::span<const int> labels, std::span<const double> scores)> auc;
  std::function<bool()> stop_requested;
  std::function<bool()> checkpoint_due;                // asked after every step: true keeps the state now
  std::function<void(const TrainProgress&)> progress;  // after every step
  std::function<void(const EpochRecord&)> epoch_done;  // on resuming, also for the epochs before
};

struct TrainResult {
  std::vector<EpochRecord> epochs;
  int best_epoch = 0;
  double pos_weight = 1;
  std::int64_t steps = 0;
  bool stopped_early = false;
  std::string draws_digest;  // SHA-256 over the epochs' orders and draws: equal in matched trainings
};

// Trains `model` (already `use`d); it ends with the weights of the kept epoch. With a checkpoint folder,
// state is kept there after every epoch, when one is due and when a stop is requested, and a training found
// there goes on where it stopped: on one machine with the same thread count the final weights are the same to
// the bit, wherever it was stopped or killed. Two checkpoints are kept; the one before serves where the
// newest cannot be read. `start` names where the weights came from; a checkpoint of another start, of other
// options or other images is left aside with a warning.
//
// Errors: input (too few images, labels of one kind), failed (a loss or a weight that is not finite: step,
// images and the last good checkpoint named), environment (a checkpoint cannot be written; the one before
// serves), incomplete (stopped).
TrainResult train(Model& model, const TrainingData& data, const TrainOptions& options,
                  const std::string& start, const TrainHooks& hooks,
                  const std::filesystem::path& checkpoint_folder);

// Mean of w (log(1 + e^z) - z y ...): binary cross entropy of logits in float64, label 1 weighted.
[[nodiscard]] double weighted_loss(std::span<const int> labels, std::span<const double> logits,
                                   double pos_weight);

}  // namespace tagconf::nn
