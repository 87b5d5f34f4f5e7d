// audit as a command: planted leaks are found, none is invented, and files and exit code say so.
#include <algorithm>

#include "../ingest_pack/stage_call.hpp"
#include "films.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/resize.hpp"

using namespace tagconf;
using imaging::GreyImage;
using test::StageCall;

namespace {

// Films of different patients, every third in the test split.
class Films {
 public:
  explicit Films(std::uint64_t count) {
    manifest_.folder = folder_.path() / "source";
    for (std::uint64_t i = 0; i < count; ++i) {
      films.push_back(test::film(i));
      add("film" + std::to_string(i), films.back(), i % 3 == 2 ? Split::test : Split::train,
          static_cast<int>(i % 2));
    }
  }

  void add(const std::string& id, const GreyImage& image, Split split, std::optional<int> label) {
    add_bytes(id + ".png", imaging::encode_png(image), split, label);
  }
  void add_bytes(const std::string& name, const std::vector<std::byte>& bytes, Split split,
                 std::optional<int> label) {
    write_bytes(manifest_.folder / name, bytes);
    cohort::ManifestRow row;
    const std::string id = name.substr(0, name.find('.'));
    row.sample = {id, "p_" + id, "s1", "HAND", split, label};
    row.path = name;
    manifest_.rows.push_back(row);
  }
  cohort::ManifestRow& last() { return manifest_.rows.back(); }

  [[nodiscard]] StageCall call() const {
    cohort::write_manifest(manifest_.folder / "manifest.csv", manifest_);
    return {stages::audit(), {{"images", manifest_.folder / "manifest.csv"}}, folder_ / "out", {}, {}};
  }
  [[nodiscard]] std::filesystem::path out(const std::string& name) const { return folder_ / "out" / name; }

  std::vector<GreyImage> films;

 private:
  test::ScratchFolder folder_;
  cohort::Manifest manifest_;
};

// "kind image_a image_b" of leaks.csv.
std::vector<std::string> pairs_in(const std::filesystem::path& path) {
  const CsvTable table = read_csv(path);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < table.rows(); ++i)
    out.push_back(table.at(i, 0) + " " + table.at(i, 1) + " " + table.at(i, 2));
  return out;
}

}  // namespace

TEST_CASE("none is found where none is") {
  const Films cohort(9);
  auto call = cohort.call();
  call.options["fail_on_leaks"] = true;
  const auto summary = call.run();
  CHECK(summary.at("verdict") == "clean");
  CHECK(summary.at("leaks") == 0);
  CHECK_FALSE(summary.contains("exit"));
  CHECK(call.progress.last == 9);
  CHECK(pairs_in(cohort.out("leaks.csv")).empty());
  CHECK(summary.at("text").get<std::string>().find("no leak found between 2 splits") != std::string::npos);
  const auto file = parse_json(read_text(cohort.out("audit.json")), "audit.json");
  CHECK(file.at("schema") == "tagconf.audit/1");
  CHECK(file.at("splits").at("test") == Json({{"images", 3}, {"concerned", 0}}));
}

TEST_CASE("planted leaks are found, every one, and nothing else") {
  Films cohort(9);
  const auto& films = cohort.films;
  const GreyImage& small = films[4];
  cohort.add_bytes("recoded.jpg", imaging::encode_jpeg(films[0], 70), Split::test, 0);
  cohort.add("copied", films[1], Split::test, 0);  // film1 has label 1
  cohort.add("resized", imaging::resize(films[3], films[3].width * 9 / 10, films[3].height * 9 / 10),
             Split::test, 1);
  cohort.add("brighter", test::change_grey(small, [](double v) { return 0.8 * v + 0.15; }), Split::test, 0);
  // A white plate on the stored film, and the same under a black box.
  GreyImage plated = test::film(20);
  for (int y = 20; y < 45; ++y) {
    for (int x = 30; x < 65; ++x) plated.at(x, y) = 250;
  }
  cohort.add("plated", plated, Split::train, 0);
  cohort.add("covered", test::cover(plated, {28, 18, 40, 30}), Split::test, 0);
  cohort.add("turned", test::mirror(films[6]), Split::test, 0);
  cohort.add("again", films[7], Split::train, 1);  // within a split: information
  auto call = cohort.call();
  call.options["fail_on_leaks"] = true;
  const auto summary = call.run();
  CHECK(pairs_in(cohort.out("leaks.csv")) ==
        std::vector<std::string>{"identical film1 copied", "near film0 recoded", "near film3 resized",
                                 "near film4 brighter", "near plated covered", "mirrored film6 turned",
                                 "identical film7 again"});
  CHECK(summary.at("verdict") == "leaks");
  CHECK(summary.at("exit") == 5);
  CHECK(summary.at("leaks") == 6);
  const Json& kinds = summary.at("kinds");
  CHECK(kinds.at("identical").at("across") == Json({{"pairs", 1}, {"labels_differ", 1}}));
  CHECK(kinds.at("identical").at("within") == Json({{"pairs", 1}, {"labels_differ", 0}}));
  CHECK(kinds.at("near").at("across") == Json({{"pairs", 4}, {"labels_differ", 0}}));
  CHECK(kinds.at("mirrored").at("across").at("pairs") == 1);
  CHECK(kinds.at("patient").at("across").at("pairs") == 0);
  CHECK(summary.at("splits").at("test").at("concerned") == 6);
  const auto text = summary.at("text").get<std::string>();
  CHECK(text.find("LEAKS between splits; images concerned: 6 of 8 train, 6 of 9 test") != std::string::npos);

  const std::string first = read_text(cohort.out("leaks.csv"));
  call.options["threads"] = 1;
  (void)call.run();
  CHECK(read_text(cohort.out("leaks.csv")) == first);
  call.options["mirrored"] = false;
  call.options["fail_on_leaks"] = false;
  const auto fewer = call.run();
  CHECK(fewer.at("leaks") == 5);
  CHECK_FALSE(fewer.contains("exit"));
}

TEST_CASE("a patient in two splits is a leak without any pixel in common") {
  Films cohort(6);
  cohort.add("later", test::film(30), Split::test, 1);
  cohort.last().sample.patient_id = "p_film0";
  const auto summary = cohort.call().run();
  CHECK(pairs_in(cohort.out("leaks.csv")) ==
        std::vector<std::string>{"patient film0 later", "study film0 later"});
  CHECK(summary.at("kinds").at("patient") == Json({{"across", {{"pairs", 1}}}}));
}

TEST_CASE("blank, broken and unsplit images are told") {
  Films cohort(6);
  cohort.add("blank1", GreyImage(300, 240, 8, 0), Split::train, 0);
  cohort.add("blank2", GreyImage(300, 240, 8, 0), Split::test, 0);
  cohort.add_bytes("broken.png", {}, Split::test, 0);
  cohort.add("loose", cohort.films[0], Split::none, 0);
  cohort.last().sample.patient_id = "";
  const auto summary = cohort.call().run();
  CHECK(summary.at("verdict") == "clean");
  CHECK(summary.at("blank") == Json({"blank1", "blank2"}));
  CHECK(summary.at("skipped") == Json::array({{{"source", "broken"}, {"reason", "broken.png: is empty"}}}));
  CHECK(summary.at("without_patient") == 1);
  CHECK(pairs_in(cohort.out("leaks.csv")) == std::vector<std::string>{"identical film0 loose"});
  CHECK(summary.at("text").get<std::string>().find("1 cannot be read; 2 of one grey") != std::string::npos);
}

TEST_CASE("a folder of images has no splits: copies are information") {
  const test::ScratchFolder folder;
  imaging::write_png(folder / "a.png", test::film(1));
  imaging::write_png(folder / "b.png", test::film(1));
  StageCall call{stages::audit(), {{"images", folder.path()}}, folder / "out", {}, {}};
  const auto summary = call.run();
  CHECK(summary.at("verdict") == "one_split");
  CHECK(summary.at("kinds").at("identical").at("within").at("pairs") == 1);
  CHECK(summary.at("text").get<std::string>().find("fewer than two splits") != std::string::npos);
}
