// detect as a command: every image gets a row, given boxes replace or join the finder's.
#include "small_cohort.hpp"
#include "tagconf/tags/tag_table.hpp"

using namespace tagconf;
using test::SmallCohort;
using test::StageCall;

namespace {

// A white L of 9 px strokes on a dark, faintly noisy ground; 200 x 160.
imaging::GreyImage film_with_letter(std::uint64_t number) {
  imaging::GreyImage image(200, 160, 8, 30);
  Rng rng(4, "film", number);
  for (auto& p : image.pixels) p = static_cast<std::uint16_t>(30 + rng.below(4));
  for (int y = 40; y < 90; ++y)
    for (int x = 60; x < 95; ++x)
      if (x < 69 || y >= 81) image.at(x, y) = 230;
  return image;
}

struct Films {
  SmallCohort cohort;  // three images of pure noise

  Films() {
    const auto manifest = cohort::read_manifest(cohort.manifest_path());
    // The first image becomes a film with a letter; its size differs, so the manifest is written anew.
    imaging::write_png(manifest.image_path(manifest.rows[0]), film_with_letter(0));
    auto changed = manifest;
    changed.rows[0].width = 200;
    changed.rows[0].height = 160;
    changed.rows[0].sha256.clear();
    cohort::write_manifest(cohort.manifest_path(), changed);
  }

  [[nodiscard]] StageCall call() const {
    return {stages::detect(),
            {{"images", cohort.manifest_path()}},
            cohort / "out",
            {{"finder", "classical"}},
            {}};
  }
  [[nodiscard]] tags::TagTable tags() const { return tags::read_tags(cohort / "out/tags.csv"); }
};

const std::string kFirst = "train/XR_HAND/p1/image1";
const std::string kSecond = "train/XR_HAND/p1/image2";
const std::string kThird = "valid/p2/image1";

}  // namespace

TEST_CASE("every image is examined, in the manifest's order") {
  const Films films;
  const auto summary = films.call().run();
  const auto table = films.tags();
  CHECK(table.images() == std::vector<std::string>{kFirst, kSecond, kThird});
  REQUIRE(table.boxes(kFirst).size() == 1);
  const TagBox& tag = table.boxes(kFirst)[0];
  CHECK(tag.source == TagSource::classical);
  CHECK(tag.kind == TagKind::laterality);
  CHECK(tag.letter == "L");
  CHECK(tag.polarity == "bright");
  CHECK(intersect(tag.box, {60, 40, 35, 50}) == Rect{60, 40, 35, 50});
  CHECK(iou(tag.box, {55, 35, 45, 60}) > 0.8);
  CHECK(tag.cluster == 1);
  CHECK(table.boxes(kSecond).empty());
  CHECK(table.boxes(kThird).empty());
  CHECK(summary.at("images") == 3);
  CHECK(summary.at("tagged") == 1);
  CHECK(summary.at("boxes").at("laterality") == 1);
}

TEST_CASE("the same bytes whatever the number of threads") {
  const Films films;
  auto call = films.call();
  (void)call.run();
  const auto first = read_text(films.cohort / "out/tags.csv");
  call.options["threads"] = 1;
  (void)call.run();
  CHECK(read_text(films.cohort / "out/tags.csv") == first);
}

TEST_CASE("given boxes replace the finder's on the images they list") {
  const Films films;
  auto call = films.call();
  call.inputs["boxes"] = films.cohort.table(kFirst + ",,,,,\n" + kThird + ",1,2,10,11,text\n", "mine.csv");
  const auto summary = call.run();
  const auto table = films.tags();
  CHECK(table.boxes(kFirst).empty());
  CHECK(table.boxes(kSecond).empty());
  REQUIRE(table.boxes(kThird).size() == 1);
  CHECK(table.boxes(kThird)[0].box == Rect{1, 2, 10, 11});
  CHECK(table.boxes(kThird)[0].kind == TagKind::text);
  CHECK(table.boxes(kThird)[0].source == TagSource::given);
  CHECK(summary.at("given_images") == 2);
}

TEST_CASE("given boxes are added to the finder's") {
  const Films films;
  auto call = films.call();
  call.options["boxes_mode"] = "add";
  call.inputs["boxes"] = films.cohort.table(kFirst + ",1,2,10,11,\n" + kSecond + ",,,,,\n", "mine.csv");
  (void)call.run();
  const auto table = films.tags();
  REQUIRE(table.boxes(kFirst).size() == 2);
  CHECK(table.boxes(kFirst)[0].source == TagSource::given);
  CHECK(table.boxes(kFirst)[1].source == TagSource::classical);
  // A letter and a patch of grain do not look alike; whoever set a box, it has its group.
  CHECK(table.boxes(kFirst)[0].cluster.value() + table.boxes(kFirst)[1].cluster.value() == 3);
  CHECK(table.boxes(kSecond).empty());
}

TEST_CASE("wrong tables of boxes are refused") {
  const Films films;
  auto call = films.call();
  SECTION("a box outside its image") {
    const auto mine = films.cohort.table(kThird + ",1,2,10,11,\n" + kThird + ",10,50,5,11,\n", "mine.csv");
    call.inputs["boxes"] = mine;
    CHECK(call.failure().message() == mine.string() + ":3: box outside image (y 50 + h 11 > 60)");
  }
  SECTION("none of its images is in the cohort") {
    const auto mine = films.cohort.table("image1,1,2,10,11,\n", "mine.csv");
    call.inputs["boxes"] = mine;
    CHECK(call.failure().message() ==
          mine.string() + ": lists no image of this cohort; its first is 'image1'");
  }
  CHECK_FALSE(std::filesystem::exists(films.cohort / "out/tags.csv"));
}

TEST_CASE("a folder or a single file will do") {
  const Films films;
  auto call = films.call();
  call.inputs["images"] = films.cohort / "source/valid";
  (void)call.run();
  CHECK(films.tags().images() == std::vector<std::string>{"p2/image1"});
  call.inputs["images"] = films.cohort / "source/train/XR_HAND/p1/image1.png";
  (void)call.run();
  CHECK(films.tags().images() == std::vector<std::string>{"image1"});
}
