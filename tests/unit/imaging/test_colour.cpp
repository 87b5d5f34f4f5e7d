#include <cmath>

#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/imaging/colour.hpp"

using namespace tagconf;
using namespace tagconf::imaging;

TEST_CASE("colour maps pass through their published colours") {
  using Colour = std::array<std::uint8_t, 3>;
  // Entries 0, 128 and 255 of the published 256.
  const auto near = [](const Colour& a, const Colour& b) {
    for (std::size_t c = 0; c < 3; ++c) {
      if (std::abs(int{a[c]} - int{b[c]}) > 2) return false;
    }
    return true;
  };
  CHECK(colour_of(ColourMap::viridis, 0) == Colour{68, 1, 84});
  CHECK(near(colour_of(ColourMap::viridis, 128.0 / 255), Colour{33, 145, 140}));
  CHECK(colour_of(ColourMap::viridis, 1) == Colour{253, 231, 37});
  CHECK(colour_of(ColourMap::magma, 0) == Colour{0, 0, 4});
  CHECK(near(colour_of(ColourMap::magma, 128.0 / 255), Colour{183, 55, 121}));
  CHECK(colour_of(ColourMap::magma, 1) == Colour{252, 253, 191});
  CHECK(colour_of(ColourMap::magma, 7) == colour_of(ColourMap::magma, 1));
  CHECK(colour_of(ColourMap::magma, -7) == colour_of(ColourMap::magma, 0));
}

TEST_CASE("both colour maps grow lighter all the way") {
  for (const auto map : {ColourMap::viridis, ColourMap::magma}) {
    double last = -1;
    for (int i = 0; i <= 64; ++i) {
      const auto c = colour_of(map, i / 64.0);
      const double light = 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2];
      CHECK(light > last);
      last = light;
    }
  }
}

TEST_CASE("an overlay shows the picture where the map is 0 and the colour where it is 1 and opaque") {
  GreyImage image(2, 1, 16);
  image.pixels = {65535, 257 * 100};
  Plane map(2, 1);
  map.values = {0.0F, 1.0F};
  const RgbImage mixed = overlay(image, map, ColourMap::viridis, 1.0);
  CHECK(mixed.pixels == std::vector<std::uint8_t>{255, 255, 255, 253, 231, 37});
  const RgbImage half = overlay(image, map, ColourMap::viridis, 0.5);
  CHECK(half.pixels == std::vector<std::uint8_t>{255, 255, 255, 177, 166, 69});
  CHECK_THROWS_AS(overlay(image, Plane(1, 1), ColourMap::magma, 1.0), Error);
}

TEST_CASE("an outline stays inside box and picture") {
  RgbImage image = to_rgb(GreyImage(6, 5, 8, 9));
  draw_outline(image, {1, 1, 8, 3}, 255, 0, 0, 1);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 6; ++x) {
      const bool edge = x >= 1 && y >= 1 && y <= 3 && (x == 1 || y == 1 || y == 3);
      CHECK(image.pixels[static_cast<std::size_t>(3 * (y * 6 + x))] == (edge ? 255 : 9));
    }
  }
  RgbImage small = to_rgb(GreyImage(3, 3, 8, 9));
  draw_outline(small, {0, 0, 2, 2}, 1, 2, 3, 5);
  CHECK(small.pixels[0] == 1);
  CHECK(small.pixels[3 * 4 + 2] == 3);
  CHECK(small.pixels[3 * 8] == 9);
}
