// What ingest does with a folder tree of DICOM files.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tagconf/cohort/dicom_tree.hpp"
#include "tagconf/cohort/splits.hpp"
#include "tagconf/stage/stage.hpp"

namespace tagconf::stages {

struct DicomIngest {
  int bits = 8;
  bool keep_ids = false;
  std::vector<std::string> modalities{"CR", "DX", "DR", "RG", "RF", "XA", "MG", "IO", "PX"};
  std::string source_map;  // place of the file that tells which image is which file; empty = not written
  cohort::StudyTableOptions labels;
};

// Reads the ports source, label_table and key_file; writes images (<image_id>.png), manifest and skipped
// ("file 17,reason"). Without a key file the key lies beside the output folder, OUT.key (mode 600): made when
// it is not there, used when it is. The source map (mode 600; image_id,source,reason,file) is written even
// when the cohort is refused, since it tells which files were at fault; it is the only file with real paths,
// relative to the source. Error input: an output folder inside the source or with images that no earlier call
// made, a key under 16 characters, two files of one instance that differ, too many refused files; error
// config: keep_ids beside a key file, a run without either, a source map inside the output folder.
[[nodiscard]] stage::Summary ingest_dicom(const DicomIngest& options, const cohort::SplitOptions& splits,
                                          int threads, const stage::StageIo& io,
                                          const stage::Context& context);

// Error input when the folder of pictures holds any that no earlier call made: it is replaced as a whole.
void check_new_or_own(const stage::StageIo& io);

// Images, patients and abnormal images of every split.
[[nodiscard]] Json count_splits(const cohort::Manifest& manifest);

}  // namespace tagconf::stages
