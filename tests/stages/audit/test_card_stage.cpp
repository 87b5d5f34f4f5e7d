// card as a command.
#include "../tags/small_cohort.hpp"
#include "tagconf/base/csv.hpp"

using namespace tagconf;
using test::ScratchFolder;
using test::SmallCohort;
using test::StageCall;

namespace {

// A manifest of `count` images without files that anything reads: 60 % of the abnormal ones are windowed, 20
// % of the normal ones.
std::filesystem::path write_cohort(const ScratchFolder& folder, int count) {
  cohort::Manifest manifest;
  manifest.folder = folder.path();
  for (int i = 0; i < count; ++i) {
    cohort::ManifestRow row;
    const int label = i % 2;
    const int of_ten = i / 2 % 10;
    row.path = "image" + std::to_string(i) + ".png";
    imaging::write_png(folder / row.path, imaging::GreyImage(2, 2, 8, 1));
    row.sample = {"image" + std::to_string(i),
                  "p" + std::to_string(i / 4),
                  "s",
                  "HAND",
                  i % 4 == 3 ? Split::test : Split::train,
                  label};
    row.width = 600;
    row.height = 500 + i;
    row.scaling = of_ten < (label == 1 ? 6 : 2) ? "window" : "stored";
    manifest.rows.push_back(row);
  }
  cohort::write_manifest(folder / "manifest.csv", manifest);
  return folder / "manifest.csv";
}

}  // namespace

TEST_CASE("what goes with the label is told") {
  const ScratchFolder folder;
  StageCall call{stages::card(), {{"images", write_cohort(folder, 200)}}, folder / "out", {}, {}};
  const auto summary = call.run();
  // 60 of 100 against 20 of 100: chi2 = 200 (60 80 - 40 20)^2 / (80 120 100 100).
  REQUIRE(summary.at("associations").size() == 1);
  const Json& scaling = summary.at("associations")[0];
  CHECK(scaling.at("table") == "scaling");
  CHECK(scaling.at("chi2").get<double>() == Approx(200.0 * 4000 * 4000 / (80.0 * 120 * 100 * 100)));
  CHECK(scaling.at("suspicious") == true);
  const Json& window = summary.at("tables").at("scaling")[1];
  CHECK(window.at("value") == "window");
  CHECK(window.at("images") == 80);
  CHECK(window.at("by_split").at("test").at("abnormal").get<int>() +
            window.at("by_split").at("train").at("abnormal").get<int>() ==
        60);
  CHECK(summary.at("sizes")[0].at("height") == Json({500, 598, 698}));
  CHECK(summary.at("text").get<std::string>().find("goes with the label") != std::string::npos);
  const auto file = parse_json(read_text(folder / "out/card.json"), "card.json");
  CHECK(file.at("schema") == "tagconf.card/1");
  CHECK(read_csv(folder / "out/card.csv").rows() > 10);
}

TEST_CASE("tags are counted where they are given") {
  const SmallCohort cohort;
  const auto call = [&](const std::string& rows) {
    return StageCall{stages::card(),
                     {{"images", cohort.manifest_path()}, {"tags", cohort.table(rows)}},
                     cohort / "out",
                     {},
                     {}};
  };
  const auto summary = call("train/XR_HAND/p1/image1,1,1,5,5,\nvalid/p2/image1,,,,,\n").run();
  const Json& tags = summary.at("tables").at("tag");
  REQUIRE(tags.size() == 3);
  CHECK(tags[0].at("value") == "tag");
  CHECK(tags[0].at("by_split").at("train").at("normal") == 1);
  CHECK(tags[1].at("value") == "no tag");
  CHECK(tags[2].at("value") == "not examined");
  CHECK(summary.at("text").get<std::string>().find("100.0 % of 1") != std::string::npos);
  CHECK(call("image9,1,1,5,5,\n").failure().message() ==
        (cohort / "tags.csv").string() + ": lists no image of the cohort");
}
