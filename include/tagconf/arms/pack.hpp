// A pack: an arm's images at the network's input size, decoded and resized once. pack.npy is N x H x W uint16
// (uint8 by option), grey as a fraction of full scale times 65535 (255); pack.csv says who row i is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "tagconf/base/npy.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/sample.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/tags/cover.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::arms {

struct PackRow {
  Sample sample;
  int width = 0;  // of the stored image
  int height = 0;
  bool tagged = false;  // has at least one box of the wanted kinds, whatever the arm
};

struct Pack {
  NpyMap pixels;  // N x H x W
  std::vector<PackRow> rows;
  Arm arm = Arm::original;
  int size = 0;
};

// pack.csv: image_id,patient_id,study_id,body_part,split,label,width,height,tagged,arm — row i belongs to
// item i. `folder` holds both files. Error input when they disagree.
[[nodiscard]] Pack read_pack(const std::filesystem::path& folder);

struct PackOptions {
  Arm arm = Arm::original;
  int size = 320;
  int bits = 16;  // 16 or 8
  tags::CoverOptions cover;
  int threads = 0;
};

struct PackResult {
  std::size_t images = 0;
  std::size_t tagged = 0;
  std::vector<cohort::Skipped> skipped;  // images that cannot be read: not in the pack
};

// Decodes, renders and resizes every image of the manifest (in its order, in parallel, a few images in
// memory) and writes pack.npy and pack.csv into `folder`. A value is round(plane x 65535) of the plane that
// `resize` gives. `tags` may be null for the original arm only; `tagged` is then 0 throughout. Error input:
// an image that the tag table has not examined, a box outside its image, no image left, too many skipped
// (all of them are then listed in `refused`, where that names a file).
[[nodiscard]] PackResult write_pack(const std::filesystem::path& folder, const cohort::Manifest& manifest,
                                    const tags::TagTable* tags, const PackOptions& options,
                                    const std::function<void(std::size_t)>& progress,
                                    const std::function<bool()>& stop,
                                    const std::filesystem::path& refused = {});

}  // namespace tagconf::arms
