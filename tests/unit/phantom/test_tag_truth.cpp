// What is measured on a pasted tag against what was painted.
#include <cmath>

#include "catch.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/phantom/tag_truth.hpp"

using namespace tagconf;
using namespace tagconf::phantom;

namespace {

constexpr int kSide = 200;
constexpr float kGround = 0.3F;

TagLook look_of(TagStyle style) {
  TagLook look;
  look.style = style;
  look.cap_height = 40;
  look.stroke = 0.18;
  look.ink = 0.9;
  look.plate = 0.5;
  return look;
}

// The tag on even ground with normal noise, its upper left corner at (x, y).
TagTruth measured(const TagLook& look, double noise, int x = 60, int y = 60) {
  const TagSprite sprite = draw_tag(look);
  imaging::Plane plane(kSide, kSide, kGround);
  (void)paste(plane, sprite, x, y);
  Rng rng(2, "tag_truth");
  imaging::GreyImage picture(kSide, kSide, 16);
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    const double grey = static_cast<double>(plane.values[i]) + noise * rng.normal();
    picture.pixels[i] = static_cast<std::uint16_t>(std::lround(65535 * std::clamp(grey, 0.0, 1.0)));
  }
  return measure_tag(picture, look, sprite, x, y);
}

double sum(const imaging::Plane& plane) {
  double total = 0;
  for (const float v : plane.values) total += v;
  return total;
}

}  // namespace

TEST_CASE("the letters of a sprite are the same whatever they stand on") {
  const double bare = sum(draw_tag(look_of(TagStyle::ink)).ink);
  for (const auto& [style, name] : EnumNames<TagStyle>::kNames) {
    INFO(name);
    CHECK(sum(draw_tag(look_of(style)).ink) == Approx(bare).epsilon(0.01));
  }
  // Bare letters are all there is to see; mirrored and turned they still are.
  auto look = look_of(TagStyle::ink);
  look.mirrored = true;
  look.angle = 20;
  const TagSprite sprite = draw_tag(look);
  for (std::size_t i = 0; i < sprite.ink.values.size(); ++i)
    CHECK(std::abs(sprite.ink.values[i] - sprite.alpha.values[i]) < 0.05F);
}

TEST_CASE("contrast is what was painted, noise what was added") {
  struct Case {
    TagStyle style;
    double contrast;
  };
  // A plate lets a fifth of the ground through; letters cut out show the ground.
  const double ground = kGround;
  const double plate = 0.8 * 0.5 + 0.2 * ground;
  for (const Case& c : {Case{TagStyle::ink, 0.9 - ground}, Case{TagStyle::ring, 0.9 - ground},
                        Case{TagStyle::dark_disc, 0.9 - 0.02}, Case{TagStyle::bright_disc, ground - 0.9},
                        Case{TagStyle::plate, 0.9 - plate}, Case{TagStyle::cutout, ground - 0.9}}) {
    INFO(name_of(c.style));
    const TagTruth even = measured(look_of(c.style), 0);
    CHECK(even.contrast == Approx(c.contrast).margin(0.01));
    CHECK(even.noise < 0.005);
    CHECK(even.visible == Approx(1.0));
    CHECK(quality_of(even) == TagQuality::clear);
  }
  const TagTruth noisy = measured(look_of(TagStyle::ink), 0.02);
  CHECK(noisy.contrast == Approx(0.9 - ground).margin(0.01));
  CHECK(noisy.noise == Approx(0.02).epsilon(0.15));
}

TEST_CASE("quality follows from what is visible, the contrast and Rose's limit") {
  const auto ink = look_of(TagStyle::ink);
  const TagSprite sprite = draw_tag(ink);
  const TagTruth some = measured(ink, 0, -sprite.ink.width / 5, 60);
  CHECK(some.visible > 0.5);
  CHECK(some.visible < 1);
  CHECK(quality_of(some) == TagQuality::clipped);
  CHECK(quality_of(measured(ink, 0, 60, kSide - sprite.ink.height / 4)) == TagQuality::unreadable);
  CHECK(measured(ink, 0, kSide, kSide).visible == 0);
  TagTruth truth = measured(ink, 0);
  truth.contrast = -0.1;
  truth.noise = 0.1;
  CHECK(truth.stroke_signal() == Approx(0.18 * 40));
  CHECK(quality_of(truth) == TagQuality::faint);
  truth.noise = 0.18 * 40 * 0.1 / 4.99;
  CHECK(quality_of(truth) == TagQuality::unreadable);
}

TEST_CASE("every tag of a rendered picture has its truth beside it") {
  PlanOptions options;
  options.patients_train = 7;
  options.patients_valid = 1;
  options.size = 256;
  std::size_t tags = 0;
  for (const ImagePlan& item : plan_cohort(options)) {
    const Rendered picture = render_image(item);
    REQUIRE(picture.looks.size() == picture.tags.size());
    for (std::size_t i = 0; i < picture.tags.size(); ++i) {
      const TagBox& tag = picture.tags[i];
      const TagTruth& truth = picture.looks[i];
      CHECK(tag.rotation == truth.look.angle);
      CHECK(tag.contrast == truth.contrast);
      CHECK(std::isfinite(truth.stroke_signal()));
      if (truth.visible < 1) CHECK(tag.clipped == true);
      if (std::abs(truth.contrast) > 0.05) CHECK((tag.polarity == "dark") == (truth.contrast < 0));
      ++tags;
    }
  }
  CHECK(tags > 5);
}
