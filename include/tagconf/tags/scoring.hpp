// How well boxes cover the tags of hand-boxed images, and what they cover besides.
//
//   mark_recall   share of laterality and technologist marks of which at least 90 % of the mark's own pixels
//   lie
//                 under the boxes. Own pixels: those of its core on the far side of Otsu's threshold from the
//                 majority of the core's border.
//   other_recall  the same for the other kinds
//   image_recall  share of the images with such marks in which every one is so covered
//   false_area    mean share of an image's area that is covered although it lies more than 8 px outside every
//                 reference box and ignored region
//   false_images  share of the images without any mark that have such an area
//   mean_iou      mean over the marks of the best intersection over union with a box, core or whole mark
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "tagconf/imaging/grey_image.hpp"
#include "tagconf/tags/reference.hpp"

namespace tagconf::tags {

inline constexpr double kCoveredShare = 0.9;  // of a mark's own pixels
inline constexpr int kSlackPixels = 8;        // round a reference box

// Otsu's threshold of values 0 to 255 (IEEE Trans SMC 1979;9:62-66): the first that separates the classes
// best; ink lies above it.
[[nodiscard]] int otsu_threshold(std::span<const std::uint8_t> values);

// 1 where a pixel of `box` (cut to the image) is the mark's own, row major; all 1 where none stands out.
// 16-bit images are looked at in 256 levels. Empty when the box lies outside.
[[nodiscard]] std::vector<std::uint8_t> mark_pixels(const imaging::GreyImage& image, const Rect& box);

struct MarkScore {
  std::size_t mark = 0;                // index into the reference image's marks
  double share = 0;                    // of its own pixels covered
  double iou = 0;                      // best
  std::optional<std::size_t> nearest;  // the box of that iou; none at 0
  [[nodiscard]] bool covered() const { return share >= kCoveredShare; }
};

struct ImageScore {
  std::vector<MarkScore> marks;  // without the uncertain ones and those outside the image
  bool tag_free = false;         // the reference lists no mark, not even an uncertain one
  std::int64_t pixels = 0;
  std::int64_t covered_pixels = 0;
  std::int64_t stray_pixels = 0;
  [[nodiscard]] double false_area() const;  // stray pixels as a share
};

[[nodiscard]] ImageScore score_image(const imaging::GreyImage& image, const ReferenceImage& reference,
                                     std::span<const TagBox> boxes);

// Laterality and technologist: those that the study is about.
[[nodiscard]] bool is_principal(TagKind kind);

struct Count {
  std::size_t hits = 0;
  std::size_t of = 0;
  void add(bool hit) {
    hits += hit ? 1U : 0U;
    ++of;
  }
  [[nodiscard]] std::optional<double> share() const;
};

struct Scores {
  std::size_t images = 0;
  Count mark_recall;
  Count other_recall;
  Count image_recall;
  Count false_images;
  std::optional<double> false_area;  // none without images
  std::optional<double> mean_iou;    // none without marks
};

// `references` and `scores` run side by side.
[[nodiscard]] Scores total_scores(std::span<const ReferenceImage> references,
                                  std::span<const ImageScore> scores);

}  // namespace tagconf::tags
