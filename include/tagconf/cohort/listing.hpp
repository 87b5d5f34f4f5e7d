// What a reader found out about a cohort before any image was opened.
#pragma once

#include <cstddef>
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

// What a walk through a folder left out, and the first of it in the order of names.
struct PassedOver {
  std::size_t count = 0;
  std::string first;
};

struct FoundImages {
  std::vector<std::string> paths;  // relative, sorted
  PassedOver links;                // to folders, which are not entered, or to nothing
  PassedOver others;               // what is neither PNG nor JPEG

  // A sentence for each kind that was passed over.
  [[nodiscard]] std::vector<std::string> warnings() const;
};

// Images below a folder: every PNG and JPEG by content, and whatever is named like one (a broken file shall
// be noticed). Names that begin with a dot are passed over uncounted. Error input: no such folder, or a
// symbolic link to a file outside it.
[[nodiscard]] FoundImages walk_images(const std::filesystem::path& root);
// Error input: nothing was found, with the warnings.
[[noreturn]] void throw_no_image(const std::filesystem::path& root, const FoundImages& found);

// The path without its extension.
[[nodiscard]] std::string id_of_path(const std::string& path);

// Error input naming both places when two images have one id.
void check_unique(const std::vector<Listed>& images);

}  // namespace tagconf::cohort
