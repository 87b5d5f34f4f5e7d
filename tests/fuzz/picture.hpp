// What every picture's reader owes: a decoded picture has the size that its header says, and survives being
// written.
#pragma once

#include "fuzz.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/png_metadata.hpp"

namespace tagconf::fuzz {

inline void try_picture(std::span<const std::byte> bytes) {
  constexpr imaging::DecodeLimits kLimits{1 << 20};
  imaging::GreyImage image;
  const auto metadata = imaging::png_metadata(bytes);
  check(metadata.picture.size() + metadata.words.size() <= bytes.size(), "metadata is part of the file");
  const bool good = accepts(ErrorCode::input, [&] { image = imaging::decode(bytes, "f", kLimits); });
  check(good == accepts(ErrorCode::input, [&] { (void)imaging::check_image(bytes, "f", kLimits); }),
        "a picture that passes the check is one that can be decoded");
  if (!good) return;
  const auto header = imaging::read_header(bytes, "f");
  check(image.width == header.width && image.height == header.height && image.bits == header.bits,
        "a picture is as large and deep as its header says");
  check(image.frame().area() <= kLimits.max_pixels, "the limit of pixels holds");
  const auto written = imaging::with_metadata(imaging::encode_png(image), metadata.picture);
  check(imaging::decode(written, "written.png") == image, "a picture survives being written");
}

}  // namespace tagconf::fuzz
