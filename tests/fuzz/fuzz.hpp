// What the fuzz targets share. A target hands its bytes to one reader. Whatever leaves the reader but
// tagconf::Error with the code that it owes is a finding, and so is a promise of the reader that does not
// hold.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "tagconf/base/error.hpp"

// libFuzzer's entry, and the replay's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace tagconf::fuzz {

inline void check(bool holds, std::string_view promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %.*s\n", static_cast<int>(promise.size()), promise.data());
  std::abort();
}

// Does `read` accept its input? Any other exception than the refusal that it owes ends the program.
template <class Read>
[[nodiscard]] bool accepts(ErrorCode refusal, Read&& read) {
  try {
    read();
    return true;
  } catch (const Error& error) {
    check(error.code() == refusal, "a refusal has the code that it owes");
    check(!error.message().empty(), "a refusal says why");
    return false;
  }
}

[[nodiscard]] inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

[[nodiscard]] inline std::span<const std::byte> bytes_of(const std::uint8_t* data, std::size_t size) {
  return std::as_bytes(std::span(data, size));
}

[[nodiscard]] inline bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace tagconf::fuzz
