#include "tagconf/nn/shipped_finder.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

#include "tagconf/base/digest.hpp"

// The file itself becomes read-only data of the program.
asm(".section .rodata\n"
    ".balign 8\n"
    ".globl tagconf_finder_begin\n"
    ".globl tagconf_finder_end\n"
    "tagconf_finder_begin:\n"
    ".incbin \"" TAGCONF_FINDER_WEIGHTS
    "\"\n"
    "tagconf_finder_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" const std::byte tagconf_finder_begin;
extern "C" const std::byte tagconf_finder_end;

namespace tagconf::nn {
namespace {

std::vector<std::byte> shipped_bytes() {
  return {&tagconf_finder_begin, &tagconf_finder_end};
}

}  // namespace

FinderNet shipped_finder() {
  return FinderNet::from(Safetensors::parse(shipped_bytes(), "the finder that comes with this program"));
}

const std::string& shipped_finder_digest() {
  static const std::string digest = [] {
    const auto bytes = shipped_bytes();
    return sha256_hex(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }();
  return digest;
}

}  // namespace tagconf::nn
