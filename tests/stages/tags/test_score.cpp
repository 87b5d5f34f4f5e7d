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

TEST_CASE("recall is told apart by what the truth knows of its marks") {
  const Scoring scoring;
  auto call = scoring.call("train/XR_HAND/p1/image1,10,10,20,20,\ntrain/XR_HAND/p1/image2,,,,,\n");
  const auto truth = scoring.cohort / "truth";
  write_text(truth / "tags.csv",
             "image_id,x,y,w,h,kind,rotation,contrast\n"
             "train/XR_HAND/p1/image1,10,10,20,20,laterality,-90,0.5\n"
             "train/XR_HAND/p1/image2,10,10,8,8,text,0,-0.15\n"
             "train/XR_HAND/p1/image2,40,10,9,9,text,0,0.01\n"
             "valid/p2/image1,,,,,,,\n");
  write_text(truth / "looks.csv",
             "image_id,x,y,w,h,style,cap_height,quality\n"
             "train/XR_HAND/p1/image1,10,10,20,20,plate,12,clear\n"
             "train/XR_HAND/p1/image2,10,10,8,8,ink,6.5,faint\n"
             "train/XR_HAND/p1/image2,40,10,9,9,ink,7,unreadable\n");
  call.inputs["truth"] = truth;
  const auto summary = call.run();
  const Json& by = summary.at("by");
  CHECK(by.size() == 6);
  const auto group = [&](const char* attribute, std::size_t i, const char* name, int hits, int of) {
    INFO(attribute << " " << name);
    const Json& entry = by.at(attribute).at(i);
    CHECK(entry.at("name") == name);
    CHECK(entry.at("counts") == Json({hits, of}));
    CHECK(entry.at("interval").size() == 2);
  };
  group("kind", 0, "laterality", 1, 1);
  group("kind", 1, "text", 0, 1);
  group("style", 0, "ink", 0, 1);
  group("style", 1, "plate", 1, 1);
  group("size", 0, "below 14 px", 1, 2);
  group("rotation", 0, "below 10 degrees", 0, 1);
  group("rotation", 1, "45 to 135 degrees", 1, 1);
  group("contrast", 0, "0.1 to 0.2", 0, 1);
  group("contrast", 1, "0.4 and more", 1, 1);
  group("quality", 0, "clear", 1, 1);
  group("quality", 2, "unreadable", 0, 1);
  CHECK(summary.at("unreadable") == 1);
  const auto text = summary.at("text").get<std::string>();
  CHECK(text.find("recall by style") != std::string::npos);
  CHECK(text.find("1 marks are unreadable") != std::string::npos);
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
  SECTION("a found box that does not fit its image") {
    const Error failure = scoring.call("train/XR_HAND/p1/image2,70,10,20,8,text\n").failure();
    CHECK(failure.message() ==
          (scoring.cohort / "tags.csv").string() + ":2: box outside image (x 70 + w 20 > 80)");
    CHECK(failure.code() == ErrorCode::input);
  }
  SECTION("a mark of which its image holds nothing") {
    auto call = scoring.call(kTruth);
    call.inputs["truth"] = scoring.cohort.table("train/XR_HAND/p1/image2,80,10,9,8,text\n", "other.csv");
    const Error failure = call.failure();
    CHECK(failure.message() == (scoring.cohort / "other.csv").string() +
                                   ": image 'train/XR_HAND/p1/image2': the mark at 80, 10 of 9 x 8 lies "
                                   "outside the image");
    CHECK(failure.hint() == "boxes are in pixels of the image given, which is 80 x 60");
    CHECK_FALSE(std::filesystem::exists(scoring.cohort / "out"));
  }
  SECTION("a mark cut by the border is no fault") {
    auto call = scoring.call("train/XR_HAND/p1/image2,72,10,8,8,text\n");
    call.inputs["truth"] = scoring.cohort.table("train/XR_HAND/p1/image2,72,10,16,8,text\n", "other.csv");
    CHECK(call.run().at("other_recall") == 1.0);
  }
}
