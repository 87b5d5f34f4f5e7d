// Groups of tags that look alike, so that an audit can ask whether a style goes with the label.
//
// Looks are taken from the pixels in and round the box alone: whoever set the box, whatever was read there.
// Letter, angle and kind have columns of their own; an L and an R of one make mostly fall into one group.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "tagconf/base/rect.hpp"
#include "tagconf/imaging/grey_image.hpp"

namespace tagconf::tags {

inline constexpr int kThumbnail = 8;
inline constexpr int kGreyBins = 9;
inline constexpr int kZones = 6;
inline constexpr std::size_t kAppearanceSize = 3 + kGreyBins + 2 * kZones + kThumbnail * kThumbnail;

// Euclidean distances between appearances are what the grouping goes by; 1 is a plain difference. In order:
// size, aspect, contrast; shares of grey levels; mean and spread of six zones from the middle to the corners;
// a thumbnail.
using Appearance = std::array<float, kAppearanceSize>;

// `box` in pixels of the image; what lies outside it is cut off. The box is first drawn in to what stands out
// from the median of a frame round it, so that its pad does not matter; grey levels are told from that
// median, in units of the tag's own contrast.
[[nodiscard]] Appearance appearance_of(const imaging::GreyImage& image, const Rect& box);

struct ClusterOptions {
  double distance = 1.2;                  // groups whose mean distance is at most this are one
  double radius = 0.25;                   // of the balls that many tags are first gathered in
  std::size_t largest_prototypes = 4096;  // balls; the radius grows until there are no more
};

// The group of each tag: 1 is the largest, then by size (ties: by the appearances). A function of the set of
// appearances: neither their order nor threads matter.
//
// Leaders within `radius` (Hartigan JA. Clustering Algorithms. Wiley 1975, chapter 3; taken in order of their
// norm, radius grown as in BIRCH, Zhang T et al. SIGMOD 1996) give at most `largest_prototypes` means, which
// are joined by average linkage weighted by the tags they stand for (Sokal RR, Michener CD. Univ Kansas Sci
// Bull 1958;38:1409-1438), by nearest-neighbour chains (Murtagh F. Comput J 1983;26:354-359), up to
// `distance`. Memory: the appearances, and the prototypes' distances (at most 64 MB).
[[nodiscard]] std::vector<int> cluster_appearances(std::span<const Appearance> appearances,
                                                   const ClusterOptions& options = {});

}  // namespace tagconf::tags
