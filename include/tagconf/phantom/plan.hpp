// What a synthetic cohort holds, before a pixel is drawn: patients, studies, images, labels, lesions and tag
// traits. A plan is a function of its options; drawing image i needs nothing but its own item.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/base/sample.hpp"
#include "tagconf/phantom/tag_model.hpp"

namespace tagconf::phantom {

enum class Part { elbow, finger, forearm, hand, humerus, shoulder, wrist };
enum class Lesion { none, fracture, hardware, lytic, sclerotic };

}  // namespace tagconf::phantom

template <>
struct tagconf::EnumNames<tagconf::phantom::Part> {
  using P = tagconf::phantom::Part;
  static constexpr std::array kNames{std::pair{P::elbow, "elbow"},     std::pair{P::finger, "finger"},
                                     std::pair{P::forearm, "forearm"}, std::pair{P::hand, "hand"},
                                     std::pair{P::humerus, "humerus"}, std::pair{P::shoulder, "shoulder"},
                                     std::pair{P::wrist, "wrist"}};
};

template <>
struct tagconf::EnumNames<tagconf::phantom::Lesion> {
  using L = tagconf::phantom::Lesion;
  static constexpr std::array kNames{std::pair{L::none, "none"}, std::pair{L::fracture, "fracture"},
                                     std::pair{L::hardware, "hardware"}, std::pair{L::lytic, "lytic"},
                                     std::pair{L::sclerotic, "sclerotic"}};
};

namespace tagconf::phantom {

struct PlanOptions {
  std::uint64_t seed = 1;
  int patients_train = 280;
  int patients_valid = 120;
  int size = 512;                  // long side of the largest image, pixels
  double visibility = 0.7;         // 0: lesions are hardly there, 1: nobody overlooks them
  double abnormal_fraction = 0.4;  // of the studies
  double hardware_share = 0.36;    // of the abnormal studies: a plate with screws, plain at any size
  std::vector<Part> parts{Part::elbow,   Part::finger,   Part::forearm, Part::hand,
                          Part::humerus, Part::shoulder, Part::wrist};
  Knobs train;
  Knobs valid;
};

struct ImagePlan {
  std::uint64_t seed = 0;
  std::string image_id;    // valid/XR_WRIST/patient00012/study1_positive/image1
  std::string study_id;    // valid/XR_WRIST/patient00012/study1_positive
  std::string patient_id;  // patient00012
  Part part = Part::wrist;
  bool in_train = true;  // of MURA's two trees
  int label = 0;
  int view = 1;           // 1 frontal, 2 lateral, 3 oblique
  bool mirrored = false;  // the other side of the body; the same for all images of a study
  Lesion lesion = Lesion::none;
  double severity = 0;  // 0 to 1
  int width = 0;
  int height = 0;
  TagTraits tag;
};

// Ordered as MURA's lists: tree, body part, patient, study, image. Every body part asked for gets its share
// of the patients; a patient has one or two studies of one part, a study one to four images. Error config
// when no body part is asked for.
[[nodiscard]] std::vector<ImagePlan> plan_cohort(const PlanOptions& options);

}  // namespace tagconf::phantom
