// tagconf train-finder: trains the tag finder's network on synthetic tags, laid onto synthetic radiographs
// and onto images of your own. Nothing needs labels. On `backgrounds` the frame, where marks are put, counts
// only where a synthetic tag was laid; in further steps (self_steps) the finder trained so far says what is a
// tag there. On the images of `adapt` the finder that training starts from says it, and where it doubts
// nothing counts: it learns what the background of these images is like.
#include "checkpoint_timer.hpp"
#include "finder_training.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/nn/shipped_finder.hpp"
#include "tagconf/stages/all.hpp"
#include "torch_facts.hpp"

namespace tagconf::stages {
namespace {

struct TrainFinderOptions {
  std::uint64_t seed = 1;
  std::optional<int> steps;
  int self_steps = 0;
  int batch = 16;
  std::optional<double> lr;
  std::optional<double> focal_gamma;
  std::optional<double> blend;
  int phantom_images = 600;
  double phantom_share = 0.5;
  std::optional<double> sure;
  std::optional<double> doubtful;
  nn::Precision dtype = nn::Precision::automatic;
  double checkpoint_minutes = kCheckpointMinutes;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::unhashed;
    using options::within;
    v(field<std::uint64_t>("seed", "everything drawn follows from it"), seed);
    v(within(field<std::optional<int>>("steps", "steps of training; default: 8000, to adapt 1500"), 1,
             10000000),
      steps);
    v(within(field<int>("self_steps",
                        "further steps, in which the finder trained so far labels the backgrounds, "
                        "with focal_gamma 1 and two thirds of lr"),
             0, 10000000),
      self_steps);
    v(within(field<int>("batch", "crops of 256 x 256 a step"), 2, 1024), batch);
    v(within(field<std::optional<double>>("lr",
                                          "highest learning rate; it rises over 100 steps and falls to 0 "
                                          "as a cosine; default: 0.003, to adapt 0.002"),
             0, 10),
      lr);
    v(within(field<std::optional<double>>(
                 "focal_gamma", "how much easy places are passed over in the loss; default: 2, to adapt 1"),
             0, 10),
      focal_gamma);
    v(within(field<std::optional<double>>(
                 "blend",
                 "how far the weights go from those that training starts from to those that it ends with, so "
                 "that nothing known is lost to a few images; default: 1, to adapt 0.5"),
             0, 1),
      blend);
    v(within(field<int>("phantom_images", "synthetic radiographs to lay tags onto"), 0, 100000),
      phantom_images);
    v(within(field<double>("phantom_share", "share of the crops that come from them, where images are given"),
             0, 1),
      phantom_share);
    v(within(field<std::optional<double>>(
                 "sure", "own labels: confidence from which an answer is taken for a tag; default: 0.9"),
             0, 1),
      sure);
    v(within(field<std::optional<double>>(
                 "doubtful",
                 "own labels: confidence from which an answer is left open; default: 0.7, to adapt 0.5"),
             0, 1),
      doubtful);
    v(field<nn::Precision>("dtype", "fp32, bf16, or auto: bf16 where the processor multiplies it"), dtype);
    v(unhashed(
          within(field<double>("checkpoint_minutes", "minutes between checkpoints, 0 = only when stopped"), 0,
                 100000)),
      checkpoint_minutes);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo train_finder_info() {
  stage::StageInfo info;
  info.name = "train-finder";
  info.version = 6;
  info.summary = "train the tag finder on synthetic tags, or adapt it to a cohort";
  info.inputs = {
      {"backgrounds", "manifest, folder of images or image to lay tags onto, without labels", false, false},
      {"weights",
       "safetensors of an earlier training to start from; default: random, to adapt those that come with the "
       "program",
       false, false},
      {"adapt", "manifest, folder of images or image that the finder gets used to", false, false}};
  info.outputs = {{"weights", "finder.safetensors",
                   "for `tagconf detect --weights`; what was trained on what stands in its metadata"}};
  info.examples = {
      "tagconf train-finder films/ --options configs/options/finder.json --out finder.safetensors",
      "tagconf train-finder --adapt cohort/manifest.csv --out adapted.safetensors"};
  return info;
}

stage::Summary run_train_finder(const TrainFinderOptions& options, const stage::StageIo& io,
                                const stage::Context& context) {
  const auto given = [&](const char* port) {
    return io.has(port) ? std::optional(io.input(port)) : std::nullopt;
  };
  const bool adapts = io.has("adapt");
  if (options.blend.value_or(1) < 1 && !adapts && !io.has("weights"))
    throw Error(ErrorCode::usage, "--blend below 1 goes from weights, and training starts from random ones",
                "give --weights, or leave --blend out");
  FinderTrainingPlan plan;
  plan.seed = options.seed;
  plan.steps = options.steps.value_or(adapts ? kAdaptSteps : 8000);
  plan.self_steps = options.self_steps;
  plan.batch = options.batch;
  plan.rate = options.lr.value_or(adapts ? kAdaptRate : 3e-3);
  plan.focal_gamma = options.focal_gamma.value_or(adapts ? kAdaptGamma : 2);
  plan.blend = options.blend.value_or(adapts ? kAdaptBlend : 1);
  plan.phantom_images = options.phantom_images;
  plan.phantom_share = options.phantom_share;
  if (adapts) plan.labels = adapting_labels();
  plan.labels.sure = options.sure.value_or(plan.labels.sure);
  plan.labels.doubtful = options.doubtful.value_or(plan.labels.doubtful);
  plan.weights = given("weights");
  plan.from_shipped = adapts;
  plan.backgrounds = given("backgrounds");
  plan.adapt = given("adapt");
  plan.refused = io.refused;
  plan.checkpoint_minutes = options.checkpoint_minutes;
  plan.compute = {options.dtype, "cpu", options.threads > 0 ? options.threads : context.threads};
  return train_finder_by(plan, io.output("weights"), io.partial, context);
}

}  // namespace

stage::Stage train_finder() {
  stage::Stage made = stage::make_stage<TrainFinderOptions>(train_finder_info(), run_train_finder);
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context& context) {
    Json facts = torch_facts(static_cast<const TrainFinderOptions*>(options.object.get())->dtype, context);
    facts["shipped_finder"] = nn::shipped_finder_digest();  // adapting starts from it
    return facts;
  };
  return made;
}

}  // namespace tagconf::stages
