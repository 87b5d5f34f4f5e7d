// tagconf train: DenseNet-121 on one arm's pack. Trainings with one seed start from the same weights and see
// the same order and the same augmentation, whatever their arm: what differs between them is the pictures.
// The best epoch by validation AUC is kept; the test split is never read.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "checkpoint_timer.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/jsonl.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/nn/trainer.hpp"
#include "tagconf/nn/training_memory.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/stats/placements.hpp"
#include "torch_facts.hpp"

namespace tagconf::stages {
namespace {

struct TrainStageOptions {
  nn::TrainOptions train = defaults();
  nn::Precision dtype = nn::Precision::fp32;
  double checkpoint_minutes = kCheckpointMinutes;
  int threads = 0;

  static nn::TrainOptions defaults() {
    nn::TrainOptions o;
    o.augment.flip = true;
    o.augment.rotation_deg = 10;
    return o;
  }

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::per_instance;
    using options::unhashed;
    using options::within;
    auto& t = train;
    v(per_instance(field<std::uint64_t>("seed", "seed of first weights, order and augmentation")), t.seed);
    v(within(field<int>("epochs", "passes over the training images"), 1, 10000), t.epochs);
    v(within(field<int>("batch", "images a step"), 2, 4096), t.batch);
    v(within(field<double>("lr", "learning rate"), 0, 10), t.rate);
    v(within(field<double>("min_lr", "the rate that schedules end at"), 0, 10), t.min_rate);
    v(field<nn::Schedule>("schedule", "course of the learning rate"), t.schedule);
    v(within(field<double>("warmup_epochs", "epochs of linear rise from a tenth of the rate"), 0, 1000),
      t.warmup_epochs);
    v(within(field<int>("plateau_patience", "epochs without gain before the rate falls (plateau)"), 0, 1000),
      t.plateau_patience);
    v(within(field<double>("plateau_factor", "what the rate is multiplied by (plateau)"), 0.001, 0.999),
      t.plateau_factor);
    v(field<nn::OptimizerKind>("optimizer", "adam (decay as L2), adamw (decay apart) or sgd"),
      t.optimizer.kind);
    v(within(field<double>("weight_decay", "weight decay"), 0, 10), t.optimizer.weight_decay);
    v(within(field<double>("momentum", "momentum (sgd)"), 0, 0.9999), t.optimizer.momentum);
    v(field<bool>("nesterov", "Nesterov's momentum (sgd)"), t.optimizer.nesterov);
    v(within(field<double>("clip_norm", "largest L2 norm of a step's gradient, 0 = any"), 0, 1e9),
      t.optimizer.clip_norm);
    v(within(field<std::optional<double>>(
                 "pos_weight", "weight of abnormal images in the loss; default: normal / abnormal"),
             1e-6, 1e6),
      t.pos_weight);
    v(field<nn::Select>("select", "which epoch is kept: by validation auc or loss, or the last"), t.select);
    v(within(field<int>("patience", "epochs without a better one before stopping, 0 = never stop early"), 0,
             10000),
      t.patience);
    v(field<bool>("flip", "mirror half of the images left to right (letters get mirrored too)"),
      t.augment.flip);
    v(within(field<double>("rotation_deg", "largest rotation to either side in degrees"), 0, 180),
      t.augment.rotation_deg);
    v(within(field<double>("scale", "largest change of size, 0.1 = 0.9 to 1.1"), 0, 0.9), t.augment.scale);
    v(within(field<double>("shift", "largest shift, as a fraction of the side"), 0, 0.9), t.augment.shift);
    v(within(field<double>("brightness", "largest change of grey, as a fraction of full scale"), 0, 1),
      t.augment.brightness);
    v(within(field<double>("contrast", "largest change of contrast, 0.2 = times 0.8 to 1.2"), 0, 0.9),
      t.augment.contrast);
    v(field<nn::Precision>("dtype", "fp32, bf16, or auto: bf16 where the processor multiplies it"), dtype);
    v(unhashed(within(field<double>("checkpoint_minutes",
                                    "minutes between checkpoints within an epoch, 0 = only after each epoch"),
                      0, 100000)),
      checkpoint_minutes);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo train_info() {
  stage::StageInfo info;
  info.name = "train";
  info.version = 1;
  info.summary = "train DenseNet-121 on a pack; equal seeds give matched trainings across arms";
  info.inputs = {
      {"pack", "folder made by `tagconf pack`", true, false},
      {"weights", "safetensors to start from (torchvision or timm); default: random", false, false}};
  info.outputs = {{"model", "model.safetensors", "the kept epoch's weights"},
                  {"epochs", "epochs.jsonl", "loss, AUC and rate, a line an epoch"},
                  {"record", "train.json", "what was trained on what, and the digest of all draws"}};
  info.examples = {
      "tagconf train packs/covered --weights densenet121.safetensors --seed 1 --out models/covered",
      "tagconf train packs/original --epochs 5 --lr 1e-3 --no-flip --out models/original"};
  return info;
}

nn::LabelledImage labelled(const arms::Pack& pack, std::size_t row) {
  const Sample& sample = pack.rows[row].sample;
  if (!sample.label) {
    throw_input(fmt::format("{} ({}) has no label", sample.image_id, name_of(sample.split)),
                "every image of the train and valid splits needs a label, 0 or 1");
  }
  return {row, sample.image_id, *sample.label};
}

nn::TrainingData data_of(const arms::Pack& pack, const std::string& source) {
  nn::TrainingData data{pack.pixels, {}, {}};
  for (std::size_t row = 0; row < pack.rows.size(); ++row) {
    const Split split = pack.rows[row].sample.split;
    if (split == Split::train) data.train.push_back(labelled(pack, row));
    if (split == Split::valid) data.valid.push_back(labelled(pack, row));
  }
  if (data.train.empty())
    throw_input(source + ": holds no image of the train split", "pack.csv's column split must say train");
  return data;
}

std::optional<double> exact_auc(std::span<const int> labels, std::span<const double> scores) {
  std::vector<std::uint8_t> values(labels.size());
  std::transform(labels.begin(), labels.end(), values.begin(),
                 [](int l) { return static_cast<std::uint8_t>(l); });
  const stats::Labels checked(std::move(values));
  if (!checked.two_classes()) return std::nullopt;
  return stats::auc(stats::place(stats::rank_scores(scores), checked), checked);
}

Json epoch_line(const nn::EpochRecord& r) {
  Json line{{"epoch", r.epoch},
            {"train_loss", finite_or_null(r.train_loss)},
            {"valid_loss", r.valid_loss ? finite_or_null(*r.valid_loss) : Json(nullptr)},
            {"valid_auc", r.valid_auc ? Json(*r.valid_auc) : Json(nullptr)},
            {"lr", r.rate}};
  if (r.moved_out) line["moved_out"] = *r.moved_out;
  return line;
}

// Of an arm that shows tags alone: in how many images an epoch augmentation moved most of them out of the
// frame.
Json moved_out_of(const nn::TrainResult& result, const arms::Pack& pack) {
  const auto tagged = std::count_if(pack.rows.begin(), pack.rows.end(), [](const arms::PackRow& row) {
    return row.tagged && row.sample.split == Split::train;
  });
  Json each = Json::array();
  std::size_t all = 0;
  for (const auto& epoch : result.epochs) {
    all += epoch.moved_out.value_or(0);
    each.push_back(epoch.moved_out.value_or(0));
  }
  const double shown = static_cast<double>(tagged) * static_cast<double>(result.epochs.size());
  return {{"tagged_train_images", tagged},
          {"images_per_epoch", each},
          {"share", shown > 0 ? Json(static_cast<double>(all) / shown) : Json(nullptr)}};
}

std::string progress_note(const nn::TrainProgress& p, int epochs) {
  std::string note = fmt::format("epoch {}/{}  loss {:.3f}", p.epoch, epochs, p.loss);
  if (p.last && p.last->valid_auc) note += fmt::format("  val AUC {:.3f}", *p.last->valid_auc);
  if (p.best && p.best->valid_auc)
    note += fmt::format(" (best {:.3f} @{})", *p.best->valid_auc, p.best->epoch);
  return note;
}

nn::Metadata model_metadata(const arms::Pack& pack, std::uint64_t seed) {
  return {{"format", "pt"},
          {"recipe", "tagconf densenet121/1: one logit, 1 abnormal, 0 normal"},
          {"normalisation",
           "grey / full scale, anti-aliased resize, three equal planes, mean 0.485 0.456 0.406, std 0.229 "
           "0.224 0.225"},
          {"input_size", std::to_string(pack.size)},
          {"arm", std::string(name_of(pack.arm))},
          {"seed", std::to_string(seed)}};
}

stage::Summary run_train(const TrainStageOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  const arms::Pack pack = arms::read_pack(io.input("pack"));
  nn::check_input_size(pack.size, io.input("pack").string() + ": the pack's image size");
  const nn::TrainingData data = data_of(pack, io.input("pack").string());
  const std::uint64_t seed = options.train.seed;
  const bool given = io.has("weights");
  nn::Model model = given ? nn::Model::pretrained(io.input("weights"), seed) : nn::Model::random(seed);
  const std::string start = given ? sha256_file(io.input("weights")) : "random";
  model.use(
      nn::resolve({options.dtype, context.device, options.threads > 0 ? options.threads : context.threads}));
  nn::TrainOptions wanted = options.train;
  wanted.count_moved_out = pack.arm == Arm::tags_only;
  if (model.compute().device == "cpu")
    nn::require_memory(nn::training_memory(wanted, data.train.size(), pack.size, model.compute().precision),
                       context.memory);
  if (options.train.augment.flip) log_info("train: flips mirror letters too; --no-flip leaves them readable");

  write_text(io.output("epochs"), "");
  nn::TrainHooks hooks;
  hooks.auc = exact_auc;
  hooks.stop_requested = context.stop_requested;
  hooks.checkpoint_due = every_minutes(options.checkpoint_minutes);
  hooks.progress = [&](const nn::TrainProgress& p) {
    context.progress->update(p.images_done, p.images_total, "images", progress_note(p, options.train.epochs));
  };
  hooks.epoch_done = [&](const nn::EpochRecord& r) { append_jsonl(io.output("epochs"), epoch_line(r)); };
  const nn::TrainResult result = nn::train(model, data, wanted, start, hooks, io.partial);

  model.write(io.output("model"), model_metadata(pack, seed));
  const nn::EpochRecord& kept = result.epochs.at(static_cast<std::size_t>(result.best_epoch) - 1);
  Json record{{"schema", "tagconf.train/1"},
              {"arm", name_of(pack.arm)},
              {"seed", seed},
              {"input_size", pack.size},
              {"start", start},
              {"train_images", data.train.size()},
              {"valid_images", data.valid.size()},
              {"pos_weight", result.pos_weight},
              {"steps", result.steps},
              {"epochs", result.epochs.size()},
              {"stopped_early", result.stopped_early},
              {"kept", epoch_line(kept)},
              {"draws_sha256", result.draws_digest},
              {"precision", name_of(model.compute().precision)}};
  if (wanted.count_moved_out) {
    const Json moved_out = moved_out_of(result, pack);
    if (moved_out["share"].is_number() && moved_out["share"] > 0)
      log_info(fmt::format(
          "train: augmentation moved most of the tags out of the frame in {} images, by epoch "
          "(of {} tagged)",
          canonical_json(moved_out["images_per_epoch"]), canonical_json(moved_out["tagged_train_images"])));
    record["tags_moved_out"] = moved_out;
  }
  write_text(io.output("record"), pretty_json(record));
  record["threads"] = model.compute().threads;
  record["device"] = model.compute().device;
  record["torch"] = nn::torch_version();
  return record;
}

}  // namespace

stage::Stage train() {
  auto made = stage::make_stage<TrainStageOptions>(train_info(), run_train);
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context& context) {
    return torch_facts(static_cast<const TrainStageOptions*>(options.object.get())->dtype, context);
  };
  return made;
}

}  // namespace tagconf::stages
