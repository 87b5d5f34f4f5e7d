#include "config.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tagconf::fuzz::try_config(tagconf::fuzz::text_of(data, size), tagconf::options::Format::yaml);
  return 0;
}
