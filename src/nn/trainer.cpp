#include "tagconf/nn/trainer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "checkpoint.hpp"
#include "optimizer.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "torch_support.hpp"

namespace tagconf::nn {
namespace {

constexpr const char* kCheckpointName = "checkpoint";
constexpr double kWarmupStart = 0.1;

// ---- state as JSON ------------------------------------------------------------------------------------

Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<double> number_or_none(const Json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

Json to_json(const EpochRecord& r) {
  return {{"epoch", r.epoch},
          {"train_loss", r.train_loss},
          {"valid_loss", optional_number(r.valid_loss)},
          {"valid_auc", optional_number(r.valid_auc)},
          {"rate", r.rate},
          {"moved_out", r.moved_out ? Json(*r.moved_out) : Json(nullptr)}};
}

EpochRecord epoch_from(const Json& j) {
  const Json& moved_out = j.at("moved_out");
  return {j.at("epoch"),
          j.at("train_loss"),
          number_or_none(j.at("valid_loss")),
          number_or_none(j.at("valid_auc")),
          j.at("rate"),
          moved_out.is_null() ? std::nullopt : std::optional(moved_out.get<std::size_t>())};
}

Json to_json(const Plateau::State& s) {
  return {{"rate", s.rate}, {"best", s.best}, {"any", s.any}, {"bad", s.bad}, {"cooling", s.cooling}};
}

Plateau::State plateau_from(const Json& j) {
  return {j.at("rate"), j.at("best"), j.at("any"), j.at("bad"), j.at("cooling")};
}

// ---- checks ------------------------------------------------------------------------------------------

double class_balance(const std::vector<LabelledImage>& images) {
  const auto abnormal =
      std::count_if(images.begin(), images.end(), [](const LabelledImage& i) { return i.label == 1; });
  const auto normal = static_cast<std::ptrdiff_t>(images.size()) - abnormal;
  if (abnormal == 0 || normal == 0) {
    throw_input(fmt::format("all {} training images have label {}", images.size(), abnormal == 0 ? 0 : 1),
                "training needs normal and abnormal images");
  }
  return static_cast<double>(normal) / static_cast<double>(abnormal);
}

void check_valid(const std::vector<LabelledImage>& images, Select select) {
  if (select == Select::last) return;
  if (images.empty()) {
    throw_input("there is no validation image to choose the best epoch by",
                "split the cohort with a valid part, or use --select last");
  }
  const int first = images.front().label;
  const bool mixed =
      std::any_of(images.begin(), images.end(), [&](const LabelledImage& i) { return i.label != first; });
  if (select == Select::auc && !mixed) {
    throw_input(fmt::format("all {} validation images have label {}: their AUC cannot be estimated",
                            images.size(), first),
                "use a larger cohort, or --select loss");
  }
}

// What must agree for a checkpoint to be this training's.
std::string signature_of(const TrainingData& data, const TrainOptions& o, const Compute& compute,
                         const std::string& start) {
  Sha256 images;
  for (const auto* part : {&data.train, &data.valid}) {
    for (const auto& image : *part)
      images.update(fmt::format("{} {} {}\n", image.row, image.image_id, image.label));
    images.update("--\n");
  }
  const Json all{{"images", images.hex()},
                 {"shape", data.pixels.shape()},
                 {"start", start},
                 {"seed", o.seed},
                 {"epochs", o.epochs},
                 {"batch", o.batch},
                 {"optimizer",
                  {name_of(o.optimizer.kind), o.optimizer.weight_decay, o.optimizer.momentum,
                   o.optimizer.nesterov, o.optimizer.clip_norm}},
                 {"rate", {o.rate, o.min_rate, o.warmup_epochs, name_of(o.schedule)}},
                 {"plateau", {o.plateau_patience, o.plateau_factor}},
                 {"pos_weight", optional_number(o.pos_weight)},
                 {"select", {name_of(o.select), o.patience}},
                 {"augment",
                  {o.augment.flip, o.augment.rotation_deg, o.augment.scale, o.augment.shift,
                   o.augment.brightness, o.augment.contrast}},
                 {"count_moved_out", o.count_moved_out},
                 {"precision", name_of(compute.precision)}};
  return sha256_hex(canonical_json(all));
}

// ---- the training -----------------------------------------------------------------------------------

class Training {
 public:
  Training(Model& model, const TrainingData& data, const TrainOptions& options, const std::string& start,
           const TrainHooks& hooks, const std::filesystem::path& folder)
      : model_(model),
        network_(model.network()),
        compute_(model.compute()),
        data_(data),
        options_(options),
        hooks_(hooks),
        checkpoints_(folder, kCheckpointName, signature_of(data, options, model.compute(), start),
                     model.compute().threads),
        optimizer_(network_, options.optimizer),
        plateau_(plateau_options(options), options.rate) {
    for (const auto& image : data.train) ids_.push_back(image.image_id);
    result_.pos_weight = options.pos_weight.value_or(class_balance(data.train));
  }

  TrainResult run() {
    resume();
    while (epoch_ <= options_.epochs && !result_.stopped_early) {
      train_epoch();
      finish_epoch();
    }
    if (!best_.empty()) restore_weights(network_, best_);
    network_.eval();
    result_.steps = optimizer_.steps();
    return result_;
  }

 private:
  static PlateauOptions plateau_options(const TrainOptions& o) {
    PlateauOptions p;
    p.better = o.select == Select::auc ? Better::higher : Better::lower;
    p.factor = o.plateau_factor;
    p.patience = o.plateau_patience;
    p.min_rate = o.min_rate;
    return p;
  }

  [[nodiscard]] double rate_of(std::int64_t step, std::size_t steps_per_epoch) const {
    const auto per_epoch = static_cast<double>(steps_per_epoch);
    const double warmup = options_.warmup_epochs * per_epoch;
    const auto t = static_cast<double>(step);
    const double factor = warmup_factor(kWarmupStart, t, warmup);
    if (options_.schedule == Schedule::plateau) return factor * plateau_.rate();
    if (options_.schedule == Schedule::constant || t < warmup) return factor * options_.rate;
    const double period = std::max(1.0, options_.epochs * per_epoch - warmup);
    return cosine_rate(options_.rate, options_.min_rate, t - warmup, period);
  }

  void train_epoch() {
    const EpochPlan plan = plan_epoch(options_.seed, static_cast<std::uint64_t>(epoch_), ids_,
                                      static_cast<std::size_t>(options_.batch), options_.augment);
    epoch_digest_ = plan.digest;
    const auto size = static_cast<std::int64_t>(data_.pixels.shape()[1]);
    Loader loader(data_.pixels, data_.train, plan, next_batch_, options_.workers, options_.count_moved_out);
    network_.train();
    while (Batch* batch = loader.next()) {
      stop_if_requested();
      rate_ = rate_of(optimizer_.steps(), plan.batches());
      const auto count = static_cast<std::int64_t>(batch->images.size());
      const torch::Tensor labels =
          torch::from_blob(batch->labels.data(), {count}, torch::kFloat).to(device_of(compute_));
      const double loss = train_step(network_, optimizer_, input_tensor(batch->input, count, size, compute_),
                                     labels, result_.pos_weight, rate_, compute_);
      if (!std::isfinite(loss)) fail_on_loss(*batch, loss);
      loss_sum_ += loss * static_cast<double>(count);
      images_ += batch->images.size();
      moved_out_ += batch->moved_out;
      next_batch_ = batch->number + 1;
      last_batch_ = batch->images;
      report_progress();
      if (hooks_.checkpoint_due && hooks_.checkpoint_due()) save();
    }
  }

  void finish_epoch() {
    EpochRecord record;
    record.epoch = epoch_;
    record.train_loss = loss_sum_ / static_cast<double>(images_);
    record.rate = rate_;
    if (options_.count_moved_out) record.moved_out = moved_out_;
    validate(record);
    if (options_.schedule == Schedule::plateau) {
      const auto metric = options_.select == Select::auc    ? record.valid_auc
                          : options_.select == Select::loss ? record.valid_loss
                                                            : std::optional(record.train_loss);
      if (metric) plateau_.step(*metric);
    }
    result_.epochs.push_back(record);
    const bool improved = is_better(record);
    if (improved) {
      result_.best_epoch = epoch_;
      best_ = options_.select == Select::last ? TensorMap() : copy_of(weights_of(network_));
    }
    result_.draws_digest = sha256_hex(result_.draws_digest + epoch_digest_);
    result_.stopped_early =
        options_.patience > 0 && epoch_ - result_.best_epoch >= options_.patience && epoch_ < options_.epochs;
    ++epoch_;
    next_batch_ = 0;
    images_ = 0;
    loss_sum_ = 0;
    moved_out_ = 0;
    save();
    if (hooks_.epoch_done) hooks_.epoch_done(record);
  }

  [[nodiscard]] bool is_better(const EpochRecord& record) const {
    if (options_.select == Select::last || result_.best_epoch == 0) return true;
    const EpochRecord& best = result_.epochs[static_cast<std::size_t>(result_.best_epoch) - 1];
    const double loss = record.valid_loss.value_or(record.train_loss);
    const double best_loss = best.valid_loss.value_or(best.train_loss);
    if (options_.select == Select::loss) return loss < best_loss;
    const double auc = record.valid_auc.value_or(0);
    const double best_auc = best.valid_auc.value_or(0);
    return auc > best_auc || (auc == best_auc && loss < best_loss);
  }

  // In float32, whatever training runs in.
  void validate(EpochRecord& record) {
    if (data_.valid.empty()) return;
    const EpochPlan plan = plan_in_order(data_.valid.size(), static_cast<std::size_t>(options_.batch));
    const auto size = static_cast<std::int64_t>(data_.pixels.shape()[1]);
    Loader loader(data_.pixels, data_.valid, plan, 0, options_.workers);
    const torch::NoGradGuard no_grad;
    network_.eval();
    std::vector<int> labels;
    std::vector<double> logits;
    while (Batch* batch = loader.next()) {
      stop_if_requested();
      const auto count = static_cast<std::int64_t>(batch->images.size());
      const torch::Tensor out = network_.forward(input_tensor(batch->input, count, size, compute_))
                                    .to(torch::kCPU, torch::kDouble)
                                    .contiguous();
      logits.insert(logits.end(), out.const_data_ptr<double>(), out.const_data_ptr<double>() + count);
      for (const std::size_t image : batch->images) labels.push_back(data_.valid[image].label);
    }
    for (std::size_t i = 0; i < logits.size(); ++i) {
      if (!std::isfinite(logits[i])) {
        throw Error(ErrorCode::failed,
                    fmt::format("epoch {}: the logit of {} is not finite", epoch_, data_.valid[i].image_id),
                    "lower the learning rate, or clip gradients with --clip-norm");
      }
    }
    record.valid_loss = weighted_loss(labels, logits, result_.pos_weight);
    record.valid_auc = hooks_.auc(labels, logits);
  }

  void report_progress() const {
    if (!hooks_.progress) return;
    TrainProgress p;
    p.epoch = epoch_;
    p.images_done = static_cast<std::size_t>(epoch_ - 1) * data_.train.size() + images_;
    p.images_total = static_cast<std::size_t>(options_.epochs) * data_.train.size();
    p.loss = loss_sum_ / static_cast<double>(images_);
    if (!result_.epochs.empty()) {
      p.last = result_.epochs.back();
      p.best = result_.epochs[static_cast<std::size_t>(result_.best_epoch) - 1];
    }
    hooks_.progress(p);
  }

  [[noreturn]] void fail_on_loss(const Batch& batch, double loss) const {
    fail(fmt::format("the loss is {} at step {} (epoch {}, batch {})", loss, optimizer_.steps() + 1, epoch_,
                     batch.number + 1),
         batch.images);
  }

  [[noreturn]] void fail(const std::string& what, const std::vector<std::size_t>& images) const {
    std::string names;
    for (const std::size_t image : images) names += (names.empty() ? "" : ", ") + data_.train[image].image_id;
    throw Error(ErrorCode::failed,
                fmt::format("{}; images: {}; {}", what, names,
                            checkpoints_.last().empty()
                                ? "no checkpoint was kept before"
                                : "the last good checkpoint is " + checkpoints_.last().string()),
                "lower the learning rate, warm up, or clip gradients with --clip-norm");
  }

  void stop_if_requested() {
    if (!hooks_.stop_requested || !hooks_.stop_requested()) return;
    save();
    throw Error(ErrorCode::incomplete,
                fmt::format("stopped in epoch {} after {} steps", epoch_, optimizer_.steps()),
                checkpoints_.keeps() ? "run the same command again to go on"
                                     : "no checkpoint was kept: the training starts afresh");
  }

  // A loss can be finite and its gradient not: what is kept is always worth going on from.
  void save() {
    if (!checkpoints_.keeps()) return;
    Checkpoint checkpoint;
    checkpoint.weights = weights_of(network_);
    if (!all_finite(checkpoint.weights))
      fail(fmt::format("a weight is not finite after step {} (epoch {})", optimizer_.steps(), epoch_),
           last_batch_);
    checkpoint.best = best_;
    checkpoint.optimizer = optimizer_.state();
    Json epochs = Json::array();
    for (const auto& record : result_.epochs) epochs.push_back(to_json(record));
    checkpoint.state = {{"epoch", epoch_},
                        {"next_batch", next_batch_},
                        {"images", images_},
                        {"loss_sum", loss_sum_},
                        {"moved_out", moved_out_},
                        {"rate", rate_},
                        {"steps", optimizer_.steps()},
                        {"plateau", to_json(plateau_.state())},
                        {"epochs", epochs},
                        {"best_epoch", result_.best_epoch},
                        {"stopped_early", result_.stopped_early},
                        {"draws_digest", result_.draws_digest}};
    checkpoints_.save(std::move(checkpoint));
  }

  void resume() {
    const auto checkpoint = checkpoints_.newest();
    if (!checkpoint) return;
    const Json& s = checkpoint->state;
    restore_weights(network_, checkpoint->weights);
    optimizer_.restore(checkpoint->optimizer, s.at("steps"));
    best_ = checkpoint->best;
    plateau_ = Plateau(plateau_options(options_), plateau_from(s.at("plateau")));
    epoch_ = s.at("epoch");
    next_batch_ = s.at("next_batch");
    images_ = s.at("images");
    loss_sum_ = s.at("loss_sum");
    moved_out_ = s.at("moved_out");
    rate_ = s.at("rate");
    for (const Json& record : s.at("epochs")) result_.epochs.push_back(epoch_from(record));
    result_.best_epoch = s.at("best_epoch");
    result_.stopped_early = s.at("stopped_early");
    result_.draws_digest = s.at("draws_digest");
    for (const auto& record : result_.epochs) {
      if (hooks_.epoch_done) hooks_.epoch_done(record);
    }
  }

  Model& model_;
  DenseNet121Impl& network_;
  const Compute& compute_;
  const TrainingData& data_;
  const TrainOptions& options_;
  const TrainHooks& hooks_;
  CheckpointStore checkpoints_;
  std::vector<std::string> ids_;
  Optimizer optimizer_;
  Plateau plateau_;
  TensorMap best_;
  TrainResult result_;
  int epoch_ = 1;
  std::size_t next_batch_ = 0;  // of the epoch
  std::size_t images_ = 0;      // of the epoch, so far
  std::vector<std::size_t> last_batch_;
  double loss_sum_ = 0;
  std::size_t moved_out_ = 0;  // of the epoch, so far
  double rate_ = 0;
  std::string epoch_digest_;
};

}  // namespace

double weighted_loss(std::span<const int> labels, std::span<const double> logits, double pos_weight) {
  double sum = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    // log(1 + e^m), m = -z for label 1, z for label 0
    const double m = labels[i] == 1 ? -logits[i] : logits[i];
    const double loss = std::max(m, 0.0) + std::log1p(std::exp(-std::abs(m)));
    sum += labels[i] == 1 ? pos_weight * loss : loss;
  }
  return sum / static_cast<double>(labels.size());
}

TrainResult train(Model& model, const TrainingData& data, const TrainOptions& options,
                  const std::string& start, const TrainHooks& hooks,
                  const std::filesystem::path& checkpoint_folder) {
  const auto& shape = data.pixels.shape();
  if (shape.size() != 3 || shape[1] != shape[2]) throw_input("the pictures are not square planes, N x S x S");
  check_input_size(static_cast<int>(shape[1]), "the pictures' side");
  if (data.train.size() < 2)
    throw_input(fmt::format("there are {} training images, expected at least 2", data.train.size()),
                "batch normalisation needs two images a batch");
  (void)class_balance(data.train);
  check_valid(data.valid, options.select);
  return Training(model, data, options, start, hooks, checkpoint_folder).run();
}

}  // namespace tagconf::nn
