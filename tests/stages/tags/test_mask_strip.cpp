// mask and strip as commands: what they write, pixel by pixel, and what they refuse.
#include "small_cohort.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/imaging/png_metadata.hpp"

using namespace tagconf;
using test::SmallCohort;
using test::StageCall;
namespace fs = std::filesystem;

namespace {

const std::string kRows =
    "train/XR_HAND/p1/image1,10,12,8,6,laterality\n"
    "train/XR_HAND/p1/image1,70,50,10,10,text\n"
    "train/XR_HAND/p1/image2,0,0,5,4,marker\n"
    "valid/p2/image1,,,,,\n";

StageCall call_of(stage::Stage stage, const SmallCohort& cohort, const fs::path& tags) {
  return {std::move(stage), {{"images", cohort.manifest_path()}, {"tags", tags}}, cohort / "out", {}, {}};
}

bool anything_in(const fs::path& folder) {
  return fs::exists(folder) && !fs::is_empty(folder);
}

}  // namespace

TEST_CASE("mask paints the boxes of every image and keeps all else") {
  const SmallCohort cohort;
  StageCall call = call_of(stages::mask(), cohort, cohort.table(kRows));
  call.options = {{"pad", 2}};
  const auto summary = call.run();
  const auto written = cohort::read_manifest(cohort / "out/manifest.csv");
  const auto source = cohort::read_manifest(cohort.manifest_path());
  REQUIRE(written.rows.size() == 3);
  // Boxes padded by 2 and cut to 80 x 60.
  const std::vector<std::vector<Rect>> boxes{{{8, 10, 12, 10}, {68, 48, 12, 12}}, {{0, 0, 7, 6}}, {}};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& row = written.rows[i];
    CHECK(row.sample.image_id == source.rows[i].sample.image_id);
    CHECK(row.sample.split == source.rows[i].sample.split);
    CHECK(row.sample.label == source.rows[i].sample.label);
    CHECK(row.sample.patient_id == source.rows[i].sample.patient_id);
    CHECK(row.sample.body_part == "HAND");
    CHECK(row.scaling == source.rows[i].scaling);
    CHECK(written.image_path(row) == cohort / "out/images" / (row.sample.image_id + ".png"));
    CHECK(row.sha256 == sha256_file(written.image_path(row)));
    const auto image = imaging::read_image(written.image_path(row));
    CHECK(image.bits == cohort.images[i].bits);
    bool exact = true;
    for (int y = 0; y < 60; ++y) {
      for (int x = 0; x < 80; ++x) {
        bool inside = false;
        for (const Rect& box : boxes[i]) inside = inside || box.contains(x, y);
        exact = exact && image.at(x, y) == (inside ? 0 : cohort.images[i].at(x, y));
      }
    }
    CHECK(exact);
  }
  CHECK(read_text(cohort / "out/covered.csv") ==
        "image_id,boxes,pixels,area_fraction\n"
        "train/XR_HAND/p1/image1,2,264,0.055\n"
        "train/XR_HAND/p1/image2,1,42,0.00875\n"
        "valid/p2/image1,0,0,0\n");
  CHECK(read_text(cohort / "out/skipped.csv") == "image_id,reason\n");
  CHECK(summary.at("images") == 3);
  CHECK(summary.at("tagged") == 2);
  CHECK(summary.at("pixels") == 306);
  CHECK(summary.at("boxes") ==
        Json{{"laterality", 1}, {"technologist", 0}, {"text", 1}, {"marker", 1}, {"unknown", 0}});
  CHECK(call.progress.last == 3);
  CHECK_FALSE(fs::exists(cohort / "out/images.partial"));
}

TEST_CASE("strip and mask of the same boxes make up the original; kinds choose") {
  const SmallCohort cohort;
  const auto tags = cohort.table(kRows);
  StageCall strip = call_of(stages::strip(), cohort, tags);
  strip.options = {{"kinds", {"laterality"}}, {"pad", 0}};
  CHECK(strip.run().at("tagged") == 1);
  StageCall mask = call_of(stages::mask(), cohort, tags);
  mask.options = strip.options;
  mask.out = cohort / "covered";
  (void)mask.run();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto id = cohort::read_manifest(cohort.manifest_path()).rows[i].sample.image_id + ".png";
    const auto kept = imaging::read_image(cohort / "out/images" / id);
    const auto covered = imaging::read_image(cohort / "covered/images" / id);
    bool complements = true;
    std::size_t pixels = 0;
    for (std::size_t p = 0; p < kept.pixels.size(); ++p) {
      complements = complements && kept.pixels[p] + covered.pixels[p] == cohort.images[i].pixels[p];
      pixels += kept.pixels[p] != 0 ? 1 : 0;
    }
    CHECK(complements);
    CHECK(pixels == (i == 0 ? 48 : 0));
  }
  CHECK(read_csv(cohort / "out/kept.csv").rows() == 3);
}

TEST_CASE("the same call again gives the same bytes, with any number of threads") {
  const SmallCohort cohort;
  StageCall call = call_of(stages::mask(), cohort, cohort.table(kRows));
  (void)call.run();
  const auto first = sha256_tree(cohort / "out");
  call.options = {{"threads", 3}};
  (void)call.run();
  CHECK(sha256_tree(cohort / "out") == first);
}

TEST_CASE("the arm's tree is a cohort like any other") {
  const SmallCohort cohort;
  const auto tags = cohort.table(kRows);
  StageCall first = call_of(stages::mask(), cohort, tags);
  (void)first.run();
  StageCall second = first;
  second.inputs["images"] = cohort / "out";
  second.out = cohort / "again";
  (void)second.run();
  CHECK(sha256_tree(cohort / "again/images") == sha256_tree(cohort / "out/images"));
}

TEST_CASE("wrong boxes and unknown images are refused, and nothing is left") {
  const SmallCohort cohort;
  SECTION("a box outside its image") {
    std::string rows;
    for (int i = 0; i < 15; ++i) rows += "valid/p2/image1,1,1,4,4,\n";
    const auto tags = cohort.table(rows + "valid/p2/image1,70,3,20,4,\n");
    const Error error = call_of(stages::mask(), cohort, tags).failure();
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message() == tags.string() + ":17: box outside image (x 70 + w 20 > 80)");
  }
  SECTION("an image that was never examined") {
    const Error error = call_of(stages::mask(), cohort, cohort.table("valid/p2/image1,,,,,\n")).failure();
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message().find("no row for image 'train/XR_HAND/p1/image") != std::string::npos);
  }
  SECTION("every image unreadable") {
    for (const auto& row : cohort::read_manifest(cohort.manifest_path()).rows)
      write_text(cohort / "source" / row.path, "no picture");
    CHECK(call_of(stages::strip(), cohort, cohort.table(kRows)).failure().code() == ErrorCode::input);
  }
  CHECK_FALSE(anything_in(cohort / "out"));
}

TEST_CASE("an unreadable image is skipped with its reason") {
  const SmallCohort cohort;
  write_text(cohort / "source/valid/p2/image1.png", "no picture");
  const auto summary = call_of(stages::mask(), cohort, cohort.table(kRows)).run();
  CHECK(summary.at("skipped") == 1);
  CHECK(cohort::read_manifest(cohort / "out/manifest.csv").rows.size() == 2);
  const auto skipped = read_csv(cohort / "out/skipped.csv");
  REQUIRE(skipped.rows() == 1);
  CHECK(skipped.at(0, 0) == "valid/p2/image1");
}

TEST_CASE("source images and folders of others are never overwritten") {
  const SmallCohort cohort;
  const auto before = sha256_tree(cohort / "source");
  StageCall call = call_of(stages::mask(), cohort, cohort.table(kRows));
  SECTION("the source's own folder") {
    fs::rename(cohort / "source", cohort / "images");
    call.inputs["images"] = cohort / "images/manifest.csv";
    call.out = cohort / "";
    CHECK(call.failure().message().find("the images to read lie in the folder to write") !=
          std::string::npos);
    fs::rename(cohort / "images", cohort / "source");
  }
  SECTION("a folder that was there before") {
    write_text(cohort / "out/images/mine.txt", "keep");
    CHECK(call.failure().message().find("was not made by this command") != std::string::npos);
    CHECK(read_text(cohort / "out/images/mine.txt") == "keep");
  }
  CHECK(sha256_tree(cohort / "source") == before);
}

TEST_CASE("with --check the finder looks at the covered images") {
  const SmallCohort cohort;
  // A white L on dark ground that the table does not list, and one that it lists.
  imaging::GreyImage film(200, 160, 8, 30);
  for (const int left : {30, 130}) {
    for (int y = 40; y < 90; ++y)
      for (int x = left; x < left + 35; ++x)
        if (x < left + 9 || y >= 81) film.at(x, y) = 230;
  }
  imaging::write_png(cohort / "film/one.png", film);
  StageCall call{stages::mask(),
                 {{"images", cohort / "film"}, {"tags", cohort.table("one,30,40,35,50,laterality\n")}},
                 cohort / "out",
                 {{"check", true}},
                 {}};
  const auto summary = call.run();
  CHECK(summary.at("residual_images") == 1);
  CHECK(summary.at("residual_boxes") == 1);
  const CsvTable residual = read_csv(cohort / "out/residual.csv");
  REQUIRE(residual.rows() >= 1);
  bool listed = false;
  for (std::size_t r = 0; r < residual.rows(); ++r) {
    if (residual.at(r, residual.require("covered")) != "0") continue;
    const int x = std::stoi(residual.at(r, residual.require("x")));
    listed = listed || (x > 110 && x <= 130);
  }
  CHECK(listed);
  call.options = {};
  CHECK_FALSE(call.run().contains("residual_boxes"));
  // What an earlier call saw does not stay beside this one's images.
  CHECK_FALSE(std::filesystem::exists(cohort / "out/residual.csv"));
}

TEST_CASE("what a PNG says of its pixels goes along; its words only when asked for") {
  const SmallCohort cohort;
  const auto path = cohort / "films/one.png";
  imaging::write_png(path, cohort.images[0]);
  // pHYs of 5906 x 5906 a metre, and tEXt "Comment" "x", as whole chunks with their checksums.
  const std::string physical("\0\0\0\x09pHYs\0\0\x17\x12\0\0\x17\x12\x01\x67\x9f\xd2\x52", 21);
  const std::string words(
      "\0\0\0\x09tEXtComment\0x"
      "\xd7\xf4\x74\x08",
      21);
  const auto as_bytes = [](const std::string& text) {
    const auto* data = reinterpret_cast<const std::byte*>(text.data());
    return std::vector<std::byte>(data, data + text.size());
  };
  write_bytes(path, imaging::with_metadata(read_bytes(path), as_bytes(physical + words)));
  StageCall call{stages::mask(),
                 {{"images", cohort / "films"}, {"tags", cohort.table("one,3,4,5,6,text\n")}},
                 cohort / "out",
                 {},
                 {}};
  CHECK(call.run().at("text_left_out") == 1);
  const auto has = [&](const std::string& chunk) {
    return read_text(cohort / "out/images/one.png").find(chunk) != std::string::npos;
  };
  CHECK(has(physical));
  CHECK_FALSE(has("tEXt"));
  call.options = {{"keep_text", true}};
  CHECK(call.run().at("text_left_out") == 0);
  CHECK(has(physical));
  CHECK(has(words));
}
