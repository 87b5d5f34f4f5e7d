#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cohort_support.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/splits.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using test::check_refused;

namespace {

struct Shape {
  int patients = 100;
  std::vector<Split> splits{Split::none};  // a patient gets one of these
  std::uint64_t seed = 1;
};

Listing random_cohort(const Shape& shape) {
  Listing listing;
  Rng rng(shape.seed, "test.cohort");
  const std::vector<std::string> parts{"WRIST", "ELBOW", "HAND"};
  for (int p = 0; p < shape.patients; ++p) {
    const Split split = shape.splits[rng.below(shape.splits.size())];
    const auto images = 1 + rng.below(4);
    for (std::uint64_t i = 0; i < images; ++i) {
      Listed image;
      image.sample = {"i" + std::to_string(p) + "_" + std::to_string(i),
                      "p" + std::to_string(p),
                      "",
                      parts[rng.below(3)],
                      split,
                      rng.chance(0.3) ? 1 : 0};
      image.where = "t.csv:" + std::to_string(listing.images.size() + 2);
      listing.images.push_back(image);
    }
  }
  return listing;
}

std::map<std::string, std::set<Split>> splits_by_patient(const Listing& listing) {
  std::map<std::string, std::set<Split>> out;
  for (const auto& image : listing.images) out[image.sample.patient_id].insert(image.sample.split);
  return out;
}

std::size_t patients_in(const Listing& listing, Split split) {
  std::size_t n = 0;
  for (const auto& [patient, splits] : splits_by_patient(listing)) n += splits.contains(split) ? 1 : 0;
  return n;
}

double abnormal_share(const Listing& listing, Split split) {
  std::map<std::string, int> patients;
  for (const auto& image : listing.images) {
    if (image.sample.split != split) continue;
    int& label = patients[image.sample.patient_id];
    label = std::max(label, *image.sample.label);
  }
  double sum = 0;
  for (const auto& [patient, label] : patients) sum += label;
  return sum / static_cast<double>(patients.size());
}

}  // namespace

TEST_CASE("no patient is ever in two splits, and the shares are what was asked for") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Rng rng(seed, "test.shape");
    const int patients = 2 + static_cast<int>(rng.below(120));
    Listing listing = random_cohort({patients, {Split::none}, seed});
    const auto leaks = assign_splits(listing, {0.1, 0.2, seed});
    CHECK(leaks.empty());
    CHECK(listing.warnings.empty() == (patients > 2));
    for (const auto& [patient, splits] : splits_by_patient(listing)) {
      CHECK(splits.size() == 1);
      CHECK_FALSE(splits.contains(Split::none));
    }
    const auto test = static_cast<double>(patients_in(listing, Split::test));
    const auto valid = static_cast<double>(patients_in(listing, Split::valid));
    CHECK(std::abs(test - std::max(1.0, 0.2 * patients)) < 1);
    CHECK(test >= 1);
    if (patients - test >= 2) CHECK(std::abs(valid - std::max(1.0, 0.1 * (patients - test))) < 1);
    CHECK(patients_in(listing, Split::train) >= 1);
  }
}

TEST_CASE("a draw keeps the share of abnormal patients in every split") {
  Listing listing = random_cohort({1000, {Split::none}, 5});
  (void)assign_splits(listing, {0.1, 0.2, 9});
  const double share = abnormal_share(listing, Split::train);
  CHECK(abnormal_share(listing, Split::test) == Approx(share).margin(0.012));
  CHECK(abnormal_share(listing, Split::valid) == Approx(share).margin(0.03));
}

TEST_CASE("a draw takes every body part's share, of normal and of abnormal patients") {
  struct Cell {
    std::string part;
    int label;
    int patients;
  };
  const std::vector<Cell> cells{{"WRIST", 0, 37}, {"WRIST", 1, 20}, {"ELBOW", 0, 11},
                                {"ELBOW", 1, 50}, {"HAND", 0, 8},   {"HAND", 1, 24}};
  Listing listing;
  for (const auto& cell : cells) {
    for (int p = 0; p < cell.patients; ++p) {
      Listed image;
      const std::string id = cell.part + std::to_string(cell.label) + "_" + std::to_string(p);
      image.sample = {id, "p" + id, "", cell.part, Split::none, cell.label};
      listing.images.push_back(image);
    }
  }
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Listing drawn = listing;
    (void)assign_splits(drawn, {0.1, 0.2, seed});
    for (const auto& cell : cells) {
      std::map<Split, int> found;
      for (const auto& image : drawn.images) {
        if (image.sample.body_part == cell.part && image.sample.label == cell.label)
          ++found[image.sample.split];
      }
      INFO(cell.part << " " << cell.label << ", seed " << seed);
      CHECK(std::abs(found[Split::test] - 0.2 * cell.patients) < 1);
      CHECK(std::abs(found[Split::valid] - 0.1 * (cell.patients - found[Split::test])) < 1);
    }
  }
}

TEST_CASE("over many seeds every patient is drawn about equally often") {
  const Listing listing = random_cohort({40, {Split::none}, 3});
  std::map<std::string, int> drawn;
  constexpr int kSeeds = 2000;
  for (int seed = 0; seed < kSeeds; ++seed) {
    Listing one = listing;
    (void)assign_splits(one, {0.0, 0.2, static_cast<std::uint64_t>(seed)});
    for (const auto& [patient, splits] : splits_by_patient(one))
      drawn[patient] += splits.contains(Split::test);
  }
  REQUIRE(drawn.size() == 40);
  // Binomial with p = 0.2: standard deviation 0.009, and five of them on either side.
  for (const auto& [patient, times] : drawn) CHECK(std::abs(times / double{kSeeds} - 0.2) < 0.045);
}

TEST_CASE("the draw depends on the seed alone, not on the rows' order") {
  const Listing listing = random_cohort({80, {Split::none}, 2});
  Listing a = listing;
  Listing b = listing;
  Rng rng(3, "test.order");
  rng.shuffle(b.images);
  (void)assign_splits(a, {0.1, 0.2, 7});
  (void)assign_splits(b, {0.1, 0.2, 7});
  CHECK(splits_by_patient(a) == splits_by_patient(b));
  Listing c = listing;
  (void)assign_splits(c, {0.1, 0.2, 8});
  CHECK(splits_by_patient(a) != splits_by_patient(c));
}

TEST_CASE("of two splits the held-back part becomes test and valid comes out of train") {
  for (const Split held : {Split::valid, Split::test}) {
    const Listing before = random_cohort({200, {Split::train, Split::train, held}, 4});
    Listing after = before;
    (void)assign_splits(after, {0.1, 0.2, 1});
    for (std::size_t i = 0; i < before.images.size(); ++i) {
      const Split was = before.images[i].sample.split;
      const Split is = after.images[i].sample.split;
      if (was == held) CHECK(is == Split::test);
      if (was == Split::train) CHECK((is == Split::train || is == Split::valid));
    }
    const double training = static_cast<double>(patients_in(before, Split::train));
    CHECK(std::abs(static_cast<double>(patients_in(after, Split::valid)) - 0.1 * training) < 1);
    for (const auto& [patient, splits] : splits_by_patient(after)) CHECK(splits.size() == 1);
  }
}

TEST_CASE("three given splits stay as they are") {
  const Listing before = random_cohort({60, {Split::train, Split::valid, Split::test}, 6});
  Listing after = before;
  (void)assign_splits(after, {0.1, 0.2, 1});
  CHECK(splits_by_patient(after) == splits_by_patient(before));
}

TEST_CASE("a patient in two given splits is an error, in a published cohort a reported leak") {
  Listing listing = random_cohort({10, {Split::train}, 1});
  listing.images[0].sample.split = Split::valid;
  listing.images[0].sample.patient_id = listing.images.back().sample.patient_id;
  const std::string patient = listing.images[0].sample.patient_id;
  Listing given = listing;
  check_refused([&] { (void)assign_splits(given, {}); }, "patient '" + patient + "' is in two splits");
  check_refused([&] { (void)assign_splits(given, {}); }, "t.csv:2");
  listing.published = true;
  CHECK(assign_splits(listing, {}) == std::vector<std::string>{patient});
  REQUIRE(listing.warnings.size() == 1);
  CHECK(listing.warnings[0].rfind("leak: patient", 0) == 0);
}

TEST_CASE("a study with its own id stays whole, whatever its patient is called") {
  // Film by film: studies of two films, the second one's patient missing, written in lower case or shared
  // with another study.
  Listing listing;
  const auto add = [&](int study, const std::string& patient) {
    Listed image;
    const std::string number = std::to_string(listing.images.size());
    image.sample = {"i" + number, patient, "s" + std::to_string(study), "HAND", Split::none, study % 2};
    image.where = "file " + number;
    listing.images.push_back(image);
  };
  for (int s = 0; s < 60; ++s) {
    const std::string number = std::to_string(s);
    add(s, "PID" + number);
    add(s, s % 3 == 0 ? "" : s % 3 == 1 ? "pid" + number : "PID" + std::to_string(s - 2));
  }
  const auto splits_by_study = [](const Listing& drawn) {
    std::map<std::string, std::set<Split>> out;
    for (const auto& image : drawn.images) out[image.sample.study_id].insert(image.sample.split);
    return out;
  };
  listing.unique_studies = true;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Listing drawn = listing;
    (void)assign_splits(drawn, {0.1, 0.2, seed});
    for (const auto& [study, splits] : splits_by_study(drawn)) CHECK(splits.size() == 1);
    for (const auto& [patient, splits] : splits_by_patient(drawn)) {
      if (!patient.empty()) CHECK(splits.size() == 1);
    }
    // Of 60 studies 20 are joined to another: 40 units.
    std::set<std::string> held;
    for (const auto& image : drawn.images)
      if (image.sample.split == Split::test) held.insert(image.sample.study_id);
    CHECK(held.size() >= 8);
    CHECK(held.size() <= 16);
    Listing turned = listing;
    std::reverse(turned.images.begin(), turned.images.end());
    (void)assign_splits(turned, {0.1, 0.2, seed});
    CHECK(splits_by_study(turned) == splits_by_study(drawn));
  }

  for (auto& image : listing.images) image.sample.split = Split::train;
  listing.images[1].sample.split = Split::test;
  check_refused([&] { (void)assign_splits(listing, {}); },
                "study 's0' is in two splits: train (file 0) and test (file 1)");
  // Where studies are numbered by patient, the same number says nothing.
  listing.unique_studies = false;
  CHECK_NOTHROW(assign_splits(listing, {}));
}

TEST_CASE("a row without a split among others is an error; images without patient are told") {
  Listing listing = random_cohort({10, {Split::train}, 1});
  listing.images[3].sample.split = Split::none;
  check_refused([&] { (void)assign_splits(listing, {}); }, "t.csv:5: no split");
  Listing nameless = random_cohort({30, {Split::none}, 1});
  for (auto& image : nameless.images) image.sample.patient_id.clear();
  (void)assign_splits(nameless, {});
  REQUIRE(nameless.warnings.size() == 1);
  CHECK(nameless.warnings[0].find("have no patient") != std::string::npos);
}

TEST_CASE("a split that was asked for and stays empty is told") {
  Listing one = random_cohort({1, {Split::none}, 1});
  for (int i = 0; i < 3; ++i) one.images.push_back(one.images.front());
  Listing lone = one;
  (void)assign_splits(lone, {0.1, 0.2, 1});
  CHECK(lone.warnings == std::vector<std::string>{
                             "the split test stays empty: all images to draw from are of one patient p0",
                             "the split valid stays empty: all images to draw from are of one patient p0"});
  CHECK(patients_in(lone, Split::train) == 1);
  lone = one;
  (void)assign_splits(lone, {0.1, 0.0, 1});
  CHECK(lone.warnings.size() == 1);
  Listing given = random_cohort({1, {Split::train}, 1});
  Listing held = random_cohort({3, {Split::test}, 2});
  for (auto& image : held.images) image.sample.patient_id += "_held";
  given.images.insert(given.images.end(), held.images.begin(), held.images.end());
  (void)assign_splits(given, {0.1, 0.2, 1});
  CHECK(given.warnings == std::vector<std::string>{
                              "the split valid stays empty: all images to draw from are of one patient p0"});
}
