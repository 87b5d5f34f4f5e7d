// The fuzz targets without a fuzzer: replay FOLDER... hands every file of the folders to the target, whole
// and cut short at places spread over its length. Ends by the target's own abort when something is found.
#include <filesystem>
#include <iostream>
#include <vector>

#include "fuzz.hpp"
#include "tagconf/base/files.hpp"

namespace {
namespace fs = std::filesystem;

std::vector<fs::path> files_in(const fs::path& folder) {
  std::vector<fs::path> out;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_regular_file()) out.push_back(entry.path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// A copy of its own for each length, so that a sanitizer sees reads behind the end.
void feed(const std::vector<std::byte>& bytes, std::size_t size) {
  const std::vector<std::uint8_t> input(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                        reinterpret_cast<const std::uint8_t*>(bytes.data()) + size);
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

void replay(const fs::path& file) {
  std::cerr << file.string() << std::endl;  // the last line before a finding names its file
  constexpr std::size_t kCuts = 48;
  const auto bytes = tagconf::read_bytes(file);
  feed(bytes, bytes.size());
  for (std::size_t i = 0; i < kCuts && bytes.size() > i; ++i) feed(bytes, bytes.size() * i / kCuts);
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& file : files_in(argv[i])) {
      replay(file);
      ++count;
    }
  }
  std::cout << count << " files\n";
  return count > 0 ? 0 : 1;
}
