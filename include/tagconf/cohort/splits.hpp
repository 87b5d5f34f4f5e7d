// Who trains, who selects, who tests. Selection never sees the test set, and no patient is in two splits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tagconf/cohort/listing.hpp"

namespace tagconf::cohort {

struct SplitOptions {
  double valid_fraction = 0.1;  // of the training patients
  double test_fraction = 0.2;   // of all patients, when the cohort brings no splits
  std::uint64_t seed = 1;
};

// Three splits given: kept. Two of them, train and a held-back part (valid or test): the held-back part
// becomes test, and valid is carved by patient out of train (also when train is all there is). None given:
// test and valid are carved by patient. Patients are drawn so that every label and body part is represented
// by its share, whatever the rows' order. Without patient ids a study (or else an image) stands for the
// patient, with a warning; another tells of a split that stays empty for want of patients. Where the
// listing's study ids are unique, all that share a study are drawn together, whatever their patients are
// called. Error input: a row without a split among rows that have one; a patient, or a unique study, in two
// splits, unless the listing is published: then a warning names the leaking patient. Warnings are added to
// the listing. Returns the leaking patients.
std::vector<std::string> assign_splits(Listing& listing, const SplitOptions& options);

}  // namespace tagconf::cohort
