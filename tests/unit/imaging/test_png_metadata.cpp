// What a PNG says besides its pixels, read by libpng from what was carried over.
#include <png.h>

#include <cstring>
#include <string>

#include "catch.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/png_metadata.hpp"

using namespace tagconf;
using imaging::GreyImage;

namespace {

void append(png_structp png, png_bytep data, std::size_t count) {
  auto& out = *static_cast<std::vector<std::byte>*>(png_get_io_ptr(png));
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  out.insert(out.end(), bytes, bytes + count);
}

// A grey or colour PNG with physical size, gamma and a text.
std::vector<std::byte> source(bool colour) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(png, &out, append, nullptr);
  png_set_IHDR(png, info, 4, 3, 8, colour ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_pHYs(png, info, 5906, 5905, PNG_RESOLUTION_METER);
  png_set_gAMA(png, info, 0.5);
  std::string key = "Patient";
  std::string words = "Jane Doe";
  png_text text{};
  text.compression = PNG_TEXT_COMPRESSION_NONE;
  text.key = key.data();
  text.text = words.data();
  png_set_text(png, info, &text, 1);
  png_write_info(png, info);
  std::vector<png_byte> row(colour ? 12 : 4, 77);
  for (int y = 0; y < 3; ++y) png_write_row(png, row.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  return out;
}

struct Found {
  png_uint_32 x = 0;
  png_uint_32 y = 0;
  double gamma = 0;
  std::string text;
};

Found read_back(const std::vector<std::byte>& bytes) {
  struct Source {
    const std::vector<std::byte>& bytes;
    std::size_t place;
  } from{bytes, 0};
  png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_read_fn(png, &from, [](png_structp p, png_bytep data, std::size_t count) {
    auto& s = *static_cast<Source*>(png_get_io_ptr(p));
    std::memcpy(data, s.bytes.data() + s.place, count);
    s.place += count;
  });
  png_read_info(png, info);
  Found out;
  int unit = 0;
  png_get_pHYs(png, info, &out.x, &out.y, &unit);
  png_get_gAMA(png, info, &out.gamma);
  png_textp text = nullptr;
  int count = 0;
  if (png_get_text(png, info, &text, &count) > 0) out.text = std::string(text[0].key) + "=" + text[0].text;
  png_destroy_read_struct(&png, &info, nullptr);
  return out;
}

}  // namespace

TEST_CASE("size and greys are carried over; words only where they are asked for") {
  const GreyImage image(4, 3, 8, 9);
  for (const bool colour : {false, true}) {
    const auto metadata = imaging::png_metadata(source(colour));
    const auto plain = imaging::with_metadata(imaging::encode_png(image), metadata.picture);
    CHECK(imaging::decode(plain, "plain") == image);
    const Found found = read_back(plain);
    CHECK(found.x == 5906);
    CHECK(found.y == 5905);
    CHECK(found.gamma == Approx(0.5));
    CHECK(found.text.empty());
    const auto whole = imaging::with_metadata(plain, metadata.words);
    CHECK(imaging::decode(whole, "whole") == image);
    CHECK(read_back(whole).text == "Patient=Jane Doe");
  }
}

TEST_CASE("chunks that stand twice are carried over once, what follows the end not at all") {
  const auto once = source(false);
  const auto metadata = imaging::png_metadata(once);
  // The chunks again after the header, and after the end.
  auto twice = imaging::with_metadata(once, metadata.picture);
  twice.insert(twice.end(), metadata.picture.begin(), metadata.picture.end());
  twice.insert(twice.end(), metadata.words.begin(), metadata.words.end());
  CHECK(imaging::png_metadata(twice).picture == metadata.picture);
  CHECK(imaging::png_metadata(twice).words == metadata.words);
}

TEST_CASE("nothing is made of what says nothing") {
  const GreyImage image(4, 3, 16, 900);
  const auto png = imaging::encode_png(image);
  CHECK(imaging::png_metadata(png).picture.empty());
  CHECK(imaging::png_metadata(png).words.empty());
  CHECK(imaging::png_metadata(imaging::encode_jpeg(GreyImage(8, 8, 8), 90)).picture.empty());
  CHECK(imaging::png_metadata({}).picture.empty());
  CHECK(imaging::with_metadata(png, {}) == png);
  SECTION("of a file cut short: what is whole") {
    auto cut = source(false);
    for (std::size_t n = 0; n < cut.size(); ++n) (void)imaging::png_metadata(std::span(cut).first(n));
  }
}
