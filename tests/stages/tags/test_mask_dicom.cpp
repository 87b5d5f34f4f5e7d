// mask --dicom on a small hospital's tree: what is written, what is refused, and that no path or name of the
// tree goes into a table or a message.
#include <algorithm>

#include "../ingest_pack/stage_call.hpp"
#include "dicom_bytes.hpp"
#include "dicom_elements.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/cohort/dicom.hpp"
#include "tagconf/cohort/manifest.hpp"

using namespace tagconf;
using test::DicomBytes;
using test::StageCall;
namespace fs = std::filesystem;

namespace {

constexpr int kWidth = 16;
constexpr int kHeight = 12;

// The brightest pixel lies at (2, 1).
DicomBytes film(int image) {
  DicomBytes out;
  std::vector<std::uint16_t> pixels;
  for (int i = 0; i < kWidth * kHeight; ++i)
    pixels.push_back(static_cast<std::uint16_t>(40 + (i * (7 + image)) % 1500));
  pixels[kWidth + 2] = 4000;
  out.word(0x00280010, kHeight).word(0x00280011, kWidth).words(0x7FE00010, "OW", pixels);
  out.text(0x00080018, "UI", "1.2.3." + std::to_string(image));
  out.text(0x00100010, "PN", "Secret^Name");
  out.text(0x00100020, "LO", "PID" + std::to_string(image / 2));
  out.text(0x0020000D, "UI", "1.2.9." + std::to_string(image / 2));
  out.text(0x0020000E, "UI", "1.2.8." + std::to_string(image / 2));
  return out;
}

// Six films, ingested, with a box on the first two and none on the others.
class Hospital {
 public:
  Hospital() {
    for (int i = 0; i < 6; ++i) write_text(source(i), film(i).file());
    StageCall ingest{stages::ingest(),
                     {{"source", folder_ / "export"}},
                     folder_ / "cohort",
                     {{"source_map", map().string()}},
                     {}};
    (void)ingest.run();
    manifest = cohort::read_manifest(folder_ / "cohort/manifest.csv");
    std::string rows;
    for (std::size_t i = 0; i < manifest.rows.size(); ++i)
      rows += manifest.rows[i].sample.image_id + (i == 0 ? ",1,1,4,3\n" : i == 1 ? ",9,8,2,2\n" : ",,,,\n");
    tag(rows);
  }

  [[nodiscard]] StageCall call(std::map<std::string, Json> options = {{"pad", 0}}) const {
    return {stages::mask(),
            {{"images", folder_ / "cohort/manifest.csv"},
             {"tags", folder_ / "tags.csv"},
             {"dicom", folder_ / "export"},
             {"source_map", map()}},
            folder_ / "out",
            std::move(options),
            {}};
  }
  void tag(const std::string& rows) const { write_text(folder_ / "tags.csv", "image_id,x,y,w,h\n" + rows); }
  [[nodiscard]] fs::path map() const { return folder_ / "map.csv"; }
  [[nodiscard]] fs::path source(int image) const {
    return folder_ / ("export/Secret^Name_" + std::to_string(image) + "/PID.dcm");
  }
  [[nodiscard]] fs::path operator/(const std::string& name) const { return folder_ / name; }
  [[nodiscard]] fs::path copy_of(std::size_t row) const {
    return folder_ / ("out/dicom/" + manifest.rows[row].sample.image_id + ".dcm");
  }

  cohort::Manifest manifest;

 private:
  test::ScratchFolder folder_;
};

bool names_somebody(const std::string& text) {
  return text.find("Secret") != std::string::npos || text.find("PID") != std::string::npos ||
         text.find("1.2.") != std::string::npos;
}

imaging::GreyImage picture_of(const fs::path& path) {
  cohort::DicomFile file(path);
  const auto cells = file.cells();
  return render_grey(cells, file.frame().layout, file.frame().scale, 8).image;
}

}  // namespace

TEST_CASE(
    "every image gets a covered DICOM file under its id; its picture outside the boxes is the ingested") {
  const Hospital hospital;
  StageCall call = hospital.call();
  const Json summary = call.run();
  CHECK(summary.at("images") == 6);
  CHECK(summary.at("tagged") == 2);
  CHECK(summary.at("pixels") == 16);
  CHECK(summary.at("windows_written") == 1);
  CHECK(summary.at("text").get<std::string>().find("not de-identified") != std::string::npos);
  CHECK(call.progress.last == 6);
  const std::vector<Rect> boxes{{1, 1, 4, 3}, {9, 8, 2, 2}, {}, {}, {}, {}};
  for (std::size_t i = 0; i < 6; ++i) {
    INFO(i);
    imaging::GreyImage wanted = imaging::read_image(hospital.manifest.image_path(hospital.manifest.rows[i]));
    for (int y = boxes[i].y; y < boxes[i].bottom(); ++y)
      for (int x = boxes[i].x; x < boxes[i].right(); ++x) wanted.at(x, y) = 0;
    CHECK(picture_of(hospital.copy_of(i)) == wanted);
  }
  const std::string record = read_text(hospital / "out/covered.csv");
  CHECK(record.starts_with("image_id,boxes,pixels,area_fraction,fill,window\n" +
                           hospital.manifest.rows[0].sample.image_id + ",1,12,0.0625,40,written\n" +
                           hospital.manifest.rows[1].sample.image_id + ",1,4,"));
  CHECK_FALSE(names_somebody(record));
  CHECK(read_text(hospital / "out/skipped.csv") == "image_id,reason\n");
  CHECK_FALSE(fs::exists(hospital / "out/manifest.csv"));
  CHECK_FALSE(fs::exists(hospital / "out/images"));
  CHECK_FALSE(fs::exists(hospital / "out/dicom.partial"));
}

TEST_CASE("films of a series stay together, under UIDs that hang on the boxes alone") {
  const Hospital hospital;
  StageCall call = hospital.call();
  (void)call.run();
  const auto uids = [&](std::size_t i) { return cohort::DicomFile(hospital.copy_of(i)).ids(); };
  CHECK(uids(0).series == uids(1).series);
  CHECK(uids(0).series != uids(2).series);
  CHECK(uids(0).instance != uids(1).instance);
  CHECK(uids(0).study == "1.2.9.0");
  CHECK(uids(0).patient == "PID0");
  const auto first = uids(0);
  const std::string digest = sha256_tree(hospital / "out");
  call.options["threads"] = 3;
  (void)call.run();
  CHECK(sha256_tree(hospital / "out") == digest);
  call.options["pad"] = 1;
  (void)call.run();
  CHECK(uids(0).series != first.series);
  CHECK(uids(0).instance != first.instance);
}

TEST_CASE("the covered files are a cohort like any other") {
  const Hospital hospital;
  (void)hospital.call().run();
  StageCall again{
      stages::ingest(), {{"source", hospital / "out/dicom"}}, hospital / "again", {{"keep_ids", true}}, {}};
  CHECK(again.run().at("images") == 6);
}

TEST_CASE("a file that is broken by now, or shows another picture, is skipped without its name") {
  const Hospital hospital;
  write_text(hospital.source(3), film(3).file().substr(0, 700));
  write_text(hospital.source(4), film(0).file());
  fs::remove(hospital.source(5));
  const Json summary = hospital.call().run();
  CHECK(summary.at("images") == 3);
  CHECK(summary.at("skipped") == 3);
  const CsvTable skipped = read_csv(hospital / "out/skipped.csv");
  REQUIRE(skipped.rows() == 3);
  CHECK(skipped.at(0, 0) == hospital.manifest.rows[3].sample.image_id);
  CHECK(skipped.at(0, 1) == "file 4: the file is cut short or broken");
  CHECK(skipped.at(1, 1) == "file 5: shows another picture than the image that the boxes were found on");
  CHECK(skipped.at(2, 1) == "file 6: is no DICOM file, or cannot be read");
  CHECK_FALSE(fs::exists(hospital.copy_of(4)));
}

TEST_CASE("an image that detect skipped, since its picture is broken, is skipped here, too") {
  const Hospital hospital;
  const auto& broken = hospital.manifest.rows[2];
  std::string tags = read_text(hospital / "tags.csv");
  tags.erase(tags.find(broken.sample.image_id), broken.sample.image_id.size() + 5);
  write_text(hospital / "tags.csv", tags);
  write_text(hospital.manifest.image_path(broken), "no picture");
  const Json summary = hospital.call().run();
  CHECK(summary.at("images") == 5);
  const CsvTable skipped = read_csv(hospital / "out/skipped.csv");
  REQUIRE(skipped.rows() == 1);
  CHECK(skipped.at(0, 0) == broken.sample.image_id);

  // The reason is the one that mask gives without --dicom.
  StageCall plain = hospital.call();
  plain.inputs.erase("dicom");
  plain.inputs.erase("source_map");
  plain.out = hospital / "plain";
  (void)plain.run();
  CHECK(skipped.at(0, 1) == read_csv(hospital / "plain/skipped.csv").at(0, 1));
}

TEST_CASE("an image that was not examined, is in no map or lies elsewhere stops everything") {
  const Hospital hospital;
  const std::string map = read_text(hospital.map());
  const std::string id = hospital.manifest.rows[2].sample.image_id;
  std::string wanted;
  SECTION("not examined") {
    std::string tags = read_text(hospital / "tags.csv");
    tags.erase(tags.find(id), id.size() + 5);
    write_text(hospital / "tags.csv", tags);
    wanted = "no row for image '" + id + "'";
  }
  SECTION("a box outside") {
    std::string tags = read_text(hospital / "tags.csv");
    tags.replace(tags.find(id) + id.size(), 5, ",9,9,9,9\n");
    write_text(hospital / "tags.csv", tags);
    wanted = "box outside image";
  }
  SECTION("in no map") {
    std::string other = map;
    other.replace(other.find(id), 3, "new");
    write_text(hospital.map(), other);
    wanted = "no row for image '" + id + "'";
  }
  SECTION("outside the folder") {
    std::string other = map;
    other.replace(other.find("Secret^Name_2"), 13, "../Secret^Name");
    write_text(hospital.map(), other);
    wanted = ":4: the source is no path inside the DICOM folder";
  }
  SECTION("twice in the map") {
    write_text(hospital.map(), map + id + ",a,,7\n");
    wanted = "again";
  }
  const Error error = hospital.call().failure();
  CHECK(error.code() == ErrorCode::input);
  INFO(error.message());
  CHECK(error.message().find(wanted) != std::string::npos);
  CHECK_FALSE(names_somebody(error.message() + error.hint()));
  CHECK_FALSE(fs::exists(hospital / "out/dicom"));
}

TEST_CASE("too many skipped files, or a stop, leave nothing") {
  const Hospital hospital;
  SECTION("a stop") {
    StageCall call = hospital.call();
    call.stop_requested = [] { return true; };
    CHECK(call.failure().code() == ErrorCode::incomplete);
  }
  SECTION("skipped") {
    for (int i = 0; i < 4; ++i) write_text(hospital.source(i), film(9).file());
    const Error error = hospital.call().failure();
    CHECK(error.code() == ErrorCode::input);
    CHECK_FALSE(names_somebody(error.message() + error.hint()));
  }
  CHECK_FALSE(fs::exists(hospital / "out/dicom"));
}

TEST_CASE("options and places that make no sense with DICOM files are refused") {
  const Hospital hospital;
  CHECK(hospital.call({{"fill", "inpaint"}}).failure().code() == ErrorCode::config);
  CHECK(hospital.call({{"fill", "border_median"}}).failure().message() ==
        "mask: fill border_median is not for DICOM files");
  CHECK(hospital.call({{"check", true}}).failure().code() == ErrorCode::usage);
  CHECK(hospital.call({{"keep_text", true}}).failure().code() == ErrorCode::usage);
  CHECK(hospital.call({{"fill", "white"}}).run().at("images") == 6);

  StageCall alone = hospital.call();
  alone.inputs.erase("source_map");
  CHECK(alone.failure().message() == "--dicom needs --source-map");
  StageCall map = hospital.call();
  map.inputs.erase("dicom");
  CHECK(map.failure().code() == ErrorCode::usage);
  StageCall pictures = map;
  pictures.inputs.erase("source_map");
  CHECK(pictures.failure().message().find("of the other kind") != std::string::npos);

  StageCall inside = hospital.call();
  inside.out = hospital / "export/out";
  CHECK(inside.failure().message().find("lies in the DICOM folder") != std::string::npos);
  StageCall occupied = hospital.call();
  occupied.out = hospital / "occupied";
  write_text(hospital / "occupied/dicom/mine.dcm", "keep");
  CHECK(occupied.failure().message().find("not made by this command") != std::string::npos);
  CHECK(read_text(hospital / "occupied/dicom/mine.dcm") == "keep");
}
