#include "catch.hpp"
#include "tagconf/arms/render.hpp"
#include "tagconf/base/rng.hpp"

using namespace tagconf;
using namespace tagconf::arms;

namespace {

imaging::GreyImage random_image(int width, int height, int bits, std::uint64_t seed) {
  imaging::GreyImage image(width, height, bits);
  Rng rng(seed, "test.render");
  for (auto& v : image.pixels) v = static_cast<std::uint16_t>(1 + rng.below(image.full_scale()));
  return image;
}

std::vector<TagBox> random_boxes(int width, int height, std::uint64_t seed) {
  Rng rng(seed, "test.boxes");
  std::vector<TagBox> boxes(rng.below(4));
  for (auto& tag : boxes) {
    tag.box.x = static_cast<int>(rng.below(static_cast<std::uint64_t>(width)));
    tag.box.y = static_cast<int>(rng.below(static_cast<std::uint64_t>(height)));
    tag.box.w = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(width - tag.box.x)));
    tag.box.h = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(height - tag.box.y)));
    tag.kind = rng.chance(0.5) ? TagKind::laterality : TagKind::text;
  }
  return boxes;
}

// By the definition, one pixel at a time: inside a box of a wanted kind, padded?
bool in_tag(int x, int y, const std::vector<TagBox>& boxes, const tags::CoverOptions& options) {
  for (const auto& tag : boxes) {
    bool wanted = false;
    for (const auto kind : options.kinds) wanted = wanted || kind == tag.kind;
    if (wanted && x >= tag.box.x - options.pad && x < tag.box.x + tag.box.w + options.pad &&
        y >= tag.box.y - options.pad && y < tag.box.y + tag.box.h + options.pad) {
      return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("arms differ by the tags and nothing else, to the pixel") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto image = random_image(40, 30, seed % 2 == 0 ? 8 : 16, seed);
    const auto boxes = random_boxes(40, 30, seed);
    tags::CoverOptions options;
    options.pad = static_cast<int>(seed % 4);
    if (seed % 3 == 0) options.kinds = {TagKind::laterality};
    CHECK(render(image, boxes, Arm::original, options) == image);
    const auto covered = render(image, boxes, Arm::covered, options);
    const auto tags_only = render(image, boxes, Arm::tags_only, options);
    REQUIRE(covered.bits == image.bits);
    REQUIRE(tags_only.bits == image.bits);
    for (int y = 0; y < 30; ++y) {
      for (int x = 0; x < 40; ++x) {
        const bool tag = in_tag(x, y, boxes, options);
        REQUIRE(covered.at(x, y) == (tag ? 0 : image.at(x, y)));
        REQUIRE(tags_only.at(x, y) == (tag ? image.at(x, y) : 0));
        REQUIRE(covered.at(x, y) + tags_only.at(x, y) == image.at(x, y));
      }
    }
  }
}

TEST_CASE("an image without tags is itself when covered and black when stripped") {
  const auto image = random_image(9, 7, 16, 1);
  CHECK(render(image, {}, Arm::covered, {}) == image);
  CHECK(render(image, {}, Arm::tags_only, {}) == imaging::GreyImage(9, 7, 16, 0));
}
