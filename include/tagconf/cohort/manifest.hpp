// manifest.csv: one row an image; the spine of every join.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/sample.hpp"

namespace tagconf::cohort {

struct ManifestRow {
  Sample sample;
  std::string path;  // relative to the manifest's folder, '/' separators
  int width = 0;
  int height = 0;
  int bits = 8;
  std::string scaling = "stored";  // how grey values came about: stored, window, voi_lut, min_max ...
  std::string sha256;              // of the file's bytes
};

struct Manifest {
  std::filesystem::path folder;  // paths are relative to it
  std::vector<ManifestRow> rows;

  [[nodiscard]] std::filesystem::path image_path(const ManifestRow& row) const { return folder / row.path; }
};

// A row that could not be used.
struct Skipped {
  std::string source;  // image_id, or the path where there is none
  std::string reason;
};

// Columns image_id,patient_id,study_id,body_part,split,label,path,width,height,bits,scaling,sha256; only
// image_id and path are required. Error input naming file and line: duplicate image_id, a path that is
// absolute or leaves the folder, a label other than 0, 1 or empty, an unknown split, a missing file.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& path);
void write_manifest(const std::filesystem::path& path, const Manifest& manifest);
void write_skipped(const std::filesystem::path& path, std::span<const Skipped> skipped);

// Skips allowed: the larger of 0.5 % of the cohort and 3. Over it: error input with the first reasons.
void check_skips(std::size_t cohort_size, std::span<const Skipped> skipped);

}  // namespace tagconf::cohort
