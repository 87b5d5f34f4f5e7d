// What the PNG and JPEG halves of the codec share: contained long jumps and checks on declared sizes.
#pragma once

#include <array>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/imaging/codec.hpp"

namespace tagconf::imaging::detail {

// Both C libraries report fatal errors by a callback that must not return. The callback writes the message
// here and jumps; `guarded` lands the jump.
struct LibraryFailure {
  std::jmp_buf jump;
  std::array<char, 256> message{};

  // Copies the text, cut to fit, and leaves the library by the jump.
  [[noreturn]] void leave(const char* text);
};

// Runs `body`, false when the library failed in it. A jump skips destructors, so `body` may own nothing: its
// frame holds plain values only, and everything with a destructor lives in the caller.
template <class Body>
[[nodiscard]] bool guarded(LibraryFailure& failure, Body&& body) {
  if (setjmp(failure.jump) != 0) return false;
  body();
  return true;
}

// Rec. 601 luma of a colour; equal channels are that value exactly.
[[nodiscard]] constexpr std::uint16_t luma(std::uint32_t r, std::uint32_t g, std::uint32_t b) {
  return static_cast<std::uint16_t>((299 * r + 587 * g + 114 * b + 500) / 1000);
}

// Error input when the picture is over the limit, or so large that `bytes` of file cannot hold it: a picture
// of `pixels_per_byte` at the most. Called before memory is taken.
void check_size(std::int64_t width, std::int64_t height, std::size_t bytes, std::int64_t pixels_per_byte,
                const std::string& where, const DecodeLimits& limits);

[[noreturn]] void throw_broken(const std::string& where, const char* format, const LibraryFailure& failure);

[[nodiscard]] bool is_png(std::span<const std::byte> bytes);
[[nodiscard]] bool is_jpeg(std::span<const std::byte> bytes);
[[nodiscard]] GreyImage decode_png(std::span<const std::byte> bytes, const std::string& where,
                                   const DecodeLimits& limits);
// The same picture, faster, or its header once all that decoding could find wrong was looked for; nothing
// where the file is of an unusual kind, over the limit or broken.
[[nodiscard]] std::optional<GreyImage> decode_plain_png(std::span<const std::byte> bytes,
                                                        const DecodeLimits& limits);
[[nodiscard]] std::optional<ImageHeader> check_plain_png(std::span<const std::byte> bytes,
                                                         const DecodeLimits& limits);
[[nodiscard]] GreyImage decode_jpeg(std::span<const std::byte> bytes, const std::string& where,
                                    const DecodeLimits& limits);
[[nodiscard]] ImageHeader png_header(std::span<const std::byte> bytes, const std::string& where);
[[nodiscard]] ImageHeader jpeg_header(std::span<const std::byte> bytes, const std::string& where);

}  // namespace tagconf::imaging::detail
