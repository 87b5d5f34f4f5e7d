// score as a command: files, ids and messages.
#include "small_cohort.hpp"
#include "tagconf/base/csv.hpp"

using namespace tagconf;
using test::SmallCohort;
using test::StageCall;

namespace {

// Truth: a laterality mark on the first image, a text on the second, none on the third.
const std::string kTruth =
    "train/XR_HAND/p1/image1,10,10,20,20,laterality\ntrain/XR_HAND/p1/image2,10,10,8,8,text\nvalid/p2/"
    "image1,,,,,\n";

struct Scoring {
  SmallCohort cohort;

  [[nodiscard]] StageCall call(const std::string& found) const {
    return {stages::score(),
            {{"tags", cohort.table(found)},
             {"truth", cohort.table(kTruth, "truth.csv")},
             {"images", cohort.manifest_path()}},
            cohort / "out",
            {},
            {}};
  }
};

}  // namespace

TEST_CASE("boxes that are the truth score as perfect") {
  const Scoring scoring;
  const auto summary = scoring.call(kTruth).run();
  CHECK(summary.at("images") == 3);
  CHECK(summary.at("marks") == 2);
  CHECK(summary.at("mark_recall") == 1.0);
  CHECK(summary.at("other_recall") == 1.0);
  CHECK(summary.at("image_recall") == 1.0);
  CHECK(summary.at("false_area") == 0.0);
  CHECK(summary.at("false_images") == 0.0);
  CHECK(summary.at("mean_iou") == 1.0);
  // Wilson's interval of 1 of 1: 1 / (1 + z^2) to 1.
  CHECK(summary.at("intervals").at("mark_recall")[0].get<double>() ==
        Approx(1 / (1 + 1.959963984540054 * 1.959963984540054)));
  CHECK(summary.at("intervals").at("mark_recall")[1] == 1.0);
  const auto file = parse_json(read_text(scoring.cohort / "out/scores.json"), "scores.json");
  CHECK(file.at("schema") == "tagconf.score/1");
  CHECK(file.at("missed").empty());
}

TEST_CASE("ids may be the files' names, as other programs write them") {
  const Scoring scoring;
  auto call = scoring.call("valid/p2/image1.png,1,1,5,5,\nimage2,10,10,8,8,text\n");
  const auto summary = call.run();
  CHECK(summary.at("unexamined") == 1);
  CHECK(summary.at("mark_recall") == 0.0);
  CHECK(summary.at("other_recall") == 1.0);
  CHECK(summary.at("false_images") == 1.0);
  const CsvTable by_image = read_csv(scoring.cohort / "out/by_image.csv");
  REQUIRE(by_image.rows() == 3);
  CHECK(by_image.at(0, by_image.require("examined")) == "0");
  CHECK(by_image.at(2, by_image.require("tag_free")) == "1");
  CHECK(by_image.at(2, by_image.require("false_area")) == "0.005208333333333333");
  const CsvTable by_mark = read_csv(scoring.cohort / "out/by_mark.csv");
  REQUIRE(by_mark.rows() == 2);
  CHECK(by_mark.at(0, by_mark.require("covered")) == "0");
  CHECK(by_mark.at(1, by_mark.require("found_kind")) == "text");
  const auto file = parse_json(read_text(scoring.cohort / "out/scores.json"), "scores.json");
  REQUIRE(file.at("missed").size() == 1);
  CHECK(file.at("missed")[0].at("box") == Json({10, 10, 20, 20}));
}

TEST_CASE("what cannot be scored is refused") {
  const Scoring scoring;
  SECTION("a name that may be either of two images") {
    CHECK(scoring.call("image1,1,1,5,5,\n").failure().message() ==
          (scoring.cohort / "tags.csv").string() +
              ": 'image1' may be 'train/XR_HAND/p1/image1' or 'valid/p2/image1'");
    auto call = scoring.call(kTruth);
    call.inputs["truth"] = scoring.cohort.table("image1,1,1,5,5,\n", "other.csv");
    CHECK(call.failure().message() ==
          "the images: 'image1' may be 'train/XR_HAND/p1/image1' or 'valid/p2/image1'");
  }
  SECTION("no image of the reference") {
    auto call = scoring.call(kTruth);
    call.inputs["truth"] = scoring.cohort.table("image9,1,1,5,5,\n", "other.csv");
    CHECK(call.failure().message() ==
          (scoring.cohort / "other.csv").string() + ": no image for the id 'image9'");
  }
  SECTION("a table of other images") {
    CHECK(scoring.call("image9,1,1,5,5,\n").failure().message() ==
          (scoring.cohort / "tags.csv").string() + ": lists no image of the reference " +
              (scoring.cohort / "truth.csv").string());
  }
}
