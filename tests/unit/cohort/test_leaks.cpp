// Who is in two splits, and how pairs are found, sorted and written.
#include <atomic>
#include <tuple>

#include "cohort_support.hpp"
#include "films.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/leaks.hpp"
#include "tagconf/cohort/near_pairs.hpp"

using namespace tagconf;
using namespace tagconf::cohort;

namespace {

const std::function<bool()> kGoOn = [] { return false; };

ManifestRow row(const std::string& id, Split split, const std::string& patient = "",
                const std::string& study = "", std::optional<int> label = std::nullopt) {
  ManifestRow out;
  out.sample = {id, patient, study, "WRIST", split, label};
  return out;
}

std::vector<std::optional<Fingerprint>> prints_of(const std::vector<imaging::GreyImage>& images) {
  std::vector<std::optional<Fingerprint>> out;
  for (const auto& image : images)
    out.push_back(image.empty() ? std::nullopt : std::optional(make_fingerprint(image)));
  return out;
}

// "patient 0 3": kind and rows.
std::vector<std::string> names_of(const std::vector<Leak>& leaks) {
  std::vector<std::string> out;
  for (const auto& leak : leaks)
    out.push_back(std::string(name_of(leak.kind)) + " " + std::to_string(leak.a) + " " +
                  std::to_string(leak.b));
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the search finds what looking at every pair finds") {
  Rng rng(1, "test_leaks");
  std::vector<LookHash> hashes(700);
  std::vector<LookHash> others(700);
  const auto word = [&] { return std::uint64_t{rng.next()} << 32U | rng.next(); };
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    // Every third hash is an earlier one with a few bits turned.
    hashes[i] = i % 3 == 2 ? hashes[rng.below(i)] : LookHash{word(), word()};
    for (std::uint64_t k = rng.below(20); i % 3 == 2 && k > 0; --k) {
      const std::uint64_t bit = rng.below(128);
      (bit < 64 ? hashes[i].across : hashes[i].down) ^= std::uint64_t{1} << (bit % 64);
    }
    others[i] = rng.chance(0.5) ? hashes[rng.below(i + 1)] : LookHash{word(), word()};
  }
  for (const auto* second : {&hashes, &others}) {
    for (const int limit : {0, 5, 14, 40, 128}) {
      std::vector<std::tuple<std::size_t, std::size_t, int>> expected;
      for (std::size_t a = 0; a < hashes.size(); ++a) {
        for (std::size_t b = a + 1; b < hashes.size(); ++b) {
          const int distance = hash_distance(hashes[a], (*second)[b]);
          if (distance <= limit) expected.emplace_back(a, b, distance);
        }
      }
      for (const int threads : {1, 3}) {
        std::vector<std::tuple<std::size_t, std::size_t, int>> found;
        for (const auto& pair : find_near_pairs(
                 hashes, *second, limit, threads, [](std::size_t, std::size_t) { return 0.5; }, kGoOn)) {
          found.emplace_back(pair.a, pair.b, pair.distance);
          if (pair.correlation != 0.5) FAIL("not the confirmed correlation");
        }
        CHECK(found == expected);
      }
      if (limit == 14) CHECK(expected.size() > 50);
    }
  }
}

TEST_CASE("a search ends when it is told to, and when too much looks alike") {
  const std::vector<LookHash> same(1500);
  const auto all = [](std::size_t, std::size_t) { return 1.0; };
  test::check_refused([&] { (void)find_near_pairs(same, same, 0, 2, all, kGoOn); },
                      "more than a million pairs of images look alike");
  const auto none = [](std::size_t, std::size_t) { return std::optional<double>(); };
  CHECK(find_near_pairs(same, same, 0, 2, none, kGoOn).empty());
  test::check_refused([&] { (void)find_near_pairs(same, same, 0, 2, none, [] { return true; }); },
                      "stopped while comparing images", ErrorCode::incomplete);
  CHECK(find_near_pairs({}, {}, 0, 2, all, kGoOn).empty());
}

TEST_CASE("patients and studies in two splits") {
  const std::vector<ManifestRow> rows{row("a", Split::train, "p1", "s1"),
                                      row("b", Split::train, "p1", "s2"),
                                      row("c", Split::test, "p1", "s2"),
                                      row("d", Split::valid, "p1", "s3"),
                                      row("e", Split::test, "p2", "s1"),
                                      row("f", Split::none, "p2", "s1"),
                                      row("g", Split::train, "", "s9"),
                                      row("h", Split::test, "", "s9"),
                                      row("i", Split::valid)};
  const std::vector<std::optional<Fingerprint>> unread(rows.size());
  const auto leaks = find_leaks(rows, unread, {}, 1, kGoOn);
  // Patient p1 is in three splits: three pairs of first images. Study s1 is of two patients, p2's second
  // image in no split.
  CHECK(names_of(leaks) == Names{"patient 0 2", "patient 0 3", "patient 2 3", "study 1 2", "study 6 7"});
  CHECK(leaks_csv({leaks.data(), 1}, rows) ==
        "kind,image_a,image_b,split_a,split_b,label_a,label_b,patient_a,patient_b,distance,correlation\n"
        "patient,a,c,train,test,,,p1,p1,,\n");
  // train: a, b, g; valid: d; test: c, h.
  const auto concerned = count_concerned(leaks, rows, {});
  CHECK(concerned == std::array<std::size_t, 4>{0, 3, 1, 2});
}

TEST_CASE("a study is told by its id alone where that is unique, or where a patient is missing") {
  const std::vector<ManifestRow> rows{
      row("a", Split::train, "PID1", "s1"), row("b", Split::test, "pid1", "s1"),
      row("c", Split::train, "p2", "s2"),   row("d", Split::valid, "", "s2"),
      row("e", Split::test, "", "s2"),      row("f", Split::train, "p3", "s2"),
      row("g", Split::train, "p4", "s3"),   row("h", Split::train, "", "s3")};
  const std::vector<std::optional<Fingerprint>> unread(rows.size());
  const auto numbered = find_leaks(rows, unread, {}, 1, kGoOn);
  // s2 is c's or f's; d and e, of no patient, come up with both and are told once.
  CHECK(names_of(numbered) == Names{"study 2 3", "study 2 4", "study 3 4", "study 3 5", "study 4 5"});
  CHECK(count_concerned(numbered, rows, {}) == std::array<std::size_t, 4>{0, 2, 1, 1});
  LeakOptions options;
  options.unique_studies = true;
  const auto unique = find_leaks(rows, unread, options, 1, kGoOn);
  CHECK(names_of(unique) == Names{"study 0 1", "study 2 3", "study 2 4", "study 3 4"});
  CHECK(count_concerned(unique, rows, options) == std::array<std::size_t, 4>{0, 3, 1, 2});
}

TEST_CASE("copies are told by their pixels, across splits first") {
  const auto image = test::film(1);
  const std::vector<ManifestRow> rows{row("a", Split::train, "", "", 0),
                                      row("b", Split::train, "", "", 1),
                                      row("c", Split::test, "", "", 1),
                                      row("d", Split::test, "", "", 0),
                                      row("e", Split::train),
                                      row("f", Split::test),
                                      row("g", Split::test),
                                      row("h", Split::train)};
  const imaging::GreyImage blank(40, 40, 8, 3);
  const auto leaks = find_leaks(
      rows, prints_of({image, image, image, test::film(2), blank, blank, imaging::GreyImage(), image}), {}, 1,
      kGoOn);
  // a, b, c, h are one picture: each with the first of the set in either split.
  CHECK(names_of(leaks) ==
        Names{"identical 0 2", "identical 1 2", "identical 2 7", "identical 0 1", "identical 0 7"});
  CHECK(labels_differ(leaks[0], rows));
  CHECK_FALSE(labels_differ(leaks[1], rows));
  CHECK_FALSE(labels_differ(leaks[2], rows));  // one has no label
  CHECK(is_across(leaks[2], rows));
  CHECK_FALSE(is_across(leaks[3], rows));
  CHECK(leaks_csv({&leaks[1], 1}, rows).find("identical,b,c,train,test,1,1,,,0,1\n") != std::string::npos);
}

TEST_CASE("near-duplicates and mirrored copies") {
  const auto image = test::film(3);
  const auto darker = test::change_grey(image, [](double v) { return 0.7 * v; });
  const std::vector<ManifestRow> rows{row("a", Split::train), row("b", Split::test), row("c", Split::test),
                                      row("d", Split::train)};
  const auto prints = prints_of({image, darker, test::mirror(image), test::film(4)});
  const auto leaks = find_leaks(rows, prints, {}, 2, kGoOn);
  CHECK(names_of(leaks) == Names{"near 0 1", "mirrored 0 2", "mirrored 1 2"});
  CHECK(*leaks[0].correlation > 0.99);
  CHECK(*leaks[0].distance <= 14);
  LeakOptions options;
  options.mirrored = false;
  CHECK(names_of(find_leaks(rows, prints, options, 2, kGoOn)) == Names{"near 0 1"});
  options.min_correlation = 1;
  CHECK(find_leaks(rows, prints, options, 2, kGoOn).empty());
}

TEST_CASE("a picture that is its own mirror image is near, not mirrored too") {
  auto image = test::film(5);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width / 2; ++x) image.at(image.width - 1 - x, y) = image.at(x, y);
  }
  const auto darker = test::change_grey(image, [](double v) { return 0.8 * v; });
  const std::vector<ManifestRow> rows{row("a", Split::train), row("b", Split::test)};
  CHECK(names_of(find_leaks(rows, prints_of({image, darker}), {}, 1, kGoOn)) == Names{"near 0 1"});
}
