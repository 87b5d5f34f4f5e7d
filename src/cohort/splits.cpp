#include "tagconf/cohort/splits.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::cohort {
namespace {

std::string patient_name(const Sample& sample) {
  return sample.patient_id.empty() ? "" : "patient " + sample.patient_id;
}

std::string study_name(const Sample& sample) {
  return sample.study_id.empty() ? "" : "study " + sample.study_id;
}

// Names that were joined, directly or by others, have one root: the first of them in the order of texts,
// whatever the order in which they were joined.
class JoinedNames {
 public:
  void join(const std::string& a, const std::string& b) {
    const std::string first = root(a);
    const std::string second = root(b);
    if (first != second) parents_[std::max(first, second)] = std::min(first, second);
  }
  [[nodiscard]] std::string root(std::string name) const {
    for (auto parent = parents_.find(name); parent != parents_.end(); parent = parents_.find(name))
      name = parent->second;
    return name;
  }

 private:
  std::map<std::string, std::string> parents_;
};

// What is kept together, a name for every image: the patient, else the study, else the image. Where study ids
// are unique, patients that share a study are one person whose id was written differently or left out.
std::vector<std::string> units_of(const Listing& listing) {
  JoinedNames names;
  for (const auto& image : listing.images) {
    const std::string patient = patient_name(image.sample);
    const std::string study = study_name(image.sample);
    if (listing.unique_studies && !patient.empty() && !study.empty()) names.join(patient, study);
  }
  std::vector<std::string> out;
  for (const auto& image : listing.images) {
    std::string name = patient_name(image.sample);
    if (name.empty()) name = study_name(image.sample);
    out.push_back(name.empty() ? "image " + image.sample.image_id : names.root(name));
  }
  return out;
}

struct Unit {
  std::string name;
  std::size_t images = 0;
  int label = -1;  // 1 when any image is abnormal
  std::set<std::string> parts;
};

// Units by what they show: first whether any image is abnormal, then the body parts.
using Strata = std::map<std::pair<int, std::string>, std::vector<Unit>>;

Strata strata_of(const Listing& listing, const std::vector<std::string>& names, Split split) {
  std::map<std::string, Unit> units;
  for (std::size_t i = 0; i < listing.images.size(); ++i) {
    const Listed& image = listing.images[i];
    if (image.sample.split != split) continue;
    Unit& unit = units[names[i]];
    unit.name = names[i];
    ++unit.images;
    unit.label = std::max(unit.label, image.sample.label.value_or(-1));
    unit.parts.insert(image.sample.body_part);
  }
  Strata strata;
  for (const auto& [name, unit] : units) {
    std::string parts;
    for (const auto& part : unit.parts) parts += part + "+";
    strata[{unit.label, parts}].push_back(unit);
  }
  return strata;
}

// Draws a share of the units of `from` and moves their images to `to`: systematic sampling. The strata are
// laid end to end, inside a stratum units with more images come first and equals are shuffled; from a random
// start every 1/fraction-th unit is taken. So the total, every stratum and every run of strata with one label
// are within one unit of their share, and units with many images are drawn as often as those with few.
void carve(Listing& listing, Split from, Split to, double fraction, std::uint64_t seed) {
  const std::string purpose = "cohort.split." + std::string(name_of(to));
  std::vector<std::string> line;
  const std::vector<std::string> names = units_of(listing);
  Strata strata = strata_of(listing, names, from);
  for (auto& [key, units] : strata) {
    Rng(seed, purpose, key_word(std::to_string(key.first) + "/" + key.second)).shuffle(units);
    std::stable_sort(units.begin(), units.end(),
                     [](const Unit& a, const Unit& b) { return a.images > b.images; });
    for (const auto& unit : units) line.push_back(unit.name);
  }
  if (fraction <= 0) return;
  if (line.size() < 2) {
    listing.warnings.push_back("the split " + std::string(name_of(to)) + " stays empty: " +
                               (line.empty() ? "no image is left to draw from"
                                             : "all images to draw from are of one " + line.front()));
    return;
  }
  // At least one unit on either side; the start stays off 0 and 1, where rounding would decide.
  const auto n = static_cast<double>(line.size());
  const double share = std::clamp(fraction, 1.0 / n, (n - 1.0) / n);
  const double start = Rng(seed, purpose, key_word("start")).uniform(1e-6, 1 - 1e-6);
  const auto taken = [&](std::size_t i) { return std::floor(static_cast<double>(i) * share + start); };
  std::set<std::string> chosen;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (taken(i + 1) > taken(i)) chosen.insert(line[i]);
  }
  for (std::size_t i = 0; i < listing.images.size(); ++i) {
    Split& split = listing.images[i].sample.split;
    if (split == from && chosen.contains(names[i])) split = to;
  }
}

// Patients, or studies, that the given splits set on two sides, with a message each. `id` is a Sample's.
std::map<std::string, std::string> in_two(const Listing& listing, const std::string& noun,
                                          std::string Sample::*id) {
  std::map<std::string, const Listed*> first;
  std::map<std::string, std::string> out;
  for (const auto& image : listing.images) {
    const Sample& sample = image.sample;
    const std::string& name = sample.*id;
    if (name.empty()) continue;
    const Listed* other = first.emplace(name, &image).first->second;
    if (other->sample.split == sample.split) continue;
    out.emplace(
        name, noun + " '" + name + "' is in two splits: " + std::string(name_of(other->sample.split)) + " (" +
                  other->where + ") and " + std::string(name_of(sample.split)) + " (" + image.where + ")");
  }
  return out;
}

std::set<Split> splits_given(const Listing& listing) {
  std::set<Split> out;
  for (const auto& image : listing.images) out.insert(image.sample.split);
  if (out.size() > 1 && out.contains(Split::none)) {
    for (const auto& image : listing.images) {
      if (image.sample.split == Split::none) {
        throw_input(image.where + ": no split, though other images have one",
                    "give every image a split, or none");
      }
    }
  }
  out.erase(Split::none);
  return out;
}

}  // namespace

std::vector<std::string> assign_splits(Listing& listing, const SplitOptions& options) {
  const std::set<Split> given = splits_given(listing);
  std::vector<std::string> leaks;
  if (listing.unique_studies) {
    for (const auto& [study, message] : in_two(listing, "study", &Sample::study_id))
      throw_input(message, "move all images of a study to one split");
  }
  for (const auto& [patient, message] : in_two(listing, "patient", &Sample::patient_id)) {
    if (!listing.published) throw_input(message, "move all images of a patient to one split");
    leaks.push_back(patient);
    listing.warnings.push_back("leak: " + message);
  }
  const auto unnamed = std::count_if(listing.images.begin(), listing.images.end(),
                                     [](const Listed& i) { return i.sample.patient_id.empty(); });
  if (unnamed > 0) {
    listing.warnings.push_back(std::to_string(unnamed) +
                               " images have no patient: whether a patient is in two splits cannot be told");
  }
  if (given.empty()) {
    for (auto& image : listing.images) image.sample.split = Split::train;
    carve(listing, Split::train, Split::test, options.test_fraction, options.seed);
    carve(listing, Split::train, Split::valid, options.valid_fraction, options.seed);
  } else if (given.contains(Split::train) && given.size() <= 2) {
    for (auto& image : listing.images) {
      if (image.sample.split == Split::valid) image.sample.split = Split::test;
    }
    carve(listing, Split::train, Split::valid, options.valid_fraction, options.seed);
  }
  return leaks;
}

}  // namespace tagconf::cohort
