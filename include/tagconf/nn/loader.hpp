// Batches from a memory-mapped array, made ready in background threads a few batches ahead. What a batch
// holds depends on the plan alone, never on threads or timing.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/npy.hpp"
#include "tagconf/nn/augment.hpp"

namespace tagconf::nn {

// One image as training sees it.
struct LabelledImage {
  std::size_t row = 0;  // in the array
  std::string image_id;
  int label = 0;
};

struct Batch {
  std::size_t number = 0;           // in the plan
  std::vector<std::size_t> images;  // indices into the loader's images
  std::vector<float> labels;        // 0 or 1
  std::vector<float> input;         // images x size x size x 3, normalised
  std::size_t moved_out = 0;        // images that lost more than half of their grey beyond the frame
};

class Loader {
 public:
  // `pixels` (N x S x S), `images` and `plan` must outlive the loader. Starts at batch `first`. Images that
  // are moved out of the frame are counted only where that is asked for.
  Loader(const NpyMap& pixels, std::span<const LabelledImage> images, const EpochPlan& plan,
         std::size_t first, int workers, bool count_moved_out = false);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  // The next batch, or null after the last; valid until the next call. Rethrows what a worker threw.
  [[nodiscard]] Batch* next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace tagconf::nn
