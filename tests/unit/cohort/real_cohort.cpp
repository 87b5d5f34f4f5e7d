// The real chest cohort of the shared data, read as a table.
#include <map>
#include <set>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/cohort/collect.hpp"
#include "tagconf/cohort/readers.hpp"
#include "tagconf/cohort/splits.hpp"

using namespace tagconf;
using namespace tagconf::cohort;

TEST_CASE("290 real radiographs become a manifest with three splits by patient") {
  const auto table = test::shared_folder_or_skip() / "data/nih/cohort.csv";
  Listing listing = read_table(table, {});
  REQUIRE(listing.images.size() == 290);
  std::size_t given_valid = 0;
  for (const auto& image : listing.images) given_valid += image.sample.split == Split::valid ? 1 : 0;
  const auto leaks = assign_splits(listing, {0.1, 0.2, 1});
  CHECK(leaks.empty());
  const Collected found = collect(
      listing, 0, [](std::size_t) {}, [] { return false; });
  CHECK(found.skipped.empty());
  REQUIRE(found.manifest.rows.size() == 290);
  std::map<std::string, std::set<Split>> patients;
  std::map<Split, std::set<int>> labels;
  std::map<Split, std::size_t> images;
  for (const auto& row : found.manifest.rows) {
    patients[row.sample.patient_id].insert(row.sample.split);
    labels[row.sample.split].insert(row.sample.label.value());
    ++images[row.sample.split];
    CHECK(std::max(row.width, row.height) == 512);
    CHECK(row.bits == 8);
    CHECK(row.sample.body_part == "CHEST");
    CHECK(row.sha256.size() == 64);
  }
  for (const auto& [patient, splits] : patients) CHECK(splits.size() == 1);
  for (const auto split : {Split::train, Split::valid, Split::test})
    CHECK(labels[split] == std::set<int>{0, 1});
  CHECK(images[Split::test] == given_valid);
  WARN("train " << images[Split::train] << ", valid " << images[Split::valid] << ", test "
                << images[Split::test] << ", patients " << patients.size());

  const test::ScratchFolder scratch;
  write_manifest(scratch / "manifest.csv", found.manifest);
  const Manifest again = read_manifest(scratch / "manifest.csv");
  REQUIRE(again.rows.size() == 290);
  CHECK(std::filesystem::equivalent(again.image_path(again.rows[0]),
                                    found.manifest.image_path(found.manifest.rows[0])));
}
