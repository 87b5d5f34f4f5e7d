// Counter-based random numbers (Philox4x32-10; Salmon et al., SC 2011). A stream is a function of its key
// alone: seed, purpose and up to two further words such as epoch and image. No global state, the same
// numbers on every machine, compiler and thread count.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace tagconf {

// FNV-1a, 64 bit: turns an id into a key word.
[[nodiscard]] constexpr std::uint64_t key_word(std::string_view text) {
  std::uint64_t h = 14695981039346656037ULL;
  for (const char c : text) {
    h ^= static_cast<unsigned char>(c);
    h *= 1099511628211ULL;
  }
  return h;
}

class Rng {
 public:
  Rng(std::uint64_t seed, std::string_view purpose, std::uint64_t a = 0, std::uint64_t b = 0);

  [[nodiscard]] std::uint32_t next();
  [[nodiscard]] double uniform();                         // [0, 1), 53 bits
  [[nodiscard]] double uniform(double low, double high);  // [low, high)
  [[nodiscard]] double normal();                          // mean 0, sd 1 (Box-Muller)
  [[nodiscard]] std::uint64_t below(std::uint64_t n);     // 0 .. n-1 without bias; n > 0
  [[nodiscard]] bool chance(double probability) { return uniform() < probability; }

  template <class T>
  void shuffle(std::vector<T>& items) {  // Fisher-Yates
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace tagconf
