#include "tagconf/nn/finder_trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>

#include "checkpoint.hpp"
#include "finder_net.hpp"
#include "optimizer.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/nn/schedule.hpp"
#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

using torch::Tensor;

constexpr const char* kCheckpointName = "finder";
constexpr std::size_t kRecentLosses = 100;
constexpr double kTagWeight = 1.4;    // of the loss at places with a tag
constexpr double kOtherWeight = 0.6;  // elsewhere
constexpr double kTagsAssumed = 200;  // added to a batch's tagged places, which divide the focal loss
constexpr double kDiceSmoothing = 20;
constexpr double kLeastWrong = 1e-6;
constexpr double kLeastRate = 1e-6;

struct Batch {
  Tensor planes;  // B x kFinderPlanes x side x side, channels last
  Tensor target;  // B x 1 x side/4 x side/4
  Tensor weight;
};

Tensor stacked(const std::vector<std::vector<float>>& items, const std::vector<std::int64_t>& shape) {
  Tensor out = torch::empty(shape, torch::kFloat);
  float* to = out.data_ptr<float>();
  for (const auto& item : items) to = std::copy(item.begin(), item.end(), to);
  return out;
}

Batch make_batch(const FinderExamples& examples, std::uint64_t first, int count, int side, int threads) {
  const auto n = static_cast<std::size_t>(count);
  std::vector<std::vector<float>> planes(n);
  std::vector<std::vector<float>> targets(n);
  std::vector<std::vector<float>> weights(n);
  parallel_for(n, threads, [&](std::size_t i) {
    FinderExample example = examples(first + i);
    planes[i] = finder_planes(example.grey, example.inside, side, side);
    targets[i] = std::move(example.target);
    weights[i] = std::move(example.weight);
  });
  const std::int64_t map = side / kFinderStride;
  return {stacked(planes, {count, kFinderPlanes, side, side}).contiguous(torch::MemoryFormat::ChannelsLast),
          stacked(targets, {count, 1, map, map}), stacked(weights, {count, 1, map, map})};
}

// Focal cross entropy over all places plus soft dice over each picture.
Tensor loss_of(const Tensor& logits, const Batch& batch, const FinderTrainOptions& options) {
  const Tensor& target = batch.target;
  const Tensor entropy = torch::binary_cross_entropy_with_logits(logits, target, {}, {}, at::Reduction::None);
  const Tensor probability = torch::sigmoid(logits);
  const Tensor right = probability * target + (1 - probability) * (1 - target);
  const Tensor share = target * (kTagWeight - kOtherWeight) + kOtherWeight;
  // The power's slope has no bounds at 0 for exponents below 1.
  const Tensor wrong = (1 - right).clamp_min(kLeastWrong);
  const Tensor focal = torch::pow(wrong, options.focal_gamma) * entropy * share * batch.weight;
  const std::vector<std::int64_t> plane{1, 2, 3};
  const Tensor both = (probability * target * batch.weight).sum(plane);
  const Tensor sizes = (probability * batch.weight).sum(plane) + (target * batch.weight).sum(plane);
  const Tensor dice = 1 - (2 * both + kDiceSmoothing) / (sizes + kDiceSmoothing);
  return focal.sum() / (target.sum() + kTagsAssumed) + options.dice_weight * dice.mean();
}

// What must agree for a checkpoint to be this training's.
std::string signature_of(const FinderTrainOptions& options, int side, const std::string& start,
                         const Compute& compute) {
  const Json all{{"start", start},
                 {"side", side},
                 {"steps", options.steps},
                 {"batch", options.batch},
                 {"rate", {options.rate, options.warmup_steps, options.weight_decay, options.clip_norm}},
                 {"loss", {options.focal_gamma, options.dice_weight}},
                 {"averaging", options.averaging},
                 {"first_example", options.first_example},
                 {"precision", name_of(compute.precision)}};
  return sha256_hex(canonical_json(all));
}

class FinderTraining {
 public:
  FinderTraining(FinderNet& net, const FinderExamples& examples, int side, const FinderTrainOptions& options,
                 const std::string& start, const Compute& compute, const FinderTrainHooks& hooks,
                 const std::filesystem::path& folder)
      : network_(net.network()),
        examples_(examples),
        side_(side),
        options_(options),
        compute_(compute),
        threads_(compute.threads),
        hooks_(hooks),
        checkpoints_(folder, kCheckpointName, signature_of(options, side, start, compute), compute.threads),
        optimizer_(network_, {OptimizerKind::adamw, options.weight_decay, 0, false, options.clip_norm}),
        average_(copy_of(weights_of(network_))) {}

  double run() {
    resume();
    network_.train();
    while (step_ < options_.steps) {
      stop_if_requested();
      take_step(next_batch());
      ++step_;
      if (hooks_.progress) hooks_.progress(step_, recent_loss());
      if (hooks_.checkpoint_due && hooks_.checkpoint_due()) save();
    }
    restore_weights(network_, average_);
    network_.eval();
    return recent_loss();
  }

 private:
  // Before the network's step, not beside it: LibTorch shares each layer out evenly, so that one thread held
  // up by other work lets all the others wait.
  [[nodiscard]] Batch next_batch() const {
    const std::uint64_t first = options_.first_example + static_cast<std::uint64_t>(step_) *
                                                             static_cast<std::uint64_t>(options_.batch);
    return make_batch(examples_, first, options_.batch, side_, threads_);
  }

  [[nodiscard]] double rate() const {
    const double shape = cosine_rate(options_.rate, 0, step_, options_.steps);
    return std::max(kLeastRate, shape * warmup_factor(0.01, step_, options_.warmup_steps));
  }

  void take_step(const Batch& batch) {
    optimizer_.clear_gradients();
    const Tensor loss = loss_of(logits_of(batch.planes), batch, options_);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) fail(fmt::format("the loss is {} at step {}", value, step_ + 1));
    loss.backward();
    optimizer_.step(rate());
    losses_.push_back(value);
    if (losses_.size() > kRecentLosses) losses_.pop_front();
    update_average();
  }

  [[nodiscard]] Tensor logits_of(const Tensor& planes) {
    const Autocast autocast(compute_);
    return network_.forward(planes).to(torch::kFloat);
  }

  // Early on the average forgets faster: it would hold the first weights for long.
  void update_average() {
    const torch::NoGradGuard no_grad;
    const double keep = std::min(options_.averaging, (step_ + 1.0) / (step_ + 10.0));
    for (auto& [name, value] : weights_of(network_)) {
      Tensor& mean = average_.at(name);
      if (mean.is_floating_point())
        mean.lerp_(value, 1 - keep);
      else
        mean.copy_(value);
    }
  }

  [[nodiscard]] double recent_loss() const {
    if (losses_.empty()) return 0;
    return std::accumulate(losses_.begin(), losses_.end(), 0.0) / static_cast<double>(losses_.size());
  }

  void stop_if_requested() {
    if (!hooks_.stop_requested || !hooks_.stop_requested()) return;
    save();
    throw Error(ErrorCode::incomplete, fmt::format("stopped after {} of {} steps", step_, options_.steps),
                checkpoints_.keeps() ? "run the same command again to go on"
                                     : "no checkpoint was kept: the training starts afresh");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::failed,
                checkpoints_.last().empty()
                    ? what
                    : what + "; the last good checkpoint is " + checkpoints_.last().string(),
                "lower the learning rate");
  }

  void save() {
    if (!checkpoints_.keeps()) return;
    Checkpoint checkpoint;
    checkpoint.weights = weights_of(network_);
    if (!all_finite(checkpoint.weights)) fail(fmt::format("a weight is not finite after step {}", step_));
    checkpoint.best = average_;
    checkpoint.optimizer = optimizer_.state();
    checkpoint.state = {{"step", step_}, {"losses", std::vector<double>(losses_.begin(), losses_.end())}};
    checkpoints_.save(std::move(checkpoint));
  }

  void resume() {
    const auto checkpoint = checkpoints_.newest();
    if (!checkpoint) return;
    const Json& s = checkpoint->state;
    restore_weights(network_, checkpoint->weights);
    average_ = checkpoint->best;
    step_ = s.at("step");
    optimizer_.restore(checkpoint->optimizer, step_);
    const auto losses = s.at("losses").get<std::vector<double>>();
    losses_.assign(losses.begin(), losses.end());
  }

  FinderNetImpl& network_;
  const FinderExamples& examples_;
  int side_;
  const FinderTrainOptions& options_;
  Compute compute_;
  int threads_;
  const FinderTrainHooks& hooks_;
  CheckpointStore checkpoints_;
  Optimizer optimizer_;
  TensorMap average_;
  std::deque<double> losses_;
  int step_ = 0;
};

}  // namespace

double train_finder(FinderNet& net, const FinderExamples& examples, int side,
                    const FinderTrainOptions& options, const std::string& start, const Compute& compute,
                    const FinderTrainHooks& hooks, const std::filesystem::path& checkpoint_folder) {
  if (side < kFinderMultiple || side % kFinderMultiple != 0)
    throw Error(ErrorCode::bug, "the examples' side is no multiple of 32");
  torch::set_num_threads(compute.threads);
  return FinderTraining(net, examples, side, options, start, compute, hooks, checkpoint_folder).run();
}

}  // namespace tagconf::nn
