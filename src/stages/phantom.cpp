// tagconf phantom: a synthetic cohort in MURA v1.1's layout, with the truth about every image beside it.
#include <cstdint>

#include "tagconf/phantom/cohort_files.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {

using options::field;
using options::unhashed;
using options::within;

struct PhantomStageOptions {
  phantom::PlanOptions plan{.train = {.presence = 0.55}, .valid = {.presence = 0.55}};
  bool bones = true;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<std::uint64_t>("seed", "everything drawn follows from it"), plan.seed);
    v(within(field<int>("patients_train", "patients in MURA's train tree"), 1, 1000000), plan.patients_train);
    v(within(field<int>("patients_valid", "patients in MURA's valid tree (tagconf's test part)"), 1, 1000000),
      plan.patients_valid);
    v(within(field<int>("size", "long side of the largest image, pixels"), 64, 2048), plan.size);
    v(within(field<double>("visibility", "how plain lesions are: 0 hardly there, 1 nobody overlooks them"), 0,
             1),
      plan.visibility);
    v(within(field<double>("abnormal_fraction", "share of abnormal studies"), 0, 1), plan.abnormal_fraction);
    v(within(field<double>("hardware_share",
                           "share of abnormal studies with a plate and screws; the others have a fracture or "
                           "a lesion, which a network needs more pixels and images to see"),
             0, 1),
      plan.hardware_share);
    v(field<std::vector<phantom::Part>>("parts", "body parts, in turn over the patients"), plan.parts);
    describe_knobs(v, "train", plan.train);
    describe_knobs(v, "test", plan.valid);
    v(field<bool>("bones", "write a mask of the bones for every image"), bones);
    v(unhashed(field<int>("threads", "worker threads, 0 = all")), threads);
  }

 private:
  template <class Visitor>
  static void describe_knobs(Visitor& v, std::string_view tree, phantom::Knobs& knobs) {
    const bool train = tree == "train";
    const auto knob = [&](std::string_view train_key, std::string_view test_key, std::string_view help,
                          double& value) {
      v(within(field<double>(train ? train_key : test_key, help), -1, 1), value);
    };
    knob("train_presence", "test_presence", "how far an abnormal label makes a tag more likely",
         knobs.presence);
    knob("train_letter", "test_letter", "how far an abnormal label makes the letter R", knobs.letter);
    knob("train_position", "test_position", "how far an abnormal label moves the tag to the upper half",
         knobs.position);
    knob("train_style", "test_style", "how far an abnormal label puts the letter on a plate", knobs.style);
  }
};

stage::Summary run(const PhantomStageOptions& options, const stage::StageIo& io,
                   const stage::Context& context) {
  const phantom::WriteOptions write{options.bones, options.threads > 0 ? options.threads : context.threads};
  const auto progress = [&](std::size_t done, std::size_t total) {
    context.progress->update(done, total, "images", "");
  };
  const Json truth = phantom::write_cohort(options.plan, io.output("cohort"), io.output("truth"), write,
                                           progress, context.stop_requested);
  stage::Summary summary;
  summary["images"] = truth["train"]["images"].get<int>() + truth["valid"]["images"].get<int>();
  summary["ideal_auc"] = truth["valid"]["ideal_auc"];
  summary["ideal_auc_on_images"] = truth["valid"]["ideal_auc_on_images"];
  return summary;
}

}  // namespace

stage::Stage phantom() {
  return stage::make_stage<PhantomStageOptions>(
      {.name = "phantom",
       .version = 2,
       .summary =
           "write a synthetic cohort of radiographs with known tags and lesions, in MURA v1.1's layout",
       .inputs = {},
       .outputs = {{"cohort", "MURA-v1.1", "the cohort, as MURA v1.1 lays it out"},
                   {"truth", "truth",
                    "tag boxes and looks, lesion boxes, bone masks and the generator's probabilities"}},
       .examples = {"tagconf phantom --out phantom",
                    "tagconf phantom --seed 3 --train-letter 0.8 --test-letter -0.8 --out shifted"}},
      &run);
}

}  // namespace tagconf::stages
