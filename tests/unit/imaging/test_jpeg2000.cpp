// JPEG 2000 streams made here by OpenJPEG's encoder, read back, cut and lied about.
#include <openjpeg.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "catch.hpp"
#include "cost.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/jpeg2000.hpp"

using namespace tagconf;
using namespace tagconf::imaging;

namespace {

using Bytes = std::vector<std::byte>;

struct Sink {
  Bytes bytes;
  std::size_t at = 0;
};

OPJ_SIZE_T put(void* data, OPJ_SIZE_T count, void* user) {
  auto& sink = *static_cast<Sink*>(user);
  sink.bytes.resize(std::max(sink.bytes.size(), sink.at + count));
  std::memcpy(sink.bytes.data() + sink.at, data, count);
  sink.at += count;
  return count;
}

OPJ_BOOL seek(OPJ_OFF_T place, void* user) {
  static_cast<Sink*>(user)->at = static_cast<std::size_t>(place);
  return OPJ_TRUE;
}

OPJ_OFF_T skip(OPJ_OFF_T count, void* user) {
  static_cast<Sink*>(user)->at += static_cast<std::size_t>(count);
  return count;
}

// Lossless, one component.
Bytes encode(const std::vector<std::int32_t>& samples, unsigned width, unsigned height, unsigned bits,
             bool is_signed, OPJ_CODEC_FORMAT format = OPJ_CODEC_J2K) {
  opj_cparameters_t parameters{};
  opj_set_default_encoder_parameters(&parameters);
  parameters.numresolution = 3;
  opj_image_cmptparm_t component{};
  component.dx = component.dy = 1;
  component.w = width;
  component.h = height;
  component.prec = bits;
  component.sgnd = is_signed ? 1 : 0;
  opj_image_t* image = opj_image_create(1, &component, OPJ_CLRSPC_GRAY);
  image->x1 = width;
  image->y1 = height;
  std::copy(samples.begin(), samples.end(), image->comps[0].data);
  opj_codec_t* codec = opj_create_compress(format);
  Sink sink;
  opj_stream_t* stream = opj_stream_default_create(OPJ_FALSE);
  opj_stream_set_user_data(stream, &sink, nullptr);
  opj_stream_set_write_function(stream, put);
  opj_stream_set_seek_function(stream, seek);
  opj_stream_set_skip_function(stream, skip);
  REQUIRE(opj_setup_encoder(codec, &parameters, image) == OPJ_TRUE);
  REQUIRE(opj_start_compress(codec, image, stream) == OPJ_TRUE);
  REQUIRE(opj_encode(codec, stream) == OPJ_TRUE);
  REQUIRE(opj_end_compress(codec, stream) == OPJ_TRUE);
  opj_stream_destroy(stream);
  opj_destroy_codec(codec);
  opj_image_destroy(image);
  return sink.bytes;
}

std::vector<std::int32_t> noise(std::size_t count, std::int32_t low, std::int32_t high) {
  Rng rng(1, "test.jpeg2000");
  std::vector<std::int32_t> out;
  for (std::size_t i = 0; i < count; ++i) {
    out.push_back(low + static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(high - low + 1))));
  }
  return out;
}

}  // namespace

TEST_CASE("JPEG 2000 comes back as it was coded") {
  const auto samples = noise(std::size_t{37} * 23, 0, 4095);
  const Bytes stream = encode(samples, 37, 23, 12, false);
  const auto size = jpeg2000_size(stream, "x");
  CHECK(size.width == 37);
  CHECK(size.height == 23);
  CHECK(size.components == 1);
  CHECK(size.bits == 12);
  CHECK_FALSE(size.is_signed);
  CHECK(decode_jpeg2000(stream, "x") == samples);

  const auto below = noise(std::size_t{16} * 16, -2048, 2047);
  const Bytes with_sign = encode(below, 16, 16, 12, true);
  CHECK(jpeg2000_size(with_sign, "x").is_signed);
  CHECK(decode_jpeg2000(with_sign, "x") == below);

  const Bytes boxed = encode(samples, 37, 23, 12, false, OPJ_CODEC_JP2);
  CHECK(jpeg2000_size(boxed, "x").width == 37);
  CHECK(decode_jpeg2000(boxed, "x") == samples);
}

TEST_CASE("JPEG 2000 that is cut short or none is refused") {
  const Bytes whole = encode(noise(std::size_t{64} * 64, 0, 255), 64, 64, 8, false);
  for (const std::size_t size : {std::size_t{0}, std::size_t{3}, std::size_t{20}, std::size_t{60},
                                 std::size_t{200}, whole.size() / 2, whole.size() - 200}) {
    INFO(size << " of " << whole.size());
    CHECK_THROWS_AS(decode_jpeg2000(std::span(whole).first(size), "x"), Error);
  }
  CHECK_THROWS_AS(jpeg2000_size(Bytes(100), "x"), Error);
}

TEST_CASE("a declared size is told without the memory for it") {
  Bytes stream = encode(noise(std::size_t{16} * 16, 0, 255), 16, 16, 8, false);
  for (std::size_t i = 8; i < 16; ++i) stream[i] = std::byte{0x7F};
  CHECK(jpeg2000_size(stream, "x").width == 0x7F7F7F7F);
}

TEST_CASE("more tiles than the stream has room for are refused before memory is taken for them") {
  Bytes stream = encode(noise(std::size_t{16} * 16, 0, 255), 16, 16, 8, false);
  const auto put_word = [&](std::size_t i, std::uint32_t value) {
    for (std::size_t k = 0; k < 4; ++k) stream[8 + 4 * i + k] = static_cast<std::byte>(value >> (24 - 8 * k));
  };
  // 255 x 255 pixels, one a tile.
  for (const auto& [i, value] : {std::pair{0U, 255U}, {1U, 255U}, {4U, 1U}, {5U, 1U}}) put_word(i, value);
  std::string said;
  const test::Cost cost = test::cost_of([&] {
    try {
      (void)decode_jpeg2000(stream, "x");
    } catch (const Error& error) {
      said = error.message();
    }
  });
  CHECK(said.find("no room for the tiles") != std::string::npos);
  CHECK(cost.time < std::chrono::milliseconds(100));
  CHECK(cost.megabytes < 32);
  put_word(4, 0);
  CHECK_THROWS_AS(decode_jpeg2000(stream, "x"), Error);
}
