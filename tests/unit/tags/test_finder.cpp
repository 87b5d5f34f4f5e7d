// The classical finder on drawn films, where the truth is known, and on films without a tag.
#include "tagconf/tags/finder.hpp"

#include <array>

#include "catch.hpp"
#include "films.hpp"
#include "tagconf/tags/cover.hpp"

using namespace tagconf;
using imaging::GreyImage;
using tags::ClassicalOptions;
using tags::find_classical;
using test::Film;
using test::Style;

namespace {

std::vector<Rect> rects(const std::vector<TagBox>& tags) {
  std::vector<Rect> out;
  for (const auto& tag : tags) out.push_back(tag.box);
  return out;
}

// Share of the ink under the boxes.
double covered_share(const Film& film, const std::vector<TagBox>& tags) {
  const auto mask = tags::box_mask(rects(tags), film.image.width, film.image.height);
  double covered = 0;
  double all = 0;
  for (int y = 0; y < film.image.height; ++y) {
    for (int x = 0; x < film.image.width; ++x) {
      if (film.ink.at<std::uint8_t>(y, x) == 0) continue;
      all += 1;
      covered += mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(film.image.width) +
                      static_cast<std::size_t>(x)];
    }
  }
  return covered / all;
}

// Share of the picture that is covered further than 12 px from the ink.
double stray_share(const Film& film, const std::vector<TagBox>& tags) {
  GreyImage far(film.image.width, film.image.height, 8, 1);
  const Rect near = padded(film.ink_box(), 12, far.width, far.height);
  far = tags::cover(far, std::vector<Rect>{near}, tags::Fill::black);
  const auto mask = tags::box_mask(rects(tags), far.width, far.height);
  double stray = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) stray += mask[i] != 0 && far.pixels[i] != 0 ? 1 : 0;
  return stray / static_cast<double>(mask.size());
}

Style random_style(std::uint64_t number) {
  Rng rng(9, "style", number);
  constexpr std::array kFaces{cv::FONT_HERSHEY_SIMPLEX, cv::FONT_HERSHEY_DUPLEX, cv::FONT_HERSHEY_COMPLEX};
  Style style;
  style.text = rng.chance(0.5) ? "L" : "R";
  style.face = kFaces[rng.below(kFaces.size())];
  style.cap = rng.uniform(16, 60);
  style.stroke = rng.uniform(0.08, 0.2);
  style.level = rng.uniform(150, 255);
  const int x = static_cast<int>(rng.chance(0.5) ? rng.uniform(8, 40) : rng.uniform(310, 350));
  style.at = {x, static_cast<int>(rng.uniform(80, 490))};
  return style;
}

TagBox only(const std::vector<TagBox>& tags) {
  REQUIRE(tags.size() == 1);
  return tags.front();
}

TagBox find_only(const Film& film) {
  return only(find_classical(film.image, {}));
}

Film with_image(const cv::Mat& grey, const cv::Mat& ink) {
  return {test::to_image(grey), ink};
}

}  // namespace

TEST_CASE("letters drawn on noisy films are found, and little else is covered") {
  constexpr int kFilms = 80;
  int found = 0;
  double stray = 0;
  for (std::uint64_t n = 0; n < kFilms; ++n) {
    const Film film = test::film(n, random_style(n));
    const auto tags = find_classical(film.image, {});
    if (covered_share(film, tags) >= 0.95) ++found;
    stray += stray_share(film, tags) / kFilms;
  }
  INFO(found << " of " << kFilms << " found, stray area " << stray);
  CHECK(found >= 76);
  CHECK(stray < 0.005);
}

TEST_CASE("films without a tag have none") {
  for (std::uint64_t n = 0; n < 40; ++n) {
    Rng rng(10, "untagged", n);
    const cv::Mat grey =
        test::limb(rng, 200 + static_cast<int>(rng.below(800)), 200 + static_cast<int>(rng.below(800)));
    INFO("film " << n);
    CHECK(find_classical(test::to_image(grey), {}).empty());
  }
}

TEST_CASE("blank and noise pictures have none, whatever their size") {
  const std::array<std::array<int, 2>, 9> sizes{
      {{1, 1}, {1, 300}, {3, 2}, {17, 900}, {40, 30}, {128, 128}, {300, 200}, {512, 512}, {1200, 700}}};
  for (const auto& [width, height] : sizes) {
    INFO(width << " x " << height);
    CHECK(find_classical(GreyImage(width, height, 8), {}).empty());
    CHECK(find_classical(GreyImage(width, height, 16, 65535), {}).empty());
    GreyImage ramp(width, height, 16);
    GreyImage uniform(width, height, 8);
    GreyImage normal(width, height, 8);
    Rng rng(2, "noise", static_cast<std::uint64_t>(width), static_cast<std::uint64_t>(height));
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        ramp.at(x, y) = static_cast<std::uint16_t>((x + y) * 65535 / (width + height));
        uniform.at(x, y) = static_cast<std::uint16_t>(rng.below(256));
        normal.at(x, y) = static_cast<std::uint16_t>(std::clamp(120 + 15 * rng.normal(), 0.0, 255.0));
      }
    }
    CHECK(find_classical(ramp, {}).empty());
    CHECK(find_classical(uniform, {}).empty());
    CHECK(find_classical(normal, {}).empty());
  }
  CHECK(find_classical(GreyImage{}, {}).empty());
}

TEST_CASE("boxes lie inside the picture, in reading order, apart, and carry a score") {
  for (std::uint64_t n = 0; n < 20; ++n) {
    Rng rng(12, "several", n);
    cv::Mat grey = test::limb(rng, 420, 512);
    cv::Mat ink = cv::Mat::zeros(512, 420, CV_8UC1);
    for (int i = 0; i < 4; ++i) {
      Style style = random_style(100 * n + static_cast<std::uint64_t>(i));
      style.at = {static_cast<int>(rng.uniform(-10, 400)), 100 + 110 * i};
      test::write_letters(grey, ink, style);
    }
    const Film film = with_image(grey, ink);
    const auto tags = find_classical(film.image, {});
    for (std::size_t i = 0; i < tags.size(); ++i) {
      CHECK(intersect(tags[i].box, film.image.frame()) == tags[i].box);
      REQUIRE(tags[i].score.has_value());
      CHECK(*tags[i].score >= 0.5);
      CHECK(*tags[i].score <= 1.0);
      CHECK(tags[i].source == TagSource::classical);
      for (std::size_t j = i + 1; j < tags.size(); ++j) {
        CHECK(intersect(tags[i].box, tags[j].box).empty());
        CHECK((tags[i].box.y < tags[j].box.y ||
               (tags[i].box.y == tags[j].box.y && tags[i].box.x < tags[j].box.x)));
      }
    }
  }
}

TEST_CASE("depth and grey scale do not matter: 16 bit, and half the range, give the same boxes") {
  const Film film = test::film(3, Style{});
  const auto tags = rects(find_classical(film.image, {}));
  REQUIRE(tags.size() == 1);
  GreyImage deep(film.image.width, film.image.height, 16);
  GreyImage shifted = deep;
  for (std::size_t i = 0; i < deep.pixels.size(); ++i) {
    deep.pixels[i] = static_cast<std::uint16_t>(film.image.pixels[i] * 257);
    shifted.pixels[i] = static_cast<std::uint16_t>(9000 + film.image.pixels[i] * 128);
  }
  CHECK(rects(find_classical(deep, {})) == tags);
  CHECK(rects(find_classical(shifted, {})) == tags);
}

TEST_CASE("a film twice as large has its tag at twice the place") {
  const Film film = test::film(5, Style{});
  const Rect small = find_only(film).box;
  Film large = film;
  large.image = GreyImage(2 * film.image.width, 2 * film.image.height, 8);
  for (int y = 0; y < large.image.height; ++y)
    for (int x = 0; x < large.image.width; ++x) large.image.at(x, y) = film.image.at(x / 2, y / 2);
  ClassicalOptions options;
  options.pad = 10;
  const Rect box = only(find_classical(large.image, options)).box;
  CHECK(iou(box, {2 * small.x, 2 * small.y, 2 * small.w, 2 * small.h}) > 0.85);
}

TEST_CASE("a higher score keeps fewer tags, and the pad is added round what was seen") {
  const Film film = test::film(6, Style{});
  ClassicalOptions options;
  options.pad = 0;
  const Rect bare = only(find_classical(film.image, options)).box;
  CHECK(iou(bare, film.ink_box()) > 0.8);
  options.pad = 9;
  CHECK(only(find_classical(film.image, options)).box ==
        padded(bare, 9, film.image.width, film.image.height));
  for (std::uint64_t n = 0; n < 10; ++n) {
    const Film other = test::film(n, random_style(n));
    std::int64_t before = std::int64_t{1} << 40;
    for (const double least : {0.0, 0.2, 0.5, 0.8, 0.99, 1.0}) {
      const auto area = tags::covered_pixels(rects(find_classical(other.image, {least, 5})),
                                             other.image.width, other.image.height);
      CHECK(area <= before);
      before = area;
    }
  }
}

TEST_CASE("attributes of a letter") {
  SECTION("side and polarity") {
    for (const std::string letter : {"L", "R"}) {
      for (const double level : {235.0, 180.0}) {
        Style style;
        style.text = letter;
        style.level = level;
        const TagBox tag = find_only(test::film(1, style));
        CHECK(tag.kind == TagKind::laterality);
        CHECK(tag.letter == letter);
        CHECK(tag.letter_score.value() > 0.9);
        CHECK(tag.polarity == "bright");
        CHECK(tag.mirrored == false);
        CHECK(tag.rotation == 0.0);
        CHECK(tag.clipped == false);
        CHECK(tag.ring == false);
        REQUIRE(tag.contrast.has_value());
        // The film's ground lies between 5 and 40 of 255.
        CHECK(*tag.contrast > (level - 60) / 255);
        CHECK(*tag.contrast < level / 255);
      }
    }
  }
  SECTION("turned and mirrored") {
    Style style;
    style.text = "R";
    style.at = {20, 60};
    const Film upright = test::film(2, style);
    cv::Mat grey(upright.image.height, upright.image.width, CV_16UC1);
    std::copy(upright.image.pixels.begin(), upright.image.pixels.end(), grey.begin<std::uint16_t>());
    const auto tag_of = [](const cv::Mat& picture) {
      GreyImage image(picture.cols, picture.rows, 8);
      std::copy(picture.begin<std::uint16_t>(), picture.end<std::uint16_t>(), image.pixels.begin());
      return only(find_classical(image, {}));
    };
    cv::Mat turned;
    cv::rotate(grey, turned, cv::ROTATE_90_COUNTERCLOCKWISE);
    const TagBox turn = tag_of(turned);
    CHECK(turn.letter == "R");
    CHECK(turn.rotation == 90.0);
    CHECK(turn.mirrored == false);
    cv::Mat mirror;
    cv::flip(grey, mirror, 1);
    const TagBox flipped = tag_of(mirror);
    CHECK(flipped.letter == "R");
    CHECK(flipped.mirrored == true);
    CHECK(flipped.rotation == 0.0);
  }
  SECTION("a dark letter on a bright plate: the plate is covered whole") {
    Rng rng(8, "film", 4);
    cv::Mat grey = test::limb(rng, 420, 512);
    cv::Mat ink = cv::Mat::zeros(512, 420, CV_8UC1);
    cv::rectangle(grey, {20, 40}, {79, 109}, cv::Scalar(220), cv::FILLED);
    Style style;
    style.level = 30;
    style.at = {36, 90};
    test::write_letters(grey, ink, style);
    const TagBox tag = find_only(with_image(grey, ink));
    CHECK(intersect(tag.box, {20, 40, 60, 70}) == Rect{20, 40, 60, 70});
    CHECK(iou(tag.box, padded({20, 40, 60, 70}, 5, 420, 512)) > 0.85);
    CHECK(tag.plate == true);
    CHECK(tag.letter == "L");
  }
  SECTION("a letter in a ring: the ring is covered whole") {
    Rng rng(8, "film", 7);
    cv::Mat grey = test::limb(rng, 420, 512);
    cv::Mat ink = cv::Mat::zeros(512, 420, CV_8UC1);
    cv::circle(grey, {60, 80}, 34, cv::Scalar(235), 3);
    Style style;
    style.at = {48, 95};
    test::write_letters(grey, ink, style);
    const TagBox tag = find_only(with_image(grey, ink));
    CHECK(intersect(tag.box, {25, 45, 71, 71}) == Rect{25, 45, 71, 71});
    CHECK(tag.ring == true);
    CHECK(tag.kind == TagKind::laterality);
    CHECK(tag.letter == "L");
  }
  SECTION("cut by the border") {
    Style style;
    style.at = {-6, 200};
    const TagBox tag = find_only(test::film(9, style));
    CHECK(tag.clipped == true);
    CHECK(tag.box.x == 0);
  }
  SECTION("initials beside the side's letter belong to one mark") {
    Rng rng(8, "film", 11);
    cv::Mat grey = test::limb(rng, 420, 512);
    cv::Mat ink = cv::Mat::zeros(512, 420, CV_8UC1);
    Style side;
    side.cap = 36;
    test::write_letters(grey, ink, side);
    Style initials;
    initials.text = "MK";
    initials.cap = 15;
    initials.at = {62, 80};
    test::write_letters(grey, ink, initials);
    const Film film = with_image(grey, ink);
    const TagBox tag = find_only(film);
    CHECK(covered_share(film, {tag}) == 1.0);
    CHECK(tag.kind == TagKind::laterality);
    CHECK(tag.letter == "L");
  }
  SECTION("a line of text") {
    Style style;
    style.text = "PORTABLE";
    style.cap = 18;
    style.face = cv::FONT_HERSHEY_SIMPLEX;
    style.stroke = 0.12;
    const Film film = test::film(13, style);
    const auto tags = find_classical(film.image, {});
    CHECK(covered_share(film, tags) > 0.95);
    REQUIRE_FALSE(tags.empty());
    CHECK(tags.front().kind == TagKind::text);
  }
}
