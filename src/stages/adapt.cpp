// tagconf adapt: lets the tag finder get used to a cohort before it searches it. It labels a part of the
// cohort's images itself and trains on with them; nothing needs labels. Small cohorts are left alone: the
// finder goes on as it came.
#include <optional>

#include "finder_training.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/nn/shipped_finder.hpp"
#include "tagconf/stages/all.hpp"
#include "torch_facts.hpp"

namespace tagconf::stages {
namespace {

struct AdaptOptions {
  std::uint64_t seed = 1;
  int steps = kAdaptSteps;
  int more_than = 200;
  int images = 400;
  nn::Precision dtype = nn::Precision::automatic;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::unhashed;
    using options::within;
    v(field<std::uint64_t>("seed", "everything drawn follows from it"), seed);
    v(within(field<int>("steps", "steps of training"), 1, 1000000), steps);
    v(within(field<int>("more_than", "images that a cohort must exceed; a smaller one is left alone"), 0,
             1000000000),
      more_than);
    v(within(field<int>("images", "images that are labelled and trained with, spread evenly over the cohort"),
             1, 100000),
      images);
    v(field<nn::Precision>("dtype", "fp32, bf16, or auto: bf16 where the processor multiplies it"), dtype);
    v(unhashed(within(field<int>("threads", "processor threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo adapt_info() {
  stage::StageInfo info;
  info.name = "adapt";
  info.version = 5;
  info.summary = "let the tag finder get used to a cohort's images, without labels";
  info.inputs = {
      {"images", "manifest, folder of images or image", true, false},
      {"weights", "finder to start from; default: the one that comes with the program", false, false}};
  info.outputs = {{"weights", "finder.safetensors", "for `tagconf detect --weights`"}};
  info.examples = {"tagconf adapt cohort/manifest.csv --out finder.safetensors",
                   "tagconf adapt films/ --more-than 0 --steps 500 --out finder.safetensors"};
  return info;
}

stage::Summary run_adapt(const AdaptOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  const std::size_t count = arms::open_images(io.input("images")).rows.size();
  const auto weights = io.has("weights") ? std::optional(io.input("weights")) : std::nullopt;
  if (count <= static_cast<std::size_t>(options.more_than)) {
    copy_finder(weights, io.output("weights"));
    return {{"images", count},
            {"adapted", false},
            {"text", std::to_string(count) + " images are too few to adapt to: the finder stays as it was."}};
  }
  FinderTrainingPlan plan;
  plan.seed = options.seed;
  plan.steps = options.steps;
  plan.rate = kAdaptRate;
  plan.focal_gamma = kAdaptGamma;
  plan.blend = kAdaptBlend;
  plan.labels = adapting_labels();
  plan.most_images = static_cast<std::size_t>(options.images);
  plan.weights = weights;
  plan.from_shipped = true;
  plan.adapt = io.input("images");
  plan.refused = io.refused;
  plan.compute = {options.dtype, "cpu", options.threads > 0 ? options.threads : context.threads};
  const Json record = train_finder_by(plan, io.output("weights"), io.partial, context);
  return {{"images", count},
          {"adapted", true},
          {"record", record},
          {"text", "The finder got used to " + std::to_string(record.at("adapt").get<std::size_t>()) +
                       " of " + std::to_string(count) + " images."}};
}

}  // namespace

stage::Stage adapt() {
  stage::Stage made = stage::make_stage<AdaptOptions>(adapt_info(), run_adapt);
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context& context) {
    Json facts = torch_facts(static_cast<const AdaptOptions*>(options.object.get())->dtype, context);
    facts["shipped_finder"] = nn::shipped_finder_digest();
    return facts;
  };
  return made;
}

}  // namespace tagconf::stages
