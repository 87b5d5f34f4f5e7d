// JPEG.
#include "picture.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tagconf::fuzz::try_picture(tagconf::fuzz::bytes_of(data, size));
  return 0;
}
