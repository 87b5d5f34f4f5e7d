// Trainings on tiny random pictures: they learn, resume to the bit, are matched across arms, and fail loudly.
#include <cmath>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/npy.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/nn/loader.hpp"
#include "tagconf/nn/preprocess.hpp"
#include "tagconf/nn/trainer.hpp"

using namespace tagconf;
using namespace tagconf::nn;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t kSize = 32;
constexpr std::size_t kImages = 21;

// Noise; abnormal images (odd rows) are brighter by `signal`.
NpyMap make_pixels(const fs::path& path, std::uint64_t seed, double signal, std::size_t size = kSize) {
  NpyWriter writer(path, NpyType::uint16, {size, size});
  for (std::size_t i = 0; i < kImages; ++i) {
    Rng rng(seed, "test", i);
    std::vector<std::uint16_t> plane(size * size);
    for (auto& v : plane) {
      const double grey = 0.3 + 0.1 * rng.uniform() + (i % 2 == 1 ? signal : 0);
      v = static_cast<std::uint16_t>(65535 * grey);
    }
    writer.append(std::as_bytes(std::span(plane)));
  }
  writer.commit();
  return NpyMap(path);
}

TrainingData data_of(const NpyMap& pixels) {
  TrainingData data{pixels, {}, {}};
  for (std::size_t i = 0; i < kImages; ++i) {
    auto& part = i < 13 ? data.train : data.valid;
    part.push_back({i, "image" + std::to_string(i), static_cast<int>(i % 2)});
  }
  return data;
}

TrainOptions small_options() {
  TrainOptions o;
  o.epochs = 3;
  o.batch = 4;
  o.rate = 1e-3;
  o.augment = {true, 10, 0.05, 0.05, 0.05, 0.1};
  return o;
}

std::optional<double> pair_auc(std::span<const int> labels, std::span<const double> scores) {
  double wins = 0, pairs = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = 0; j < labels.size(); ++j) {
      if (labels[i] != 1 || labels[j] != 0) continue;
      ++pairs;
      wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
    }
  }
  return pairs > 0 ? std::optional(wins / pairs) : std::nullopt;
}

TrainHooks plain_hooks() {
  TrainHooks hooks;
  hooks.auc = pair_auc;
  return hooks;
}

struct Outcome {
  TrainResult result;
  std::vector<std::byte> weights;
  std::vector<EpochRecord> told;
};

Outcome train_once(const TrainingData& data, const TrainOptions& options, const fs::path& out,
                   const fs::path& folder = {}, TrainHooks hooks = plain_hooks()) {
  Outcome outcome;
  Model model = Model::random(options.seed);
  model.use(resolve({Precision::fp32, "cpu", 1}));
  hooks.epoch_done = [&](const EpochRecord& r) { outcome.told.push_back(r); };
  outcome.result = train(model, data, options, "random", hooks, folder);
  model.write(out, {});
  outcome.weights = read_bytes(out);
  return outcome;
}

template <class F>
Error error_of(F&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  }
  return {ErrorCode::bug, "nothing was thrown"};
}

}  // namespace

TEST_CASE("the loader gives the same batches with any number of workers") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.1);
  const TrainingData data = data_of(pixels);
  std::vector<std::string> ids;
  for (const auto& image : data.train) ids.push_back(image.image_id);
  const EpochPlan plan = plan_epoch(1, 1, ids, 3, small_options().augment);
  std::vector<Batch> one;
  for (const int workers : {1, 2, 5}) {
    Loader loader(pixels, data.train, plan, 0, workers);
    std::size_t at = 0;
    while (Batch* batch = loader.next()) {
      if (workers == 1) {
        one.push_back(*batch);
      } else {
        CHECK(batch->images == one.at(at).images);
        CHECK(batch->labels == one.at(at).labels);
        CHECK(batch->input == one.at(at).input);
      }
      ++at;
    }
    CHECK(at == plan.batches());
  }
  // From the middle, and given up early.
  Loader loader(pixels, data.train, plan, 2, 2);
  CHECK(loader.next()->images == one.at(2).images);
}

TEST_CASE("a batch without augmentation holds the normalised planes") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.1);
  const TrainingData data = data_of(pixels);
  const EpochPlan plan = plan_in_order(data.train.size(), 4);
  Loader loader(pixels, data.train, plan, 1, 1);
  const Batch* batch = loader.next();
  std::uint16_t raw = 0;
  std::memcpy(&raw, pixels.item(5).data() + 2 * 7, 2);
  const std::size_t at = (1 * kSize * kSize + 7) * 3;
  CHECK(batch->input[at] == Approx((raw / 65535.0 - 0.485) / 0.229).epsilon(1e-5));
  CHECK(batch->input[at + 2] == Approx((raw / 65535.0 - 0.406) / 0.225).epsilon(1e-5));
  CHECK(batch->labels == std::vector<float>{0, 1, 0, 1});
}

TEST_CASE("weighted loss equals its closed form and bears extreme logits") {
  const std::vector<int> labels{1, 0};
  const std::vector<double> logits{0.5, -1.5};
  const double wanted = (2 * std::log(1 + std::exp(-0.5)) + std::log(1 + std::exp(-1.5))) / 2;
  CHECK(weighted_loss(labels, logits, 2) == Approx(wanted));
  const std::vector<double> extreme{1000, 1000};
  CHECK(weighted_loss(labels, extreme, 2) == Approx(500));
}

TEST_CASE("random weights are a function of the seed, with torchvision's moments") {
  test::ScratchFolder scratch;
  Model::random(1).write(scratch / "a", {});
  Model::random(1).write(scratch / "b", {});
  Model::random(2).write(scratch / "c", {});
  CHECK(read_bytes(scratch / "a") == read_bytes(scratch / "b"));
  CHECK(read_bytes(scratch / "a") != read_bytes(scratch / "c"));
  const auto file = Safetensors::read(scratch / "a");
  CHECK(file.tensors().size() == 727);
  const auto moments = [&](const char* name) {
    const TensorView* view = file.find(name);
    std::vector<float> values(view->bytes.size() / 4);
    std::memcpy(values.data(), view->bytes.data(), view->bytes.size());
    double sum = 0, squares = 0;
    for (const float v : values) {
      sum += v;
      squares += double{v} * v;
    }
    const auto n = static_cast<double>(values.size());
    return std::pair(sum / n, squares / n);
  };
  // fan-in 512 of a 1x1 convolution: variance 2 / 512 over 131072 values
  const auto [mean, square] = moments("features.transition2.conv.weight");
  CHECK(std::abs(mean) < 4 * std::sqrt(2.0 / 512 / 131072));
  CHECK(square == Approx(2.0 / 512).epsilon(4 * std::sqrt(2.0 / 131072)));
  CHECK(moments("features.norm5.weight") == std::pair(1.0, 1.0));
  CHECK(moments("features.norm5.running_mean") == std::pair(0.0, 0.0));
  CHECK(moments("classifier.bias") == std::pair(0.0, 0.0));
  // uniform within 1/32: variance 1 / (3 x 1024)
  CHECK(moments("classifier.weight").second == Approx(1.0 / 3072).epsilon(0.15));
}

TEST_CASE("a training learns what is plain to see, and keeps its best epoch") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.3);
  const TrainingData data = data_of(pixels);
  TrainOptions options = small_options();
  options.epochs = 8;
  const Outcome outcome = train_once(data, options, scratch / "m");
  REQUIRE(outcome.result.epochs.size() == 8);
  CHECK(outcome.result.epochs.back().train_loss < outcome.result.epochs.front().train_loss);
  CHECK(outcome.result.pos_weight == Approx(7.0 / 6));
  CHECK(outcome.result.steps == 8 * 3);  // 13 images: batches of 4, 4 and 5
  double best = 0;
  for (const auto& record : outcome.result.epochs) best = std::max(best, record.valid_auc.value());
  const auto& kept = outcome.result.epochs[static_cast<std::size_t>(outcome.result.best_epoch - 1)];
  CHECK(kept.valid_auc == best);
  CHECK(best > 0.9);
  // The written weights are the kept epoch's.
  Model model = Model::trained(scratch / "m");
  model.use(resolve({Precision::fp32, "cpu", 1}));
  std::vector<float> planes;
  std::vector<int> labels;
  for (const auto& image : data.valid) {
    std::vector<float> plane(kSize * kSize);
    read_plane(pixels, image.row, plane);
    planes.insert(planes.end(), plane.begin(), plane.end());
    labels.push_back(image.label);
  }
  const auto logits = model.logits(planes, kSize);
  CHECK(weighted_loss(labels, logits, outcome.result.pos_weight) ==
        Approx(kept.valid_loss.value()).epsilon(1e-4));
}

TEST_CASE("stopped anywhere and resumed, a training ends with the same bytes") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  const TrainingData data = data_of(pixels);
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::sgd}) {
    TrainOptions options = small_options();
    options.optimizer.kind = kind;
    options.schedule = kind == OptimizerKind::adam ? Schedule::cosine : Schedule::plateau;
    options.warmup_epochs = 0.5;
    options.optimizer.clip_norm = 5;
    const Outcome whole = train_once(data, options, scratch / "whole");
    // The flag is asked before each of the 3 steps and 2 validation batches of an epoch.
    for (const int stop_at : kind == OptimizerKind::adam ? std::vector{1, 4, 9} : std::vector{7, 13}) {
      const fs::path folder = scratch / ("partial" + std::to_string(stop_at) + std::string(name_of(kind)));
      int asked = 0;
      TrainHooks stopping = plain_hooks();
      stopping.stop_requested = [&] { return ++asked == stop_at; };
      const Error error = error_of([&] { train_once(data, options, scratch / "half", folder, stopping); });
      INFO(name_of(kind) << " stopped at question " << stop_at << ": " << error.message());
      CHECK(error.code() == ErrorCode::incomplete);
      const Outcome resumed = train_once(data, options, scratch / "resumed", folder);
      CHECK((resumed.weights == whole.weights));
      CHECK(resumed.result.draws_digest == whole.result.draws_digest);
      CHECK(resumed.result.best_epoch == whole.result.best_epoch);
      REQUIRE(resumed.told.size() == whole.told.size());
      for (std::size_t i = 0; i < whole.told.size(); ++i) {
        CHECK(resumed.told[i].train_loss == whole.told[i].train_loss);
        CHECK(resumed.told[i].valid_loss == whole.told[i].valid_loss);
        CHECK(resumed.told[i].rate == whole.told[i].rate);
      }
    }
  }
}

TEST_CASE("killed between checkpoints, and with damaged ones, a training ends with the same bytes") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  const TrainingData data = data_of(pixels);
  const TrainOptions options = small_options();
  const Outcome whole = train_once(data, options, scratch / "whole");
  const auto kill_at = [&](int step, const fs::path& folder) {
    struct Killed {};
    int steps = 0;
    TrainHooks hooks = plain_hooks();
    hooks.checkpoint_due = [&] { return steps % 2 == 0; };
    hooks.progress = [&](const TrainProgress&) {
      if (++steps == step) throw Killed();
    };
    CHECK_THROWS_AS(train_once(data, options, scratch / "half", folder, hooks), Killed);
  };
  const auto files_of = [](const fs::path& folder) {
    std::vector<fs::path> files;
    for (const auto& item : fs::directory_iterator(folder)) files.push_back(item.path());
    std::sort(files.begin(), files.end());
    return files;
  };
  // Epochs of 3 steps: checkpoints after steps 2, 3, 4 and 6 (twice: the epoch's end, too).
  for (const int damaged : {0, 1, 2}) {
    INFO("damaged checkpoints: " << damaged);
    const fs::path folder = scratch / ("partial" + std::to_string(damaged));
    kill_at(6, folder);
    auto files = files_of(folder);
    REQUIRE(files.size() == 2);
    CHECK(files[1].filename() == "checkpoint.3.safetensors");
    write_text(folder / ".checkpoint.4.safetensors.77.0.tmp", "cut short by a kill");
    if (damaged > 0) fs::resize_file(files[1], fs::file_size(files[1]) / 2);
    if (damaged > 1) write_text(files[0], "");
    int first_step = 0;
    TrainHooks hooks = plain_hooks();
    hooks.progress = [&](const TrainProgress& p) {
      if (first_step == 0) first_step = static_cast<int>(p.images_done);
    };
    const Outcome resumed = train_once(data, options, scratch / "resumed", folder, hooks);
    // 4 images a step, 13 an epoch: from after step 4, after step 3, and from the beginning.
    CHECK(first_step == (damaged == 0 ? 13 + 8 : damaged == 1 ? 13 + 4 : 4));
    CHECK((resumed.weights == whole.weights));
    CHECK(resumed.result.draws_digest == whole.result.draws_digest);
    files = files_of(folder);
    CHECK(files.size() == 2);
  }
}

TEST_CASE("what is not finite names the last good checkpoint, and is never kept") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  TrainOptions options = small_options();
  options.optimizer.kind = OptimizerKind::sgd;
  options.rate = 1e30;
  TrainHooks hooks = plain_hooks();
  hooks.checkpoint_due = [] { return true; };
  const auto fail_in = [&](const char* folder) {
    return error_of([&] { train_once(data_of(pixels), options, scratch / "m", scratch / folder, hooks); });
  };
  const Error loss = fail_in("partial");
  CHECK(loss.code() == ErrorCode::failed);
  CHECK(loss.message().find("step 2") != std::string::npos);
  const fs::path kept = scratch / "partial/checkpoint.1.safetensors";
  CHECK(loss.message().find("the last good checkpoint is " + kept.string()) != std::string::npos);
  const auto finite = [](const TensorView& view) {
    if (view.element != Element::f32) return true;
    std::vector<float> values(view.bytes.size() / sizeof(float));
    std::memcpy(values.data(), view.bytes.data(), view.bytes.size());
    return std::all_of(values.begin(), values.end(), [](float v) { return std::isfinite(v); });
  };
  const auto file = Safetensors::read(kept);
  CHECK(std::all_of(file.tensors().begin(), file.tensors().end(), [&](const TensorView& view) {
    return !view.name.starts_with("weights:") || finite(view);
  }));

  options.rate = 1e300;
  const Error weight = fail_in("none");
  CHECK(weight.code() == ErrorCode::failed);
  CHECK(weight.message().find("a weight is not finite after step 1 (epoch 1); images: image") !=
        std::string::npos);
  CHECK(weight.message().find("no checkpoint was kept before") != std::string::npos);
  CHECK_FALSE(fs::exists(scratch / "none"));
}

TEST_CASE("a checkpoint of another training is left aside") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  const TrainingData data = data_of(pixels);
  TrainOptions options = small_options();
  options.epochs = 1;
  train_once(data, options, scratch / "a", scratch / "partial");
  options.seed = 2;
  const Outcome fresh = train_once(data, options, scratch / "b");
  const Outcome beside = train_once(data, options, scratch / "c", scratch / "partial");
  CHECK((fresh.weights == beside.weights));
}

TEST_CASE("arms of one seed share order and draws, and other seeds do not") {
  test::ScratchFolder scratch;
  const NpyMap original = make_pixels(scratch / "o.npy", 1, 0.05);
  const NpyMap covered = make_pixels(scratch / "c.npy", 2, 0.2);
  TrainOptions options = small_options();
  options.epochs = 2;
  const auto a = train_once(data_of(original), options, scratch / "a");
  const auto b = train_once(data_of(covered), options, scratch / "b");
  CHECK(a.result.draws_digest == b.result.draws_digest);
  CHECK((a.weights != b.weights));
  options.seed = 2;
  CHECK(train_once(data_of(original), options, scratch / "c").result.draws_digest != a.result.draws_digest);
}

TEST_CASE("a loss that is not finite names the step and the images of the batch") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  TrainOptions options = small_options();
  options.optimizer.kind = OptimizerKind::sgd;
  options.rate = 1e30;
  const Error error = error_of([&] { train_once(data_of(pixels), options, scratch / "m"); });
  CHECK(error.code() == ErrorCode::failed);
  CHECK(error.message().find("step 2") != std::string::npos);
  CHECK(error.message().find("image") != std::string::npos);
}

TEST_CASE("early stopping ends a training whose best epoch lies back") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.0);
  TrainOptions options = small_options();
  options.epochs = 6;
  options.patience = 1;
  TrainHooks hooks = plain_hooks();
  hooks.auc = [n = 0](auto, auto) mutable { return std::optional(n++ == 1 ? 0.9 : 0.5); };
  const Outcome outcome = train_once(data_of(pixels), options, scratch / "m", {}, hooks);
  CHECK(outcome.result.stopped_early);
  CHECK(outcome.result.best_epoch == 2);
  CHECK(outcome.result.epochs.size() == 3);
}

TEST_CASE("what cannot be trained on is refused before the first step") {
  test::ScratchFolder scratch;
  const NpyMap pixels = make_pixels(scratch / "p.npy", 1, 0.05);
  const auto refused = [&](TrainingData data, TrainOptions options = small_options()) {
    const Error error = error_of([&] { train_once(data, options, scratch / "m"); });
    CHECK(error.code() == ErrorCode::input);
    return error.message();
  };
  TrainingData one_label = data_of(pixels);
  for (auto& image : one_label.train) image.label = 0;
  CHECK(refused(one_label).find("label 0") != std::string::npos);
  TrainingData no_valid = data_of(pixels);
  no_valid.valid.clear();
  CHECK(refused(no_valid).find("validation") != std::string::npos);
  TrainingData flat_valid = data_of(pixels);
  for (auto& image : flat_valid.valid) image.label = 1;
  CHECK(refused(flat_valid).find("AUC") != std::string::npos);
  TrainingData single = data_of(pixels);
  single.train.resize(1);
  CHECK(refused(single).find("at least 2") != std::string::npos);
  const NpyMap odd = make_pixels(scratch / "odd.npy", 1, 0.05, 40);
  CHECK(refused(data_of(odd)).find("multiple of 32") != std::string::npos);
  TrainOptions last = small_options();
  last.epochs = 1;
  last.select = Select::last;
  CHECK(train_once(no_valid, last, scratch / "m").result.epochs.size() == 1);
}
