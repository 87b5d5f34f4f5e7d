// A planned cohort as files: a tree in MURA v1.1's layout, and the truth about it beside it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/phantom/plan.hpp"

namespace tagconf::phantom {

struct WriteOptions {
  bool bones = true;  // write a mask of the bones for every image
  int threads = 0;
};

// Writes `cohort` (MURA-v1.1: pictures and the four tables without headers) and `truth` (tags.csv,
// looks.csv, lesions.csv, truth.json, bones/). `progress(done)` is called from the working threads; `stop()`
// true ends the work with error incomplete. Returns truth.json.
//
// looks.csv has one row for each box of tags.csv: how the tag was drawn (style, cap_height and stroke x
// cap_height in pixels, angle in degrees counter-clockwise, ...), and how it stands out on the finished
// picture (visible, contrast, noise, signal, quality: tag_truth.hpp).
//
// truth.json holds, for each of the trees train and valid: counts, the knobs, the probabilities they give,
// the AUC that an ideal observer of the tags alone reaches on an endless cohort (`ideal_auc`) and the one its
// scores reach on the images written (`ideal_auc_on_images`, null with one class only).
Json write_cohort(const PlanOptions& options, const std::filesystem::path& cohort,
                  const std::filesystem::path& truth, const WriteOptions& write,
                  const std::function<void(std::size_t, std::size_t)>& progress,
                  const std::function<bool()>& stop);

}  // namespace tagconf::phantom
