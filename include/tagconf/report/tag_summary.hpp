// What the tags of a cohort look like, and how they go with the label: what a model could learn from them.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/sample.hpp"
#include "tagconf/base/tag_box.hpp"
#include "tagconf/report/proportion.hpp"

namespace tagconf::report {

// One examined image with its boxes of the wanted kinds.
struct TaggedImage {
  Sample sample;
  int width = 0;
  int height = 0;
  std::vector<TagBox> boxes;
};

// Shares among normal (label 0) and abnormal (label 1) images.
struct LabelShares {
  std::string name;
  Share normal;
  Share abnormal;
};

// Images with at least one tag of a property ("R", "top left", "bright"), by label.
struct AttributeShares {
  std::string title;  // "letter", "position", "ink", "kind"
  std::vector<LabelShares> values;
};

struct TagSummary {
  std::size_t examined = 0;
  std::size_t tagged = 0;
  std::size_t boxes = 0;
  std::vector<std::pair<std::string, std::size_t>> by_kind;  // boxes, kinds that occur
  LabelShares overall;                                       // tagged images
  std::vector<LabelShares> by_split;
  std::vector<LabelShares> by_part;
  std::vector<AttributeShares> attributes;  // only those that at least one box carries
};

// Images without a label count in the totals and in no share.
[[nodiscard]] TagSummary summarize_tags(std::span<const TaggedImage> images);

// "top left" ... "bottom right", by where the box's centre lies in thirds of the image.
[[nodiscard]] std::string position_cell(const Rect& box, int width, int height);

// Found boxes against true ones. A true tag is found when one box meets it with an intersection over union of
// at least 0.5, or when all boxes of the image together cover at least 0.9 of it; a found box is right when
// it meets a true one in the first way or covers at least 0.9 of one alone.
struct TagMatch {
  Share recall;     // true tags found
  Share precision;  // found boxes that are right
  Share complete;   // images with true tags in which every one is found
  Share quiet;      // images without true tags in which nothing was found
};
struct MatchedImage {
  std::vector<Rect> found;
  std::vector<Rect> truth;
};
[[nodiscard]] TagMatch match_tags(std::span<const MatchedImage> images);
[[nodiscard]] bool is_found(const Rect& truth, std::span<const Rect> found);

}  // namespace tagconf::report
