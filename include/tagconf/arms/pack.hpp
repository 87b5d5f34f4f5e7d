// A pack: an arm's images at the network's input size, decoded and resized once. pack.npy is N x H x W uint16
// (uint8 by option), grey as a fraction of full scale times 65535 (255); pack.csv says who row i is.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tagconf/base/npy.hpp"
#include "tagconf/base/rect.hpp"
#include "tagconf/base/sample.hpp"

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

}  // namespace tagconf::arms
