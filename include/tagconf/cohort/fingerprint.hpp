// What an image looks like, in a few kilobytes: enough to find its copies among all other images.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::cohort {

inline constexpr int kThumbnailSide = 64;

// A difference hash of 128 bits: the image as 9 x 8 means, each compared with its right neighbour (across),
// and as 8 x 9 means, each compared with its lower one (down); a bit is set where the neighbour is brighter
// by more than 1 % of the image's standard deviation. Brightness and contrast, size and compression hardly
// move it, and a box painted over a tag moves the few bits beside it alone. A hash of cosine coefficients
// (Zauner, Implementation and benchmarking of perceptual image hash functions, 2010) would not do: there
// every coefficient sees the box.
struct LookHash {
  std::uint64_t across = 0;
  std::uint64_t down = 0;
  friend bool operator==(const LookHash&, const LookHash&) = default;
};

// Bits that differ, 0 to 128.
[[nodiscard]] int hash_distance(const LookHash& a, const LookHash& b);

struct Fingerprint {
  std::string digest;  // SHA-256 of size and pixels, as 16-bit values whatever the depth
  // Grey varies by less than half of a step of 255 (standard deviation at 64 x 64): nothing to compare.
  bool blank = false;
  LookHash hash;
  LookHash mirrored;                    // of the image turned left to right
  std::vector<std::uint8_t> thumbnail;  // 64 x 64, row major, its least value at 0 and its greatest at 255
};

// Error bug for an image without pixels.
[[nodiscard]] Fingerprint make_fingerprint(const imaging::GreyImage& image);

// Pearson's correlation of two thumbnails over the points that agree best: up to 3 % of the points, those
// whose standardised values differ most, are left out (three rounds), so that a covered tag does not hide a
// copy. Symmetric in a and b. Nothing where what is left of one is constant. Error bug for spans of another
// size.
[[nodiscard]] std::optional<double> correlate(std::span<const std::uint8_t> a,
                                              std::span<const std::uint8_t> b);

// The same of what each point has beyond the mean of its 3 x 3 neighbourhood: edges, which lie apart in films
// of two patients however alike their outlines are.
[[nodiscard]] std::optional<double> correlate_detail(std::span<const std::uint8_t> a,
                                                     std::span<const std::uint8_t> b);

[[nodiscard]] std::vector<std::uint8_t> mirror_thumbnail(std::span<const std::uint8_t> thumbnail);

}  // namespace tagconf::cohort
