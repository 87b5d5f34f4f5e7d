// Weight files: every tensor lies inside the file and is found by its name; what is written reads back.
#include <unistd.h>

#include <filesystem>
#include <numeric>

#include "fuzz.hpp"
#include "tagconf/nn/safetensors.hpp"

namespace tagconf::fuzz {
namespace {

using nn::Safetensors;
using nn::TensorView;

std::filesystem::path scratch_file() {
  static const std::filesystem::path kPath =
      std::filesystem::temp_directory_path() / ("fuzz-" + std::to_string(::getpid()) + ".safetensors");
  return kPath;
}

// Touches every byte, which a sanitizer would not let pass outside the file.
std::size_t sum_of(const TensorView& tensor) {
  return std::accumulate(tensor.bytes.begin(), tensor.bytes.end(), std::size_t{0},
                         [](std::size_t sum, std::byte b) { return sum + std::to_integer<std::size_t>(b); });
}

void check_same(const Safetensors& a, const Safetensors& b) {
  check(a.metadata() == b.metadata(), "metadata reads back");
  check(a.tensors().size() == b.tensors().size(), "every tensor reads back");
  for (const TensorView& tensor : a.tensors()) {
    check(a.find(tensor.name) == &tensor, "a tensor is found by its name");
    const TensorView* other = b.find(tensor.name);
    check(other != nullptr && other->element == tensor.element && other->shape == tensor.shape &&
              std::ranges::equal(other->bytes, tensor.bytes) && sum_of(*other) == sum_of(tensor),
          "a tensor reads back as it was");
  }
}

void try_file(std::span<const std::byte> bytes) {
  Safetensors file;
  if (!accepts(ErrorCode::input, [&] { file = Safetensors::parse({bytes.begin(), bytes.end()}, "f"); }))
    return;
  nn::write_safetensors(scratch_file(), file.tensors(), file.metadata());
  const Safetensors again = Safetensors::read(scratch_file());
  std::filesystem::remove(scratch_file());
  check_same(file, again);
}

}  // namespace
}  // namespace tagconf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tagconf::fuzz::try_file(tagconf::fuzz::bytes_of(data, size));
  return 0;
}
