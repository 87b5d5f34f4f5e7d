#include "tagconf/imaging/codec.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "codec_parts.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf::imaging {
namespace detail {

void LibraryFailure::leave(const char* text) {
  const std::size_t length = std::min(std::strlen(text), message.size() - 1);
  std::memcpy(message.data(), text, length);
  message[length] = '\0';
  std::longjmp(jump, 1);
}

void check_size(std::int64_t width, std::int64_t height, std::size_t bytes, std::int64_t pixels_per_byte,
                const std::string& where, const DecodeLimits& limits) {
  const std::string size = std::to_string(width) + " x " + std::to_string(height) + " pixels";
  if (width <= 0 || height <= 0) throw_input(where + ": declares " + size, "expected at least one pixel");
  if (width > limits.max_pixels / height) {
    throw_input(where + ": declares " + size + ", over the limit of " + std::to_string(limits.max_pixels),
                "the file is broken, or no radiograph");
  }
  if (width * height / pixels_per_byte > static_cast<std::int64_t>(bytes)) {
    throw_input(where + ": declares " + size + ", but " + std::to_string(bytes) + " bytes cannot hold them",
                "the file was cut short or is broken");
  }
}

void throw_broken(const std::string& where, const char* format, const LibraryFailure& failure) {
  throw_input(where + ": broken " + format + " image: " + failure.message.data(),
              "the file was cut short or damaged; fetch it again");
}

}  // namespace detail

namespace {

[[noreturn]] void throw_no_image(std::span<const std::byte> bytes, const std::string& where) {
  throw_input(where + (bytes.empty() ? ": is empty" : ": is not an image"), "expected a PNG or JPEG image");
}

}  // namespace

GreyImage decode(std::span<const std::byte> bytes, const std::string& where, const DecodeLimits& limits) {
  if (detail::is_png(bytes)) {
    auto plain = detail::decode_plain_png(bytes, limits);
    return plain ? std::move(*plain) : detail::decode_png(bytes, where, limits);
  }
  if (detail::is_jpeg(bytes)) return detail::decode_jpeg(bytes, where, limits);
  throw_no_image(bytes, where);
}

ImageHeader read_header(std::span<const std::byte> bytes, const std::string& where) {
  if (detail::is_png(bytes)) return detail::png_header(bytes, where);
  if (detail::is_jpeg(bytes)) return detail::jpeg_header(bytes, where);
  throw_no_image(bytes, where);
}

ImageHeader check_image(std::span<const std::byte> bytes, const std::string& where,
                        const DecodeLimits& limits) {
  if (detail::is_png(bytes)) {
    if (const auto header = detail::check_plain_png(bytes, limits)) return *header;
  }
  const GreyImage image = decode(bytes, where, limits);
  return {image.width, image.height, image.bits};
}

std::int64_t decoding_memory(const ImageHeader& header) {
  // Two bytes of the picture; six of an interlaced colour PNG's rows or of a progressive JPEG's coefficients.
  constexpr std::int64_t kBytesPerPixel = 8;
  return kBytesPerPixel * header.width * header.height;
}

bool looks_like_image(std::span<const std::byte> bytes) {
  return detail::is_png(bytes) || detail::is_jpeg(bytes);
}

GreyImage read_image(const std::filesystem::path& path, const DecodeLimits& limits) {
  return decode(read_bytes(path), path.string(), limits);
}

void write_png(const std::filesystem::path& path, const GreyImage& image) {
  write_bytes(path, encode_png(image));
}

void write_png(const std::filesystem::path& path, const RgbImage& image) {
  write_bytes(path, encode_png(image));
}

}  // namespace tagconf::imaging
