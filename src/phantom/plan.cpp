#include "tagconf/phantom/plan.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::phantom {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return out;
}

std::string patient_name(int number) {
  const std::string digits = std::to_string(number);
  return "patient" + std::string(5 - std::min<std::size_t>(5, digits.size()), '0') + digits;
}

TagTraits draw_traits(const Knobs& knobs, int label, Rng& rng) {
  const TagProbabilities p = tag_probabilities(knobs, label);
  TagTraits tag;
  tag.present = rng.chance(p.present);
  tag.right = rng.chance(p.right);
  tag.upper = rng.chance(p.upper);
  tag.on_plate = rng.chance(p.on_plate);
  return tag.present ? tag : TagTraits{};
}

// What is not hardware is a fracture in 40 of 64 cases, a lytic lesion in 13, a sclerotic one in 11.
Lesion draw_lesion(double hardware_share, Rng& rng) {
  const double unit = (1 - hardware_share) / 0.64;
  const double fracture = 0.40 * unit;
  const double hardware = fracture + hardware_share;
  const double u = rng.uniform();
  if (u < fracture) return Lesion::fracture;
  if (u < hardware) return Lesion::hardware;
  return u < hardware + 0.13 * unit ? Lesion::lytic : Lesion::sclerotic;
}

// One to four, two or three most often.
int draw_image_count(Rng& rng) {
  const double u = rng.uniform();
  return u < 0.20 ? 1 : (u < 0.58 ? 2 : (u < 0.90 ? 3 : 4));
}

// Long limbs are pictured tall, hands and shoulders nearly square.
double aspect_of(Part part, Rng& rng) {
  switch (part) {
    case Part::forearm:
    case Part::humerus:
      return rng.uniform(0.45, 0.70);
    case Part::finger:
      return rng.uniform(0.45, 0.75);
    case Part::shoulder:
      return rng.uniform(0.85, 1.20);
    case Part::hand:
    case Part::wrist:
    case Part::elbow:
      break;
  }
  return rng.uniform(0.70, 0.95);
}

// Adds the studies of one patient.
void add_patient(const PlanOptions& options, bool in_train, int number, std::vector<ImagePlan>& out) {
  Rng rng(options.seed, "phantom.patient", static_cast<std::uint64_t>(number));
  const Part part = options.parts[static_cast<std::size_t>(number) % options.parts.size()];
  const std::string tree = std::string(in_train ? "train" : "valid") + "/XR_" + upper(name_of(part));
  const int studies = rng.chance(0.2) ? 2 : 1;
  for (int s = 1; s <= studies; ++s) {
    const int label = rng.chance(options.abnormal_fraction) ? 1 : 0;
    const Lesion lesion = label == 1 ? draw_lesion(options.hardware_share, rng) : Lesion::none;
    const double severity =
        label == 1 ? std::clamp(options.visibility + 0.22 * rng.normal(), 0.02, 1.0) : 0.0;
    const bool mirrored = rng.chance(0.5);
    const int images = draw_image_count(rng);
    for (int i = 1; i <= images; ++i) {
      ImagePlan item;
      item.patient_id = patient_name(number);
      item.study_id = tree + "/" + item.patient_id + "/study" + std::to_string(s) +
                      (label == 1 ? "_positive" : "_negative");
      item.image_id = item.study_id + "/image" + std::to_string(i);
      item.seed = options.seed;
      item.part = part;
      item.in_train = in_train;
      item.label = label;
      item.view = (i - 1) % 3 + 1;
      item.mirrored = mirrored;
      item.lesion = lesion;
      item.severity = severity;
      const double aspect = aspect_of(part, rng);
      const double side = options.size * (rng.chance(0.6) ? 1.0 : rng.uniform(0.75, 1.0));
      item.width = std::max(64, static_cast<int>(std::lround(aspect <= 1 ? side * aspect : side)));
      item.height = std::max(64, static_cast<int>(std::lround(aspect <= 1 ? side : side / aspect)));
      Rng tag_rng(options.seed, "phantom.tag_traits", key_word(item.image_id));
      item.tag = draw_traits(in_train ? options.train : options.valid, label, tag_rng);
      out.push_back(std::move(item));
    }
  }
}

}  // namespace

std::vector<ImagePlan> plan_cohort(const PlanOptions& options) {
  if (options.parts.empty()) {
    throw_config("phantom: parts is empty", "name at least one body part: " + all_names<Part>());
  }
  std::vector<ImagePlan> out;
  for (int i = 1; i <= options.patients_train + options.patients_valid; ++i) {
    add_patient(options, i <= options.patients_train, i, out);
  }
  std::stable_sort(out.begin(), out.end(), [](const ImagePlan& a, const ImagePlan& b) {
    return std::pair(!a.in_train, a.part) < std::pair(!b.in_train, b.part);
  });
  return out;
}

}  // namespace tagconf::phantom
