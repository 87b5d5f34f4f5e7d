// Readers: how a cohort on disk becomes a listing.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tagconf/cohort/listing.hpp"

namespace tagconf::cohort {

// MURA v1.1 (Rajpurkar et al., 2018) by its four headerless tables: train_image_paths.csv,
// train_labeled_studies.csv and the same of valid. `root` is the folder MURA-v1.1 or the one that holds it.
// image_id valid/XR_WRIST/patient11185/study1_positive/image1, study_id without the image, body_part WRIST,
// label by the folder's name, which the studies' table must confirm. A warning for each tree whose patients,
// studies or images are not as many as published; none for a tree of `tagconf phantom`, known by its truth
// beside it. Error input: no such folder, a missing table, MURA-v1.0, a row that is not of this form, a label
// that disagrees.
[[nodiscard]] Listing read_mura(const std::filesystem::path& root);

struct TableOptions {
  // Which column holds what: image (required), patient, study, label, split, body_part. What is not named is
  // looked for under that very name, else in another case.
  std::map<std::string, std::string> columns;
  // What the label column's words mean: "0", "1", or "" for no label. Without it: 0, 1, normal, abnormal,
  // negative, positive.
  std::map<std::string, std::string> labels;
  // Folder that the image column is relative to; itself relative to the table's folder. Empty: that folder.
  std::filesystem::path root;
  char separator = '\0';  // zero: comma, semicolon or tab, whichever the first line holds most of
  // Where an image lies, with a column or one of the keys above in braces: "films/{image}/ap.png". Empty: the
  // image column says it.
  std::string path{};
};

// One row an image. image_id is the image column without extension (beside a path of its own: without one of
// a picture). Error input naming file and line for an unknown column, label or split, an absolute path or one
// with `..`; error config for an unknown key, or a brace in `path` without its other.
[[nodiscard]] Listing read_table(const std::filesystem::path& table, const TableOptions& options);

// A folder a class (labels as above, by the folders that name one; 0 and 1 count where no word does). A
// folder may name the split (train, valid, test), and one called "patient" with a number, '_' or '-' behind
// it the patient. Error input naming both when two folders of a path name different labels.
[[nodiscard]] Listing read_folder(const std::filesystem::path& root,
                                  const std::map<std::string, std::string>& labels);

}  // namespace tagconf::cohort
