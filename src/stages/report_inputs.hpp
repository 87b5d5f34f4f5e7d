// What the report stage reads: files in, facts out.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/npy.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/report/sections.hpp"
#include "tagconf/stage/stage.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {

// truth/ of the phantom.
struct Truth {
  std::optional<double> ideal_auc;  // of an ideal observer of the tags alone, on test images at large
  std::optional<double> ideal_auc_on_images;  // and on those of this cohort
  std::optional<tags::TagTable> tags;         // truth/tags.csv, where there is one
};

// One output folder of gradcam.
struct CamFolder {
  std::string name;
  std::vector<report::CamRow> rows;
  std::optional<NpyMap> maps;  // N x h x w float32
};

// Probability of "abnormal" by arm (models tested on the arm they were trained on; the mean over seeds) and
// image id.
using Probabilities = std::map<std::string, std::map<std::string, double>>;

struct ReportInputs {
  report::Results results;
  std::vector<report::RocSet> roc;
  std::optional<cohort::Manifest> manifest;
  std::optional<std::vector<report::SkippedImage>> skipped;
  std::optional<tags::TagTable> tags;
  std::vector<report::TrainingRun> training;
  std::vector<CamFolder> cams;
  Probabilities probabilities;
  std::optional<Truth> truth;
  std::optional<report::Verdict> verdict;
  std::vector<report::InputDigest> digests;
};

[[nodiscard]] ReportInputs read_report_inputs(const stage::StageIo& io);

}  // namespace tagconf::stages
