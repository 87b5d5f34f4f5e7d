// How the phantom draws the attributes of a tag, and what a reader of the tags alone could make of them.
//
// One image has one tag or none. Four attributes may depend on the image's label y (0 normal, 1 abnormal)
// through a knob k each, with s = +1 for y = 1 and s = -1 for y = 0:
//
//   P(present)        = 0.60 + 0.38 k_presence s
//   P(letter is R)    = 0.50 + 0.48 k_letter s      (given present; else L)
//   P(in the upper half) = 0.50 + 0.48 k_position s (given present)
//   P(on a plate)     = 0.50 + 0.48 k_style s       (given present; else bare ink or a disc)
//
// A negative knob turns the tie round; at 0 the attribute is independent of the label. Given presence the
// attributes are independent of each other, and everything else about a tag (side, size, angle, initials,
// grey levels) is independent of the label.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace tagconf::phantom {

struct Knobs {
  double presence = 0;
  double letter = 0;
  double position = 0;
  double style = 0;
};

// What the ideal observer of the tags sees of one image.
struct TagTraits {
  bool present = false;
  bool right = false;  // the letter is R
  bool upper = false;
  bool on_plate = false;
  friend bool operator==(const TagTraits&, const TagTraits&) = default;
};

struct TagProbabilities {
  double present = 0;
  double right = 0;
  double upper = 0;
  double on_plate = 0;
};

[[nodiscard]] TagProbabilities tag_probabilities(const Knobs& knobs, int label);
// P(traits | label).
[[nodiscard]] double probability(const TagTraits& traits, const Knobs& knobs, int label);
// log P(traits | 1) - log P(traits | 0): the best score that the tags alone can give.
[[nodiscard]] double log_likelihood_ratio(const TagTraits& traits, const Knobs& knobs);
// All traits there are: absent, and the eight of a present tag.
[[nodiscard]] std::array<TagTraits, 9> all_traits();
// P(score of an abnormal image > score of a normal one) + half the ties, by enumeration.
[[nodiscard]] double ideal_observer_auc(const Knobs& knobs);

}  // namespace tagconf::phantom
