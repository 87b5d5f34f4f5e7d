// Augmentation and batch order. Every draw is a function of (seed, epoch, image id), never of what was drawn
// before: trainings that share a seed see the same order and the same draws, whatever their pictures hold.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tagconf::nn {

// Half widths of uniform draws; 0 leaves a part out.
struct AugmentOptions {
  bool flip = false;        // left-right, half of the images; letters get mirrored
  double rotation_deg = 0;  // to either side
  double scale = 0;         // 0.1: sizes from 0.9 to 1.1
  double shift = 0;         // fraction of the side, in x and y
  double brightness = 0;    // added, fraction of full scale
  double contrast = 0;      // 0.2: times 0.8 to 1.2 round mid-grey
};

// What is done to one image in one epoch.
struct Draw {
  bool flip = false;
  double rotation_deg = 0;  // counter-clockwise
  double scale = 1;
  double shift_x = 0;  // fraction of the side
  double shift_y = 0;
  double brightness = 0;
  double contrast = 1;
  friend bool operator==(const Draw&, const Draw&) = default;
};

[[nodiscard]] Draw draw_augmentation(std::uint64_t seed, std::uint64_t epoch, const std::string& image_id,
                                     const AugmentOptions& options);

// One epoch: images in order, cut into batches, each with its draw. A last batch of one image joins the one
// before it: batch normalisation needs two.
struct EpochPlan {
  std::vector<std::size_t> order;   // indices of images
  std::vector<std::size_t> starts;  // batch b holds order[starts[b]] .. order[starts[b + 1] - 1]
  std::vector<Draw> draws;          // draws[i] belongs to order[i]
  std::string digest;               // SHA-256 of ids in order, batches and draws

  [[nodiscard]] std::size_t batches() const { return starts.empty() ? 0 : starts.size() - 1; }
};

// The order is a shuffle of the sorted ids: it does not depend on the order in which `image_ids` stand.
[[nodiscard]] EpochPlan plan_epoch(std::uint64_t seed, std::uint64_t epoch,
                                   std::span<const std::string> image_ids, std::size_t batch,
                                   const AugmentOptions& options);
// As they stand, nothing changed: for validation. No digest.
[[nodiscard]] EpochPlan plan_in_order(std::size_t images, std::size_t batch);

// How much of a picture's grey stays in the frame, 0 to 1: the share by weight of pixels whose centre does
// not leave it. 1 for a black picture.
[[nodiscard]] double share_in_frame(std::span<const float> plane, int size, const Draw& draw);

// plane and out: size x size, fractions of full scale. Grey values change first, 0 to 1 kept; then one
// bilinear warp about the centre, 0 outside the picture.
void augment(std::span<const float> plane, int size, const Draw& draw, std::span<float> out);

}  // namespace tagconf::nn
