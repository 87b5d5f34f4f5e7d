// convert as a command: there and back through files, with the input's format told by what it is.
#include "small_cohort.hpp"
#include "tagconf/tags/tag_table.hpp"

using namespace tagconf;
using test::SmallCohort;
using test::StageCall;

namespace {

const std::string kRows =
    "train/XR_HAND/p1/image1,10,12,8,6,laterality\n"
    "train/XR_HAND/p1/image1,70,50,10,10,marker\n"
    "train/XR_HAND/p1/image2,,,,,\n"
    "valid/p2/image1,0,0,80,60,unknown\n";

struct Converting {
  SmallCohort cohort;
  std::filesystem::path table = cohort.table(kRows);

  [[nodiscard]] StageCall call(const std::filesystem::path& boxes, const std::string& to,
                               const std::string& out) const {
    return {stages::convert(),
            {{"boxes", boxes}, {"images", cohort.manifest_path()}},
            cohort / out,
            {{"to", to}},
            {}};
  }
  [[nodiscard]] std::string text() const { return tags::tags_csv(tags::read_tags(table)); }
};

}  // namespace

TEST_CASE("every format there and back") {
  for (const std::string format : {"coco", "labelme", "yolo"}) {
    const Converting converting;
    const auto there = converting.call(converting.table, format, "there").run();
    CHECK(there.at("images") == 3);
    CHECK(there.at("from") == "tags");
    const std::filesystem::path written = there.at("written").get<std::string>();
    const auto back = converting.call(written, "tags", "back").run();
    CHECK(back.at("from") == format);
    CHECK(tags::tags_csv(tags::read_tags(back.at("written").get<std::string>())) == converting.text());
    SECTION("and the files are where " + format + "'s users look for them") {
      if (format == "coco") CHECK(written == converting.cohort / "there/converted.json");
      if (format == "labelme") {
        const auto path = written / "train/XR_HAND/p1/image1.json";
        const auto json = parse_json(read_text(path), "labelme");
        CHECK(
            std::filesystem::weakly_canonical(path.parent_path() / json.at("imagePath").get<std::string>()) ==
            std::filesystem::weakly_canonical(converting.cohort / "source/train/XR_HAND/p1/image1.png"));
      }
      if (format == "yolo") CHECK(read_text(written / "train/XR_HAND/p1/image2.txt").empty());
    }
  }
}

TEST_CASE("YOLO's folder is told by its names of classes, whatever else lies there") {
  const Converting converting;
  const std::filesystem::path yolo =
      converting.call(converting.table, "yolo", "there").run().at("written").get<std::string>();
  write_text(yolo / "notes.json", "{}");
  CHECK(converting.call(yolo, "tags", "back").run().at("from") == "yolo");
}

TEST_CASE("who drew the boxes can be said") {
  const Converting converting;
  auto call = converting.call(converting.table, "tags", "out");
  call.options["source"] = "person";
  const auto table = tags::read_tags(call.run().at("written").get<std::string>());
  CHECK(table.boxes("valid/p2/image1")[0].source == TagSource::person);
  CHECK(table.none_by("train/XR_HAND/p1/image2") == TagSource::person);
}

TEST_CASE("what cannot be converted is refused and leaves nothing") {
  const Converting converting;
  auto call = converting.call(converting.table, "yolo", "out");
  SECTION("without images there are no sizes") {
    call.inputs.erase("images");
    CHECK(call.failure().message() == "--images is missing");
  }
  SECTION("a box outside its image") {
    call.inputs["boxes"] = converting.cohort.table("valid/p2/image1,70,1,11,5,\n", "bad.csv");
    CHECK(call.failure().message() ==
          (converting.cohort / "bad.csv").string() + ":2: box outside image (x 70 + w 11 > 80)");
  }
  SECTION("an image that is not there") {
    call.inputs["boxes"] = converting.cohort.table("image9,1,1,5,5,\n", "bad.csv");
    CHECK(call.failure().message() ==
          (converting.cohort / "bad.csv").string() + ": image 'image9' is not among the images");
  }
  SECTION("a folder in use") {
    write_text(converting.cohort / "out/converted/mine.txt", "x");
    CHECK(call.failure().message() == (converting.cohort / "out/converted").string() + ": exists already");
    CHECK(read_text(converting.cohort / "out/converted/mine.txt") == "x");
    return;
  }
  SECTION("an image that YOLO would take for its list of classes") {
    const auto films = converting.cohort / "films";
    std::filesystem::create_directories(films / "a");
    const auto source = converting.cohort / "source/valid/p2/image1.png";
    std::filesystem::copy_file(source, films / "a/classes.png");
    call.inputs = {{"boxes", converting.cohort.table("a/classes,1,1,5,5,\n", "bad.csv")}, {"images", films}};
    CHECK(call.failure().message() == (converting.cohort / "bad.csv").string() +
                                          ": image 'a/classes' has a name that YOLO's files keep for others");
  }
  SECTION("YOLO without names of classes") {
    write_text(converting.cohort / "yolo/valid/p2/image1.txt", "0 0.5 0.5 0.1 0.1\n");
    call.inputs["boxes"] = converting.cohort / "yolo";
    CHECK(call.failure().message() ==
          (converting.cohort / "yolo").string() + ": holds no classes.txt and no obj.names");
  }
  CHECK_FALSE(std::filesystem::exists(converting.cohort / "out/converted"));
}
