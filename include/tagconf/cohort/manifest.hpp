// manifest.csv: one row an image; the spine of every join.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/sample.hpp"

namespace tagconf::cohort {

struct ManifestRow {
  Sample sample;
  std::string path;  // relative to the images' folder, '/' separators
  int width = 0;
  int height = 0;
  int bits = 8;
  std::string scaling = "stored";      // how grey values came about: stored, bits_12, window, min_max ...
  std::string sha256;                  // of the file's bytes
  std::vector<std::string> further{};  // cells of Manifest::further, in its order; empty = all empty
};

struct Manifest {
  std::filesystem::path folder;  // of the images: paths are relative to it and stay inside it
  std::vector<ManifestRow> rows;
  std::vector<std::string> further{};  // names of columns beside the contract's: what a reader knows besides

  [[nodiscard]] std::filesystem::path image_path(const ManifestRow& row) const { return folder / row.path; }
};

// Stores a picture's file under its manifest path; called from the working threads, once for each path.
using PutPicture = std::function<void(const std::string& path, std::span<const std::byte> bytes)>;

// A row that could not be used.
struct Skipped {
  std::string source;  // image_id, or the path where there is none
  std::string reason;
};

// Columns image_id,patient_id,study_id,body_part,split,label,path,width,height,bits,scaling,sha256; only
// image_id and path are required. Paths are relative to the manifest's own folder, or, where the images lie
// elsewhere, to the folder that a last column `root` names (one value throughout, relative to the manifest's
// folder or absolute). Other columns are kept as they are. Error input naming file and line: duplicate
// image_id, an image_id or path that is absolute or leaves its root, a label other than 0, 1 or empty, an
// unknown split, a missing file.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& path);
// Adds `root`, relative to the manifest, when manifest.folder is not the manifest's own.
void write_manifest(const std::filesystem::path& path, const Manifest& manifest);
// Columns image_id,reason.
void write_skipped(const std::filesystem::path& path, std::span<const Skipped> skipped);

// An id names files of outputs: error input, beginning with `where`, when it is empty, absolute, holds
// control characters or a "." or ".." step.
void check_image_id(const std::string& image_id, const std::string& where);

// Skips allowed: the larger of 0.5 % of the cohort and 3. Over it, or when nothing is left: error input with
// the first reasons, and where `list` names a file, all of them in it (as write_skipped); else an earlier
// call's list goes.
void check_skips(std::size_t cohort_size, std::span<const Skipped> skipped,
                 const std::filesystem::path& list = {});

}  // namespace tagconf::cohort
