// tagconf predict: logits and probabilities of a trained model, from a pack, a manifest, a folder or a
// picture. Pictures are resized and rounded as a 16-bit pack holds them: alone and chained give the same
// numbers.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "split_choice.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/nn/model.hpp"
#include "tagconf/nn/preprocess.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/stats/predictions.hpp"
#include "torch_facts.hpp"

namespace tagconf::stages {
namespace {

constexpr std::size_t kStep = 16;  // images between two looks at the clock and the stop flag

struct PredictOptions {
  SplitChoice split = SplitChoice::test;
  std::optional<int> size;
  nn::Precision dtype = nn::Precision::fp32;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::unhashed;
    using options::within;
    v(field<SplitChoice>("split", "which images; all of them where none is in a split"), split);
    v(within(field<std::optional<int>>("size", "side of the network's input; default: what the model names"),
             32, 4096),
      size);
    v(field<nn::Precision>("dtype", "fp32, bf16, or auto: bf16 where the processor multiplies it"), dtype);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo predict_info() {
  stage::StageInfo info;
  info.name = "predict";
  info.version = 1;
  info.summary = "a model's logit and probability for every image";
  info.inputs = {{"model", "model.safetensors, as `tagconf train` writes it", true, false},
                 {"images", "pack folder, manifest, folder of images or image", true, false}};
  info.outputs = {{"predictions", "predictions.csv",
                   "a row an image: image_id, study_id, patient_id, body_part, label, logit, probability (of "
                   "label 1), tagged, split"},
                  {"skipped", "skipped.csv", "images that cannot be used: image_id, reason"}};
  info.examples = {
      "tagconf predict models/covered/model.safetensors --images packs/covered --out predictions",
      "tagconf predict model.safetensors --images hand.png --split all --out hand"};
  return info;
}

stats::PredictionRow row_of(const Sample& sample, double logit, std::optional<bool> tagged) {
  if (!std::isfinite(logit)) {
    throw Error(ErrorCode::failed, sample.image_id + ": the logit is not finite",
                "the model's weights are too large");
  }
  return {sample, logit, 1 / (1 + std::exp(-logit)), tagged};
}

struct Predictor {
  nn::Model& model;
  const PredictOptions& options;
  const stage::Context& context;

  void step(std::size_t done, std::size_t total) const {
    context.progress->update(done, total, "images", "");
    if (context.stop_requested && context.stop_requested())
      throw Error(ErrorCode::incomplete, "predict: stopped", "run it again");
  }

  [[nodiscard]] std::vector<stats::PredictionRow> from_pack(const arms::Pack& pack,
                                                            const std::string& source) const {
    const auto rows = rows_of_split(pack.rows, options.split, source);
    const std::size_t area = static_cast<std::size_t>(pack.size) * static_cast<std::size_t>(pack.size);
    std::vector<stats::PredictionRow> out;
    std::vector<float> planes;
    for (std::size_t start = 0; start < rows.size(); start += kStep) {
      const std::size_t count = std::min(kStep, rows.size() - start);
      planes.resize(count * area);
      for (std::size_t i = 0; i < count; ++i)
        nn::read_plane(pack.pixels, rows[start + i], std::span(planes).subspan(i * area, area));
      const auto logits = model.logits(planes, pack.size);
      for (std::size_t i = 0; i < count; ++i) {
        const arms::PackRow& row = pack.rows[rows[start + i]];
        out.push_back(row_of(row.sample, logits[i], row.tagged));
      }
      step(out.size(), rows.size());
    }
    return out;
  }

  // A few batches of pictures are in memory at a time.
  [[nodiscard]] std::vector<stats::PredictionRow> from_images(const cohort::Manifest& manifest, int size,
                                                              const std::string& source, int threads,
                                                              std::vector<cohort::Skipped>& skipped) const {
    const auto rows = rows_of_split(manifest.rows, options.split, source);
    const std::size_t area = static_cast<std::size_t>(size) * static_cast<std::size_t>(size);
    const std::size_t block = 4 * kStep;
    std::vector<stats::PredictionRow> out;
    for (std::size_t start = 0; start < rows.size(); start += block) {
      cohort::Manifest part{manifest.folder, {}};
      for (std::size_t i = start; i < std::min(start + block, rows.size()); ++i)
        part.rows.push_back(manifest.rows[rows[i]]);
      std::vector<std::vector<float>> planes(part.rows.size());
      const auto broken = arms::for_each_image(
          part, threads,
          [&](std::size_t i, const imaging::GreyImage& image) {
            planes[i] = imaging::resize(imaging::to_plane(image), size, size).values;
            nn::round_to_16_bit(planes[i]);
          },
          [](std::size_t) {}, context.stop_requested);
      skipped.insert(skipped.end(), broken.begin(), broken.end());
      predict_planes(part, planes, area, size, out);
      step(start + part.rows.size(), rows.size());
    }
    return out;
  }

  void predict_planes(const cohort::Manifest& part, const std::vector<std::vector<float>>& planes,
                      std::size_t area, int size, std::vector<stats::PredictionRow>& out) const {
    std::vector<std::size_t> usable;
    for (std::size_t i = 0; i < planes.size(); ++i) {
      if (!planes[i].empty()) usable.push_back(i);
    }
    std::vector<float> together;
    for (std::size_t start = 0; start < usable.size(); start += kStep) {
      const std::size_t count = std::min(kStep, usable.size() - start);
      together.clear();
      together.reserve(count * area);
      for (std::size_t i = 0; i < count; ++i) {
        const auto& plane = planes[usable[start + i]];
        together.insert(together.end(), plane.begin(), plane.end());
      }
      const auto logits = model.logits(together, size);
      for (std::size_t i = 0; i < count; ++i)
        out.push_back(row_of(part.rows[usable[start + i]].sample, logits[i], std::nullopt));
    }
  }
};

int input_size(const nn::Model& model, const PredictOptions& options) {
  if (options.size) return *options.size;
  if (model.info().input_size) return *model.info().input_size;
  throw Error(ErrorCode::usage, "the model does not name its input size",
              "give it with --size, such as --size 224");
}

stage::Summary run_predict(const PredictOptions& options, const stage::StageIo& io,
                           const stage::Context& context) {
  const std::filesystem::path input = io.input("images");
  const int threads = options.threads > 0 ? options.threads : context.threads;
  nn::Model model = nn::Model::trained(io.input("model"));
  model.use(nn::resolve({options.dtype, context.device, threads}));
  const Predictor predictor{model, options, context};
  std::vector<stats::PredictionRow> rows;
  std::vector<cohort::Skipped> skipped;
  Json test_arm;
  if (std::filesystem::exists(input / "pack.npy")) {
    const arms::Pack pack = arms::read_pack(input);
    if (const auto wanted = options.size ? options.size : model.info().input_size;
        wanted && *wanted != pack.size) {
      throw_input(fmt::format("{}: holds images of {} pixels, the model takes {}", input.string(), pack.size,
                              *wanted),
                  "make a pack of the model's size");
    }
    rows = predictor.from_pack(pack, input.string());
    test_arm = name_of(pack.arm);
  } else {
    const int size = input_size(model, options);
    nn::check_input_size(size, "the network's input");
    rows = predictor.from_images(arms::open_images(input), size, input.string(), threads, skipped);
    cohort::check_skips(rows.size() + skipped.size(), skipped, io.refused);
  }
  write_text(io.output("predictions"), stats::predictions_csv(rows));
  cohort::write_skipped(io.output("skipped"), skipped);
  return {{"images", rows.size()},
          {"skipped", skipped.size()},
          {"train_arm", model.info().arm},
          {"test_arm", test_arm},
          {"seed", model.info().seed},
          {"precision", name_of(model.compute().precision)},
          {"threads", model.compute().threads}};
}

}  // namespace

stage::Stage predict() {
  auto made = stage::make_stage<PredictOptions>(predict_info(), run_predict);
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context& context) {
    return torch_facts(static_cast<const PredictOptions*>(options.object.get())->dtype, context);
  };
  return made;
}

}  // namespace tagconf::stages
