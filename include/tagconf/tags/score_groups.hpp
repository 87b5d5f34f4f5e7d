// Recall of a tag finder by attributes of the marks.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/tags/scoring.hpp"

namespace tagconf::tags {

// What marks are told apart by. style: as the reference names it, else bare, ring or plate, with the ink's
// polarity; size: cap height in pixels where it is noted, else the shorter side of the core; rotation:
// degrees off upright, either way; contrast: of full scale, either way.
enum class GroupBy {
  kind,
  quality,
  letter,
  style,
  size,
  rotation,
  contrast,
  mirrored,
  clipped,
  body_part,
  image
};

}  // namespace tagconf::tags

template <>
struct tagconf::EnumNames<tagconf::tags::GroupBy> {
  using E = tagconf::tags::GroupBy;
  static constexpr std::array kNames{std::pair{E::kind, "kind"},         std::pair{E::quality, "quality"},
                                     std::pair{E::letter, "letter"},     std::pair{E::style, "style"},
                                     std::pair{E::size, "size"},         std::pair{E::rotation, "rotation"},
                                     std::pair{E::contrast, "contrast"}, std::pair{E::mirrored, "mirrored"},
                                     std::pair{E::clipped, "clipped"},   std::pair{E::body_part, "body_part"},
                                     std::pair{E::image, "image"}};
};

namespace tagconf::tags {

// The group of one mark: a word or a range ("20 to 39 px"); "unknown" where the attribute was not noted.
[[nodiscard]] std::string group_of(const ReferenceMark& mark, GroupBy by, const std::string& image_id,
                                   const std::string& body_part);

struct GroupScore {
  std::string name;
  Count covered;
};

// One entry a group that occurs, in a fixed order: ranges upwards, kinds and qualities as they are listed,
// else by name; "unknown" last. `body_parts` runs beside the images. Marks that the reference calls
// unreadable count under quality alone.
[[nodiscard]] std::vector<GroupScore> score_groups(std::span<const ReferenceImage> references,
                                                   std::span<const ImageScore> scores,
                                                   std::span<const std::string> body_parts, GroupBy by);

// kind and size, and of style, rotation, contrast and quality those that the reference notes.
[[nodiscard]] std::vector<GroupBy> groups_noted(std::span<const ReferenceImage> references);

}  // namespace tagconf::tags
