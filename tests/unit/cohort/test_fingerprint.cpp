// What an image's fingerprint keeps, and what it does not mind.
#include <cmath>

#include "cohort_support.hpp"
#include "films.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/fingerprint.hpp"
#include "tagconf/imaging/resize.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
using imaging::GreyImage;
using test::change_grey;
using test::film;
using test::mirror;

namespace {

double correlation_of(const GreyImage& a, const GreyImage& b) {
  const auto r = correlate(make_fingerprint(a).thumbnail, make_fingerprint(b).thumbnail);
  REQUIRE(r);
  return *r;
}

double detail_of(const GreyImage& a, const GreyImage& b) {
  const auto r = correlate_detail(make_fingerprint(a).thumbnail, make_fingerprint(b).thumbnail);
  REQUIRE(r);
  return *r;
}

int distance_of(const GreyImage& a, const GreyImage& b) {
  return hash_distance(make_fingerprint(a).hash, make_fingerprint(b).hash);
}

}  // namespace

TEST_CASE("the digest is of size and pixels, not of depth or file") {
  const GreyImage image = film(1);
  const std::string digest = make_fingerprint(image).digest;
  GreyImage deep(image.width, image.height, 16);
  for (std::size_t i = 0; i < deep.pixels.size(); ++i)
    deep.pixels[i] = static_cast<std::uint16_t>(image.pixels[i] * 257);
  CHECK(make_fingerprint(deep).digest == digest);
  GreyImage other = image;
  other.at(3, 4) = static_cast<std::uint16_t>(other.at(3, 4) == 0 ? 1 : other.at(3, 4) - 1);
  CHECK(make_fingerprint(other).digest != digest);
  const GreyImage low(4, 2, 8, 9);
  const GreyImage high(2, 4, 8, 9);
  CHECK(make_fingerprint(low).digest != make_fingerprint(high).digest);
}

TEST_CASE("images of one grey are blank, a faint picture is not") {
  CHECK(make_fingerprint(GreyImage(100, 80, 8, 0)).blank);
  CHECK(make_fingerprint(GreyImage(100, 80, 16, 40000)).blank);
  GreyImage speck(100, 80, 8, 0);
  speck.at(50, 40) = 3;
  CHECK(make_fingerprint(speck).blank);
  GreyImage half(100, 80, 8, 10);
  for (int y = 0; y < 80; ++y) {
    for (int x = 0; x < 50; ++x) half.at(x, y) = 12;
  }
  CHECK_FALSE(make_fingerprint(half).blank);
  const Error error = test::error_of([] { (void)make_fingerprint(GreyImage()); });
  CHECK(error.message() == "a picture without pixels has no fingerprint");
}

TEST_CASE("the hash is that of the definition") {
  // Brighter to the right everywhere, constant downwards.
  GreyImage ramp(64, 64, 8);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) ramp.at(x, y) = static_cast<std::uint16_t>(3 * x);
  }
  const Fingerprint print = make_fingerprint(ramp);
  CHECK(print.hash == LookHash{~std::uint64_t{0}, 0});
  CHECK(print.mirrored == LookHash{0, 0});
  CHECK(print.thumbnail.front() == 0);
  CHECK(print.thumbnail.back() == 255);
  CHECK(hash_distance(print.hash, print.mirrored) == 64);
}

TEST_CASE("copies that were changed as copies are stay within the defaults") {
  for (std::uint64_t number = 0; number < 6; ++number) {
    const GreyImage image = film(number);
    const auto check = [&](const char* how, const GreyImage& copy) {
      INFO(how << " of film " << number << ": " << distance_of(image, copy) << " bits, "
               << correlation_of(image, copy));
      CHECK(distance_of(image, copy) <= 14);
      CHECK(correlation_of(image, copy) >= 0.98);
      CHECK(detail_of(image, copy) >= 0.8);
    };
    check("JPEG", imaging::decode(imaging::encode_jpeg(image, 40), "copy"));
    check("0.9", imaging::resize(image, image.width * 9 / 10, image.height * 9 / 10));
    check("0.3", imaging::resize(image, image.width * 3 / 10, image.height * 3 / 10));
    check("darker", change_grey(image, [](double v) { return 0.6 * v; }));
    check("brighter", change_grey(image, [](double v) { return 0.7 * v + 0.3; }));
    check("gamma", change_grey(image, [](double v) { return std::pow(v, 1.3); }));
    check("covered",
          test::cover(image, {image.width / 10, image.height / 12, image.width / 8, image.height / 8}));
  }
}

TEST_CASE("different films are told apart") {
  double greatest = -1;
  for (std::uint64_t a = 0; a < 12; ++a) {
    for (std::uint64_t b = a + 1; b < 12; ++b)
      greatest = std::max(greatest, correlation_of(film(a), film(b)));
  }
  CHECK(greatest < 0.95);
}

TEST_CASE("the mirrored hash and thumbnail are those of the mirrored image") {
  for (std::uint64_t number = 0; number < 6; ++number) {
    const Fingerprint one = make_fingerprint(film(number));
    const Fingerprint turned = make_fingerprint(mirror(film(number)));
    CHECK(hash_distance(one.mirrored, turned.hash) <=
          1);  // where a difference is on the edge of the threshold
    CHECK(hash_distance(one.hash, turned.mirrored) <= 1);
    CHECK(hash_distance(one.hash, turned.hash) > 14);
    const auto r = correlate(mirror_thumbnail(one.thumbnail), turned.thumbnail);
    REQUIRE(r);
    CHECK(*r > 0.9999);
  }
}

TEST_CASE("a correlation is Pearson's where all points agree, and minds few points that do not") {
  Rng rng(5, "test_fingerprint");
  std::vector<std::uint8_t> a(64 * 64);
  for (auto& value : a) value = static_cast<std::uint8_t>(40 + rng.below(100));
  CHECK(*correlate(a, a) == Approx(1.0));
  std::vector<std::uint8_t> inverse(a.size());
  std::transform(a.begin(), a.end(), inverse.begin(), [](std::uint8_t v) { return 255 - v; });
  CHECK(*correlate(a, inverse) < -0.95);
  // 2 % of the points are painted over: left out. 10 %: not.
  const auto painted = [&](std::size_t points) {
    std::vector<std::uint8_t> out = a;
    std::fill_n(out.begin(), points, 255);
    return out;
  };
  CHECK(*correlate(a, painted(80)) == Approx(1.0));
  CHECK(*correlate(a, painted(400)) < 0.7);
  CHECK(*correlate(painted(80), a) == *correlate(a, painted(80)));
  // Nothing but the painted points varies: no correlation.
  std::vector<std::uint8_t> flat(a.size(), 7);
  CHECK_FALSE(correlate(a, flat));
  std::vector<std::uint8_t> other = flat;
  std::fill_n(flat.begin(), 50, 200);
  std::fill_n(other.rbegin(), 50, 200);
  CHECK_FALSE(correlate(flat, other));
  CHECK(*correlate(flat, flat) == Approx(1.0));
  CHECK(test::error_of([&] { (void)correlate(a, std::vector<std::uint8_t>(3)); }).code() == ErrorCode::bug);
}

TEST_CASE("edges tell films apart whose grey is alike") {
  // A bright bar on a broad glow, and the same glow with the bar elsewhere.
  const auto with_bar = [](int at) {
    GreyImage image(128, 128, 8);
    for (int y = 0; y < 128; ++y) {
      for (int x = 0; x < 128; ++x)
        image.at(x, y) = static_cast<std::uint16_t>(200 - std::abs(x - 64) - std::abs(y - 64) +
                                                    (x >= at && x < at + 6 ? 20 : 0));
    }
    return image;
  };
  CHECK(correlation_of(with_bar(30), with_bar(90)) > 0.9);
  CHECK(detail_of(with_bar(30), with_bar(90)) < 0.3);
  CHECK(detail_of(with_bar(30), with_bar(30)) == Approx(1.0));
  CHECK(test::error_of([] { (void)correlate_detail({}, {}); }).code() == ErrorCode::bug);
}
