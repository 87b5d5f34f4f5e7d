// The ingest stage: which reader, what it writes, what it refuses.
#include <cstring>

#include "stage_call.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/cohort/manifest.hpp"

using namespace tagconf;
using test::ScratchFolder;
using test::StageCall;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, int grey) {
  imaging::write_png(path, imaging::GreyImage(8, 8, 8, static_cast<std::uint16_t>(grey)));
}

// n patients with one image each, every second one abnormal, as a table.
fs::path write_table(const ScratchFolder& scratch, int n) {
  std::string csv = "image;patient;label\n";
  for (int i = 0; i < n; ++i) {
    const std::string name = "films/" + std::to_string(i) + ".png";
    put(scratch / name, i);
    csv += name + ";p" + std::to_string(i) + (i % 2 == 0 ? ";0\n" : ";1\n");
  }
  write_text(scratch / "cohort.csv", csv);
  return scratch / "cohort.csv";
}

StageCall call(const fs::path& source, const fs::path& out, std::map<std::string, Json> options = {}) {
  return {stages::ingest(), {{"source", source}}, out, std::move(options), {}};
}

}  // namespace

TEST_CASE("a table without splits becomes a manifest with three") {
  const ScratchFolder scratch;
  auto ingest = call(write_table(scratch, 50), scratch / "out");
  const Json summary = ingest.run();
  CHECK(summary["reader"] == "table");
  CHECK(summary["found"] == 50);
  CHECK(summary["images"] == 50);
  CHECK(summary["skipped"] == 0);
  CHECK(summary["splits"]["test"]["images"] == 10);
  CHECK(summary["splits"]["test"]["abnormal"] == 5);
  CHECK(summary["splits"]["valid"]["patients"] == 4);
  CHECK(summary["splits"]["train"]["images"] == 36);
  CHECK(ingest.progress.calls == 50);
  CHECK(ingest.progress.last == 50);
  const auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
  REQUIRE(manifest.rows.size() == 50);
  CHECK(manifest.rows[7].sample.image_id == "films/7");
  CHECK(read_text(scratch / "out/skipped.csv") == "image_id,reason\n");

  auto again = call(scratch / "cohort.csv", scratch / "again", {{"threads", 1}});
  (void)again.run();
  CHECK(read_text(scratch / "again/manifest.csv") == read_text(scratch / "out/manifest.csv"));
  auto other = call(scratch / "cohort.csv", scratch / "other", {{"seed", 2}});
  (void)other.run();
  CHECK(read_text(scratch / "other/manifest.csv") != read_text(scratch / "out/manifest.csv"));
}

TEST_CASE("broken images are rows of skipped.csv until they are too many") {
  const ScratchFolder scratch;
  const fs::path table = write_table(scratch, 20);
  write_text(scratch / "films/3.png", "");
  write_text(scratch / "films/5.png", "not a picture");
  fs::remove(scratch / "films/9.png");
  auto ingest = call(table, scratch / "out");
  CHECK(ingest.run()["skipped"] == 3);
  CHECK(read_text(scratch / "out/skipped.csv") ==
        "image_id,reason\nfilms/3,films/3.png: is empty\nfilms/5,films/5.png: is not an image\n"
        "films/9,films/9.png: no such file\n");
  CHECK(cohort::read_manifest(scratch / "out/manifest.csv").rows.size() == 17);

  fs::remove(scratch / "films/10.png");
  auto over = call(table, scratch / "over");
  const Error error = over.failure();
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("4 of 20 images cannot be used") != std::string::npos);
  CHECK_FALSE(fs::exists(scratch / "over"));
  CHECK(error.message().find("all of them: " + (scratch / "over.skipped.csv").string()) != std::string::npos);
  CHECK(read_csv(scratch / "over.skipped.csv").rows() == 4);
}

TEST_CASE("a folder a class and a MURA tree are told apart; a missing data set says where to get it") {
  const ScratchFolder scratch;
  for (int i = 0; i < 6; ++i) {
    put(scratch /
            ("classes/" + std::string(i % 2 == 0 ? "normal/" : "abnormal/") + std::to_string(i) + ".png"),
        i);
  }
  auto folder = call(scratch / "classes", scratch / "out");
  const Json summary = folder.run();
  CHECK(summary["reader"] == "folder");
  CHECK(summary["warnings"].size() == 1);

  auto missing = call(scratch / "MURA-v1.1", scratch / "none", {{"reader", "mura"}});
  CHECK(missing.failure().code() == ErrorCode::input);
  CHECK(missing.failure().hint().find("data/README.md") != std::string::npos);
  auto guessed = call(scratch / "MURA-v1.1", scratch / "none");
  CHECK(guessed.failure().hint().find("data/README.md") != std::string::npos);

  std::string paths[2];
  std::string studies[2];
  for (int i = 0; i < 24; ++i) {
    const std::size_t held = i % 4 == 0 ? 1 : 0;
    const std::string tree = held == 1 ? "valid" : "train";
    const std::string study = "MURA-v1.1/" + tree + "/XR_HAND/patient" +
                              std::to_string(10000 + (i == 3 ? 4 : i)) + "/study1_" +
                              (i % 3 == 0 ? "positive" : "negative");
    put(scratch / (study + "/image1.png"), i);
    paths[held] += study + "/image1.png\n";
    studies[held] += study + "/," + (i % 3 == 0 ? "1" : "0") + "\n";
  }
  write_text(scratch / "MURA-v1.1/train_image_paths.csv", paths[0]);
  write_text(scratch / "MURA-v1.1/valid_image_paths.csv", paths[1]);
  write_text(scratch / "MURA-v1.1/train_labeled_studies.csv", studies[0]);
  write_text(scratch / "MURA-v1.1/valid_labeled_studies.csv", studies[1]);
  auto mura = call(scratch.path(), scratch / "mura");
  const Json told = mura.run();
  CHECK(told["reader"] == "mura");
  CHECK(told["splits"]["test"]["images"] == 6);
  CHECK(told["splits"]["valid"]["images"] == 2);
  CHECK(told["leaking_patients"] == Json::array({"patient10004"}));
  CHECK(cohort::read_manifest(scratch / "mura/manifest.csv").rows[0].sample.body_part == "HAND");
}

TEST_CASE("a table names its images by a template of columns") {
  const ScratchFolder scratch;
  std::string csv = "image,side,label\n";
  for (int i = 0; i < 4; ++i) {
    put(scratch / ("films/" + std::to_string(i) + "/left.png"), i);
    csv += std::to_string(i) + ",left," + std::to_string(i % 2) + "\n";
  }
  write_text(scratch / "t.csv", csv);
  auto ingest = call(scratch / "t.csv", scratch / "out", {{"path", "films/{image}/{side}.png"}});
  CHECK(ingest.run()["images"] == 4);
  const auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
  CHECK(manifest.rows[2].sample.image_id == "2");
  CHECK(manifest.image_path(manifest.rows[2]).lexically_normal() == scratch / "films/2/left.png");
  auto folder = call(scratch / "films", scratch / "out", {{"path", "{image}.png"}});
  CHECK(folder.failure().message().find("'path' means nothing to the reader folder") != std::string::npos);
}

TEST_CASE("16-bit images of 12-bit values are refused, and read as what they are when that is said") {
  const ScratchFolder scratch;
  std::string csv = "image,label\n";
  for (int i = 0; i < 6; ++i) {
    const std::string name = "films/" + std::to_string(i) + ".png";
    imaging::GreyImage film(9, 7, 16, static_cast<std::uint16_t>(1365 + i));
    film.at(2, 3) = static_cast<std::uint16_t>(i == 4 ? 4000 : 3000);
    imaging::write_png(scratch / name, film);
    csv += name + "," + std::to_string(i % 2) + "\n";
  }
  put(scratch / "films/6.png", 85);
  write_text(scratch / "t.csv", csv + "films/6.png,0\n");

  auto silent = call(scratch / "t.csv", scratch / "out");
  const Error error = silent.failure();
  CHECK(error.code() == ErrorCode::input);
  CHECK(error.message().find("the largest is 4000, in films/4") != std::string::npos);
  CHECK(error.hint().find("--bits 12") != std::string::npos);
  CHECK_FALSE(fs::exists(scratch / "out"));
  CHECK(call(scratch / "t.csv", scratch / "out", {{"bits", 11}}).failure().code() == ErrorCode::input);
  CHECK_FALSE(fs::exists(scratch / "out/images.partial"));

  CHECK(call(scratch / "t.csv", scratch / "as_is", {{"bits", 16}}).run()["images"] == 7);
  CHECK(cohort::read_manifest(scratch / "as_is/manifest.csv").rows[0].path == "films/0.png");
  CHECK_FALSE(fs::exists(scratch / "as_is/images"));

  for (int round = 0; round < 2; ++round) {  // the second time over the first one's pictures
    (void)call(scratch / "t.csv", scratch / "out", {{"bits", 12}}).run();
    const auto manifest = cohort::read_manifest(scratch / "out/manifest.csv");
    REQUIRE(manifest.rows.size() == 7);
    CHECK(manifest.rows[4].path == "images/films/4.png");
    CHECK(manifest.rows[4].bits == 16);
    CHECK(manifest.rows[4].scaling == "bits_12");
    const auto film = imaging::read_image(manifest.image_path(manifest.rows[0]));
    CHECK(film.at(0, 0) == 1365 * 65535 / 4095);
    CHECK(film.at(2, 3) == (3000 * 65535 + 2047) / 4095);
    CHECK(manifest.rows[6].scaling == "stored");
    CHECK(imaging::read_image(manifest.image_path(manifest.rows[6])) ==
          imaging::read_image(scratch / "films/6.png"));
  }

  // A third of full scale comes out of a pack as a third, whichever way it was stored.
  StageCall pack{
      stages::pack(), {{"images", scratch / "out/manifest.csv"}}, scratch / "packed", {{"size", 32}}, {}};
  (void)pack.run();
  const auto packed = arms::read_pack(scratch / "packed/pack");
  for (const std::size_t image : {0, 6}) {
    std::uint16_t corner = 0;
    std::memcpy(&corner, packed.pixels.item(image).data(), sizeof corner);
    CHECK(corner == 21845);
  }
}

TEST_CASE("places that pictures of fewer bits cannot go to are refused") {
  const ScratchFolder scratch;
  for (const auto* name : {"normal/a.png", "normal/b.png", "abnormal/c.png"})
    imaging::write_png(scratch / ("in/" + std::string(name)), imaging::GreyImage(8, 8, 16, 900));
  const auto message = [&](const fs::path& source, const fs::path& out) {
    return call(source, out, {{"bits", 12}}).failure().message();
  };
  CHECK(message(scratch / "in", scratch / "in/out").find("the images to read lie in the folder to write") !=
        std::string::npos);
  fs::rename(scratch / "in", scratch / "images");
  write_text(scratch / "t.csv", "image,label\nimages/normal/a.png,0\nimages/abnormal/c.png,1\n");
  CHECK(message(scratch / "t.csv", scratch.path()).find("not made by this command") != std::string::npos);
  write_text(scratch / "skipped.csv", "image_id,reason\n");
  CHECK(message(scratch / "t.csv", scratch.path()).find("the images to read lie in the folder to write") !=
        std::string::npos);
  CHECK(fs::exists(scratch / "images/normal/a.png"));
  put(scratch / "plain/normal/a.png", 3);
  put(scratch / "plain/abnormal/b.png", 4);
  CHECK(message(scratch / "plain", scratch / "out").find("no image has 16 bits") != std::string::npos);
}

TEST_CASE("options that mean nothing to a reader, or nothing at all, are refused") {
  const ScratchFolder scratch;
  const fs::path table = write_table(scratch, 4);
  put(scratch / "classes/normal/a.png", 1);
  auto root = call(scratch / "classes", scratch / "out", {{"root", "x"}});
  CHECK(root.failure().code() == ErrorCode::config);
  auto columns = call(table, scratch / "out", {{"columns", {{"picture", "image"}}}});
  CHECK(columns.failure().code() == ErrorCode::config);
  auto labels = call(table, scratch / "out", {{"labels", {{"0", "normal"}}}});
  CHECK(labels.failure().code() == ErrorCode::config);
  auto separator = call(table, scratch / "out", {{"separator", "comma"}});
  CHECK(separator.failure().message().find("no column 'image'") != std::string::npos);
  CHECK_FALSE(fs::exists(scratch / "out"));
}
