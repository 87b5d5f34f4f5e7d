#include <array>
#include <cstdio>
#include <cstring>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

#include "catch.hpp"
#include "cost.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/codec.hpp"

using namespace tagconf;
using namespace tagconf::imaging;

namespace {

GreyImage random_image(int width, int height, int bits, std::uint64_t seed = 3) {
  GreyImage image(width, height, bits);
  Rng rng(seed, "test.codec");
  for (auto& v : image.pixels) v = static_cast<std::uint16_t>(rng.below(image.full_scale() + 1U));
  return image;
}

// A PNG of any kind, written by libpng itself. `rows`: height rows of packed samples, 16 bit big endian.
std::vector<std::byte> foreign_png(int width, int height, int bits, int colour,
                                   const std::vector<png_byte>& rows, bool interlaced = false,
                                   const std::vector<png_color>& palette = {}) {
  std::vector<std::byte> out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t n) {
        auto* sink = static_cast<std::vector<std::byte>*>(png_get_io_ptr(p));
        const auto* bytes = reinterpret_cast<const std::byte*>(data);
        sink->insert(sink->end(), bytes, bytes + n);
      },
      nullptr);
  png_set_IHDR(png, info, static_cast<png_uint_32>(width), static_cast<png_uint_32>(height), bits, colour,
               interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!palette.empty()) {
    png_set_PLTE(png, info, palette.data(), static_cast<int>(palette.size()));
    const std::vector<png_byte> alpha(palette.size(), 10);
    png_set_tRNS(png, info, alpha.data(), static_cast<int>(alpha.size()), nullptr);
  }
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  const std::size_t row_bytes = rows.size() / static_cast<std::size_t>(height);
  for (int y = 0; y < height; ++y) {
    pointers.push_back(const_cast<png_bytep>(rows.data()) + static_cast<std::size_t>(y) * row_bytes);
  }
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

void append_word(std::vector<std::byte>& out, std::uint32_t word) {
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<std::byte>(word >> (24 - 8 * i)));
}

void append_chunk(std::vector<std::byte>& out, const std::string& name, std::span<const Bytef> data) {
  append_word(out, static_cast<std::uint32_t>(data.size()));
  const std::size_t begin = out.size();
  for (const char c : name) out.push_back(static_cast<std::byte>(c));
  for (const Bytef byte : data) out.push_back(static_cast<std::byte>(byte));
  const auto sum =
      crc32(0, reinterpret_cast<const Bytef*>(out.data() + begin), static_cast<uInt>(data.size() + 4));
  append_word(out, static_cast<std::uint32_t>(sum));
}

// What a filter of PNG predicts, as the standard says it (ISO/IEC 15948, 9.2 and 9.4); 5 is none.
int predicted(int filter, int left, int up, int corner) {
  const int guess = left + up - corner;
  const int a = std::abs(guess - left);
  const int b = std::abs(guess - up);
  const int c = std::abs(guess - corner);
  const std::array<int, 6> values{
      0, left, up, (left + up) / 2, a <= b && a <= c ? left : b <= c ? up : corner, 0};
  return values[static_cast<std::size_t>(filter)];
}

// A grey PNG of our own: row y is filtered by filters[y], the packed rows stand in pieces.
std::vector<std::byte> filtered_png(const GreyImage& image, const std::vector<int>& filters,
                                    std::size_t pieces) {
  const std::size_t step = image.bits == 16 ? 2 : 1;
  const std::size_t size = static_cast<std::size_t>(image.width) * step;
  std::vector<Bytef> rows;
  std::vector<Bytef> above(size);
  for (std::size_t y = 0; y < filters.size(); ++y) {
    std::vector<Bytef> row(size);
    for (std::size_t i = 0; i < size; ++i) {
      const std::uint16_t value = image.pixels[y * static_cast<std::size_t>(image.width) + i / step];
      row[i] = static_cast<Bytef>(step == 2 && i % 2 == 0 ? value >> 8 : value & 255);
    }
    rows.push_back(static_cast<Bytef>(filters[y]));
    for (std::size_t i = 0; i < size; ++i) {
      const bool first = i < step;
      const int guess =
          predicted(filters[y], first ? 0 : row[i - step], above[i], first ? 0 : above[i - step]);
      rows.push_back(static_cast<Bytef>(row[i] - guess));
    }
    above = row;
  }
  uLongf length = compressBound(rows.size());
  std::vector<Bytef> packed(length);
  REQUIRE(compress2(packed.data(), &length, rows.data(), rows.size(), 6) == Z_OK);
  std::vector<std::byte> header;
  append_word(header, static_cast<std::uint32_t>(image.width));
  append_word(header, static_cast<std::uint32_t>(image.height));
  for (const int value : {image.bits, 0, 0, 0, 0}) header.push_back(static_cast<std::byte>(value));
  std::vector<std::byte> out;
  for (const int value : {0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A})
    out.push_back(static_cast<std::byte>(value));
  append_chunk(out, "IHDR", {reinterpret_cast<const Bytef*>(header.data()), header.size()});
  append_chunk(out, "gAMA", std::array<Bytef, 4>{0, 0, 0xB1, 0x8F});
  for (std::size_t p = 0; p < pieces; ++p) {
    const std::size_t begin = length * p / pieces;
    append_chunk(out, "IDAT", std::span(packed).subspan(begin, length * (p + 1) / pieces - begin));
  }
  append_chunk(out, "IEND", {});
  return out;
}

// Changes what a PNG's header declares.
void set_png_size(std::vector<std::byte>& png, std::uint32_t width, std::uint32_t height) {
  constexpr std::size_t kName =
      12;  // of the chunk IHDR: width and height follow, 17 bytes in all, then their sum
  const auto put_word = [&png](std::size_t place, std::uint32_t word) {
    for (std::size_t i = 0; i < 4; ++i) png[place + i] = static_cast<std::byte>(word >> (24 - 8 * i));
  };
  put_word(kName + 4, width);
  put_word(kName + 8, height);
  put_word(kName + 17,
           static_cast<std::uint32_t>(crc32(0, reinterpret_cast<const Bytef*>(png.data() + kName), 17)));
}

std::vector<std::byte> cmyk_jpeg() {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = info.image_height = 8;
  info.input_components = 4;
  info.in_color_space = JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_start_compress(&info, TRUE);
  std::vector<JSAMPLE> row(32, 100);
  JSAMPROW line = row.data();
  for (int y = 0; y < 8; ++y) jpeg_write_scanlines(&info, &line, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  std::vector<std::byte> out(bytes, bytes + size);
  std::free(data);
  return out;
}

// The message of the input error that decoding ends in.
std::string refusal(std::span<const std::byte> bytes, const DecodeLimits& limits = {}) {
  try {
    (void)decode(bytes, "a/b.png", limits);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::input);
    CHECK(error.message().rfind("a/b.png: ", 0) == 0);
    return error.message();
  }
  return "decoded";
}

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::span<const std::byte> as_bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace

TEST_CASE("a PNG keeps depth and every pixel, and its bytes do not vary") {
  for (const int bits : {8, 16}) {
    for (const auto& [w, h] : {std::pair{1, 1}, std::pair{67, 31}, std::pair{3, 200}}) {
      const GreyImage image = random_image(w, h, bits);
      const auto bytes = encode_png(image);
      CHECK(decode(bytes, "x") == image);
      CHECK(encode_png(image) == bytes);
      const ImageHeader header = read_header(bytes, "x");
      CHECK(header.width == w);
      CHECK(header.height == h);
      CHECK(header.bits == bits);
      CHECK(looks_like_image(bytes));
    }
  }
}

TEST_CASE("every filter of PNG is undone, in every order, at every width") {
  Rng rng(7, "test.filters");
  for (int round = 0; round < 600; ++round) {
    const int width = round < 80 ? 1 + round / 2 : 1 + static_cast<int>(rng.below(120));
    const int height = 1 + static_cast<int>(rng.below(40));
    GreyImage image = random_image(width, height, round % 2 == 0 ? 8 : 16, static_cast<std::uint64_t>(round));
    // Smooth ones, too, where neighbours are equal or nearly so.
    if (round % 3 == 0) {
      for (auto& v : image.pixels) v = static_cast<std::uint16_t>(100 + v % 4);
    }
    std::vector<int> filters(static_cast<std::size_t>(height));
    for (auto& filter : filters) filter = round % 5 == 0 ? 4 : static_cast<int>(rng.below(5));
    const auto png = filtered_png(image, filters, 1 + rng.below(3));
    INFO("round " << round);
    REQUIRE(decode(png, "f.png") == image);
    const ImageHeader header = check_image(png, "f.png");
    REQUIRE((header.width == width && header.height == height && header.bits == image.bits));
  }
}

TEST_CASE("a PNG whose rows are too few, damaged or of an unknown filter is refused, and so is its check") {
  const GreyImage image = random_image(40, 30, 8);
  const auto refused = [](const std::vector<std::byte>& png) {
    const std::string why = refusal(png);
    std::string check = "decoded";
    try {
      (void)check_image(png, "a/b.png");
    } catch (const Error& error) {
      check = error.message();
    }
    CHECK(check == why);
    return why != "decoded";
  };
  CHECK_FALSE(refused(filtered_png(image, std::vector<int>(30, 4), 1)));
  CHECK(refused(filtered_png(image, std::vector<int>(29, 4), 1)));
  CHECK(refused(filtered_png(image, std::vector<int>(30, 5), 1)));
  std::vector<std::byte> wrong = filtered_png(image, std::vector<int>(30, 0), 2);
  CHECK_FALSE(refused(wrong));
  wrong[wrong.size() / 2] ^= std::byte{1};
  CHECK(refused(wrong));
}

TEST_CASE("files on disk: written, read, told by content") {
  const test::ScratchFolder scratch;
  const GreyImage image = random_image(20, 10, 8);
  write_png(scratch / "deep/er/name.jpg", image);
  CHECK(read_image(scratch / "deep/er/name.jpg") == image);
  CHECK_THROWS_AS(read_image(scratch / "none.png"), Error);
}

TEST_CASE("colour becomes Rec. 601 luma, equal channels stay, alpha is ignored") {
  const std::vector<png_byte> rgb{255, 0, 0, 0, 255, 0, 0, 0, 255, 77, 77, 77};
  const GreyImage found = decode(foreign_png(4, 1, 8, PNG_COLOR_TYPE_RGB, rgb), "x");
  CHECK(found.pixels == std::vector<std::uint16_t>{76, 150, 29, 77});
  const std::vector<png_byte> rgba{255, 0, 0, 0, 9, 9, 9, 128};
  CHECK(decode(foreign_png(2, 1, 8, PNG_COLOR_TYPE_RGB_ALPHA, rgba), "x").pixels ==
        std::vector<std::uint16_t>{76, 9});
  const std::vector<png_byte> grey_alpha{200, 0, 100, 255};
  CHECK(decode(foreign_png(2, 1, 8, PNG_COLOR_TYPE_GRAY_ALPHA, grey_alpha), "x").pixels ==
        std::vector<std::uint16_t>{200, 100});
  const std::vector<png_byte> wide{0xAB, 0xCD, 0xAB, 0xCD, 0xAB, 0xCD};
  const GreyImage deep = decode(foreign_png(1, 1, 16, PNG_COLOR_TYPE_RGB, wide), "x");
  CHECK(deep.bits == 16);
  CHECK(deep.pixels[0] == 0xABCD);
  for (unsigned v = 0; v < 256; ++v) {
    const auto b = static_cast<png_byte>(v);
    REQUIRE(decode(foreign_png(1, 1, 8, PNG_COLOR_TYPE_RGB, {b, b, b}), "x").pixels[0] == v);
  }
}

TEST_CASE("palettes are expanded and few-bit grey is scaled to 8 bit") {
  const std::vector<png_color> palette{{10, 10, 10}, {255, 0, 0}, {250, 250, 250}};
  const GreyImage found =
      decode(foreign_png(3, 1, 8, PNG_COLOR_TYPE_PALETTE, {2, 1, 0}, false, palette), "x");
  CHECK(found.pixels == std::vector<std::uint16_t>{250, 76, 10});
  const GreyImage one = decode(foreign_png(8, 1, 1, PNG_COLOR_TYPE_GRAY, {0b10110000}), "x");
  CHECK(one.bits == 8);
  CHECK(one.pixels == std::vector<std::uint16_t>{255, 0, 255, 255, 0, 0, 0, 0});
  const GreyImage four = decode(foreign_png(2, 1, 4, PNG_COLOR_TYPE_GRAY, {0x3F}), "x");
  CHECK(four.pixels == std::vector<std::uint16_t>{51, 255});
}

TEST_CASE("an interlaced PNG gives the same pixels") {
  for (const int bits : {8, 16}) {
    const GreyImage image = random_image(19, 23, bits);
    std::vector<png_byte> rows;
    for (const auto v : image.pixels) {
      if (bits == 16) rows.push_back(static_cast<png_byte>(v >> 8));
      rows.push_back(static_cast<png_byte>(v & 255));
    }
    CHECK(decode(foreign_png(19, 23, bits, PNG_COLOR_TYPE_GRAY, rows, true), "x") == image);
  }
}

TEST_CASE("a JPEG stays near its picture and its bytes do not vary") {
  GreyImage image(64, 48, 8);
  for (int y = 0; y < 48; ++y) {
    for (int x = 0; x < 64; ++x) image.at(x, y) = static_cast<std::uint16_t>(2 * x + y);
  }
  const auto bytes = encode_jpeg(image, 95);
  CHECK(encode_jpeg(image, 95) == bytes);
  const GreyImage found = decode(bytes, "x");
  REQUIRE(found.width == 64);
  REQUIRE(found.height == 48);
  for (std::size_t i = 0; i < found.pixels.size(); ++i) {
    REQUIRE(std::abs(int{found.pixels[i]} - int{image.pixels[i]}) <= 4);
  }
  const ImageHeader header = read_header(bytes, "x");
  CHECK(header.width == 64);
  CHECK(header.height == 48);
  // A colour JPEG's luma is the grey of its equal channels.
  RgbImage rgb{16, 16, std::vector<std::uint8_t>(16 * 16 * 3, 90)};
  for (const auto v : decode(encode_jpeg(rgb, 95), "x").pixels) REQUIRE(std::abs(int{v} - 90) <= 1);
  CHECK(decode(encode_jpeg(GreyImage(9, 9, 16, 257 * 50), 95), "x").pixels[0] == 50);
}

TEST_CASE("what is no image is refused by name") {
  CHECK(holds(refusal({}), "is empty"));
  CHECK(holds(refusal(as_bytes_of("hello, this is text")), "is not an image"));
  CHECK(holds(refusal(as_bytes_of("\x89PNG")), "is not an image"));
  CHECK(holds(refusal(as_bytes_of("\xFF\xD8\xFF")), "broken JPEG"));
  CHECK(holds(refusal(cmyk_jpeg()), "CMYK"));
}

TEST_CASE("a picture cut short anywhere is refused") {
  const GreyImage image = random_image(40, 30, 8);
  const auto png = encode_png(image);
  for (std::size_t n = 0; n < png.size(); n += 7) {
    INFO("png cut at " << n);
    CHECK(refusal(std::span(png).first(n)) != "decoded");
  }
  CHECK(refusal(std::span(png).first(png.size() - 1)) != "decoded");
  const auto jpeg = encode_jpeg(image, 90);
  for (std::size_t n = 0; n < jpeg.size(); n += 7) {
    INFO("jpeg cut at " << n);
    CHECK(refusal(std::span(jpeg).first(n)) != "decoded");
  }
  CHECK(refusal(std::span(jpeg).first(jpeg.size() - 2)) != "decoded");
}

TEST_CASE("a flipped bit in a PNG is caught by its checks") {
  const auto png = encode_png(random_image(12, 9, 16));
  for (std::size_t i = 0; i < png.size(); ++i) {
    auto damaged = png;
    damaged[i] ^= std::byte{0x10};
    INFO("byte " << i);
    CHECK(refusal(damaged) != "decoded");
  }
}

TEST_CASE("random damage to a JPEG never crashes") {
  const auto jpeg = encode_jpeg(random_image(33, 21, 8), 85);
  Rng rng(5, "test.damage");
  for (int round = 0; round < 300; ++round) {
    auto damaged = jpeg;
    for (int k = 0; k < 3; ++k) {
      damaged[rng.below(damaged.size())] = static_cast<std::byte>(rng.below(256));
    }
    try {
      (void)decode(damaged, "x", {1'000'000});
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
    }
  }
}

TEST_CASE("a declared size is checked before memory is taken") {
  // A true header of 60000 x 60000 on the rest of a small file.
  auto png = foreign_png(60000, 1, 1, PNG_COLOR_TYPE_GRAY, std::vector<png_byte>(7500, 0));
  CHECK(holds(refusal(png, {10'000}), "over the limit of 10000"));
  auto jpeg = encode_jpeg(GreyImage(8, 8, 8), 90);
  // SOF0: marker, length, precision, height, width.
  for (std::size_t i = 0; i + 9 < jpeg.size(); ++i) {
    if (jpeg[i] == std::byte{0xFF} && jpeg[i + 1] == std::byte{0xC0}) {
      for (std::size_t k = 5; k < 9; ++k) jpeg[i + k] = std::byte{0x40};
      break;
    }
  }
  CHECK(holds(refusal(jpeg), "cannot hold them"));
  CHECK(holds(refusal(jpeg, {1000}), "16448 x 16448 pixels, over the limit"));
}

TEST_CASE("decoding takes no more memory than its header foretells") {
  constexpr int kSide = 2000;
  constexpr std::size_t kRowBytes = std::size_t{kSide} * 6;
  const auto png =
      foreign_png(kSide, kSide, 16, PNG_COLOR_TYPE_RGB, std::vector<png_byte>(kRowBytes * kSide, 7), true);
  const std::int64_t foretold = decoding_memory(read_header(png, "t"));
  CHECK(foretold == 8LL * kSide * kSide);
  const auto cost = test::cost_of([&] { CHECK(decode(png, "t").width == kSide); });
  CHECK(cost.megabytes <= (foretold >> 20U) + 4);
}

TEST_CASE("a picture larger than its file can hold is refused at once and without memory for it") {
  struct Bomb {
    std::uint32_t width;
    std::uint32_t height;
    int bits;
    int colour;
    bool interlaced;
  };
  for (const Bomb& bomb :
       {Bomb{20000, 19999, 16, PNG_COLOR_TYPE_RGB, false}, Bomb{20000, 19999, 16, PNG_COLOR_TYPE_GRAY, true},
        Bomb{65535, 6000, 8, PNG_COLOR_TYPE_GRAY_ALPHA, false},
        Bomb{2'000'000'000, 2'000'000'000, 1, PNG_COLOR_TYPE_GRAY, false}}) {
    INFO(bomb.width << " x " << bomb.height << " of " << bomb.bits << " bits");
    auto png = foreign_png(1, 1, bomb.bits, bomb.colour, std::vector<png_byte>(8, 0), bomb.interlaced);
    png.resize(png.size() + 100'000);  // room behind the picture must not count for much
    set_png_size(png, bomb.width, bomb.height);
    std::string said;
    const test::Cost cost = test::cost_of([&] { said = refusal(png); });
    CHECK((holds(said, "cannot hold them") || holds(said, "over the limit")));
    CHECK(cost.time < std::chrono::milliseconds(100));
    CHECK(cost.megabytes < 32);
  }
}

TEST_CASE("a PNG chunk larger than its file is refused before memory is taken for it") {
  auto png = encode_png(random_image(5, 4, 8));
  // tEXt of 1 GB, after the header.
  constexpr std::array<unsigned char, 9> kChunk{0x40, 0, 0, 0, 't', 'E', 'X', 't', 'a'};
  const auto bytes = std::as_bytes(std::span(kChunk));
  png.insert(png.begin() + 33, bytes.begin(), bytes.end());
  // Whole, and cut behind the chunk's length and name.
  for (const std::size_t size : {png.size(), std::size_t{33 + 8}}) {
    std::string said;
    const test::Cost cost = test::cost_of([&] { said = refusal(std::span(png).first(size)); });
    CHECK(holds(said, "the file ends inside a chunk of 1073741836 bytes"));
    CHECK(cost.megabytes < 32);
  }
}

TEST_CASE("a picture that breaks its own promise is not written") {
  GreyImage image(2, 2, 8);
  image.pixels[3] = 256;
  CHECK_THROWS_AS(encode_png(image), Error);
  CHECK_THROWS_AS(encode_png(GreyImage()), Error);
  CHECK_THROWS_AS(encode_jpeg(GreyImage(), 90), Error);
}
