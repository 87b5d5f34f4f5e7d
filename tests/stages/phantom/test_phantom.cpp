// The phantom stage as a run uses it: what it writes is read back by the readers of the real data.
#include <map>
#include <set>

#include "../ingest_pack/stage_call.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/cohort/readers.hpp"
#include "tagconf/tags/tag_table.hpp"

using namespace tagconf;
using tagconf::test::ScratchFolder;
using tagconf::test::StageCall;

namespace {

StageCall small_phantom(const std::filesystem::path& out) {
  StageCall call{stages::phantom(), {}, out, {}, {}};
  call.options = {{"patients_train", 14}, {"patients_valid", 7}, {"size", 128}};
  return call;
}

}  // namespace

TEST_CASE("the phantom is a cohort that MURA's reader takes, and its truth fits the images") {
  ScratchFolder scratch;
  StageCall call = small_phantom(scratch / "phantom");
  const auto summary = call.run();
  const auto listing = cohort::read_mura(scratch / "phantom/MURA-v1.1");
  CHECK(summary["images"] == listing.images.size());
  CHECK(call.progress.last == listing.images.size());
  const auto tags = tags::read_tags(scratch / "phantom/truth/tags.csv");
  CHECK(tags.images().size() == listing.images.size());
  std::set<std::string> parts;
  std::set<std::string> positive;
  for (const auto& image : listing.images) {
    const auto& sample = image.sample;
    parts.insert(sample.body_part);
    const auto picture = imaging::read_image(listing.root / image.path);
    CHECK(std::max(picture.width, picture.height) <= 128);
    CHECK(picture.bits == 8);
    (void)tags::boxes_of_image(tags, sample.image_id, picture.width, picture.height);
    const auto bones = imaging::read_image(scratch / ("phantom/truth/bones/" + sample.image_id + ".png"));
    CHECK(bones.frame() == picture.frame());
    if (sample.label == 1) positive.insert(sample.image_id);
  }
  CHECK(parts.size() == 7);
  std::set<std::string> with_lesion;
  const auto lesions = read_csv(scratch / "phantom/truth/lesions.csv");
  for (std::size_t i = 0; i < lesions.rows(); ++i) {
    with_lesion.insert(lesions.at(i, lesions.require("image_id")));
  }
  CHECK(with_lesion == positive);
}

TEST_CASE("without bones no masks are written, and the knobs reach truth.json") {
  ScratchFolder scratch;
  StageCall call = small_phantom(scratch / "phantom");
  call.options["bones"] = false;
  call.options["parts"] = Json::array({"wrist"});
  call.options["train_letter"] = 0.5;
  call.options["test_letter"] = -0.5;
  (void)call.run();
  CHECK_FALSE(std::filesystem::exists(scratch / "phantom/truth/bones"));
  CHECK(std::filesystem::exists(scratch / "phantom/MURA-v1.1/train/XR_WRIST/patient00001"));
  CHECK_FALSE(std::filesystem::exists(scratch / "phantom/MURA-v1.1/train/XR_HAND"));
  const Json truth = parse_json(read_text(scratch / "phantom/truth/truth.json"), "truth.json");
  CHECK(truth["train"]["knobs"]["letter"] == 0.5);
  CHECK(truth["valid"]["knobs"]["letter"] == -0.5);
  CHECK(truth["train"]["probabilities"]["abnormal"]["letter_r"] == Approx(0.74));
  CHECK(truth["valid"]["probabilities"]["abnormal"]["letter_r"] == Approx(0.26));
}

TEST_CASE("a list without body parts is a mistake in the config") {
  ScratchFolder scratch;
  StageCall call = small_phantom(scratch / "phantom");
  call.options["parts"] = Json::array();
  CHECK(call.failure().code() == ErrorCode::config);
  CHECK_FALSE(std::filesystem::exists(scratch / "phantom/MURA-v1.1"));
}
