// What a reader found out about a cohort before any image was opened.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tagconf/base/sample.hpp"

namespace tagconf::cohort {

struct Listed {
  Sample sample;
  std::string path;   // relative to the listing's root, '/' separators
  std::string where;  // the place that names it ("cohort.csv:17"), for messages
};

struct Listing {
  std::filesystem::path root;
  std::vector<Listed> images;
  // MURA's patient numbers are the publisher's: one that is in both trees is reported, not refused.
  bool published = false;
  // A study id is of one study whatever the patient's, as DICOM's; else studies may be numbered by patient.
  bool unique_studies = false;
  std::vector<std::string> warnings;
};

// Images below a folder as sorted relative paths: every PNG and JPEG by content, and whatever is named like
// one (a broken file shall be noticed). Names that begin with a dot are passed over. Error input: no such
// folder, or a symbolic link that leaves it.
[[nodiscard]] std::vector<std::string> walk_images(const std::filesystem::path& root);

// The path without its extension.
[[nodiscard]] std::string id_of_path(const std::string& path);

// Error input naming both places when two images have one id.
void check_unique(const std::vector<Listed>& images);

}  // namespace tagconf::cohort
