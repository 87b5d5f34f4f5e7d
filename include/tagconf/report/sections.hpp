// The report's sections: facts in, a section out. A section whose facts are missing is one line that says
// what would fill it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/sample.hpp"
#include "tagconf/report/cam_summary.hpp"
#include "tagconf/report/html.hpp"
#include "tagconf/report/page.hpp"
#include "tagconf/report/plots.hpp"
#include "tagconf/report/privacy.hpp"
#include "tagconf/report/results.hpp"
#include "tagconf/report/tag_summary.hpp"
#include "tagconf/report/training.hpp"
#include "tagconf/report/verdict.hpp"

namespace tagconf::report {

// 1. What came out.
struct VerdictFacts {
  Results results;
  std::optional<Verdict> verdict;  // of tagconf verify
  std::optional<double>
      ideal_auc;  // what an ideal observer of the tags alone reaches on test images at large
  std::optional<double> ideal_auc_on_images;  // and on these very images
  bool synthetic = false;                     // the images come from the phantom
};
[[nodiscard]] Section verdict_section(const VerdictFacts& facts);

// 2. Who is in it.
struct SkippedImage {
  std::string source;
  std::string reason;
};
struct CohortFacts {
  std::vector<Sample> samples;
  std::vector<SkippedImage> skipped;
  bool skipped_known = false;  // a list of skipped images was given
};
[[nodiscard]] Section cohort_section(const std::optional<CohortFacts>& facts, const Privacy& privacy);

// 3. What the tags look like.
struct TagFacts {
  TagSummary summary;
  std::optional<TagMatch> match;  // against truth
  std::vector<Picture> examples;  // images with the boxes drawn in
  bool pixels_left_out = false;
};
[[nodiscard]] Section tags_section(const std::optional<TagFacts>& facts);

// 4. The same images through every arm.
struct ArmPictures {
  std::string arm;
  std::vector<Picture> pictures;
};
struct ArmFacts {
  std::vector<ArmPictures> arms;
  std::size_t images = 0;
  bool pixels_left_out = false;
};
[[nodiscard]] Section arms_section(const std::optional<ArmFacts>& facts);

// 5. ROC curves, by unit and subset.
struct RocSet {
  std::string unit;
  std::string subset;
  std::vector<std::pair<std::string, RocCurve>> curves;  // by model name; label and style are set here
};
[[nodiscard]] Section roc_section(const std::vector<RocSet>& sets, const Results& results);

// 6. Models tested on arms they were not trained on.
[[nodiscard]] Section matrix_section(const Results& results);

// 7. By body part.
[[nodiscard]] Section body_part_section(const Results& results);

// 8. Where the models look.
struct CamFacts {
  std::vector<CamSummary> models;
  std::vector<ArmPictures> gallery;  // by model
  bool pixels_left_out = false;
  bool no_images = false;  // no manifest, so that no overlay can be drawn
};
[[nodiscard]] Section cam_section(const std::optional<CamFacts>& facts);

// 9. How they were trained.
[[nodiscard]] Section training_section(const std::vector<TrainingRun>& runs);

// 10. Methods, ready to paste.
struct MethodsFacts {
  Results results;
  std::optional<CohortFacts> cohort;
  std::optional<TagSummary> tags;
  std::vector<std::string> tag_sources;  // classical, given ...
  std::vector<TrainingRun> training;
  int pad = 0;
  std::string fill;
  std::vector<std::string> kinds;
  bool all_kinds = true;
  bool cams = false;
  bool synthetic = false;
};
[[nodiscard]] Section methods_section(const MethodsFacts& facts);

// 11. Where every number comes from.
struct InputDigest {
  std::string port;
  std::string name;  // of NAME=FILE, may be empty
  std::string file;  // without folders above it
  std::string sha256;
};
struct ProvenanceFacts {
  std::vector<InputDigest> inputs;
  std::vector<std::pair<std::string, std::string>> settings;
};
[[nodiscard]] Section provenance_section(const ProvenanceFacts& facts);

}  // namespace tagconf::report
