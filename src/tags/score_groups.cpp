#include "tagconf/tags/score_groups.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace tagconf::tags {
namespace {

constexpr const char* kUnknown = "unknown";

// The first range whose end lies above the value.
struct Range {
  double end;
  const char* name;
};
constexpr std::array kSizes{Range{14, "below 14 px"},   Range{20, "14 to 19 px"},
                            Range{40, "20 to 39 px"},   Range{80, "40 to 79 px"},
                            Range{140, "80 to 139 px"}, Range{INFINITY, "140 px and more"}};
constexpr std::array kTurns{Range{10, "below 10 degrees"}, Range{45, "10 to 45 degrees"},
                            Range{135, "45 to 135 degrees"}, Range{INFINITY, "135 to 180 degrees"}};
constexpr std::array kQualities{"clear", "faint", "clipped", "unreadable"};
constexpr std::array kContrasts{Range{0.1, "below 0.1"}, Range{0.2, "0.1 to 0.2"}, Range{0.4, "0.2 to 0.4"},
                                Range{INFINITY, "0.4 and more"}};

template <std::size_t N>
std::string range_of(const std::array<Range, N>& ranges, const std::optional<double>& value) {
  if (!value) return kUnknown;
  for (const Range& range : ranges) {
    if (*value < range.end) return range.name;
  }
  return kUnknown;
}

template <std::size_t N>
std::size_t rank_in(const std::array<Range, N>& ranges, const std::string& name) {
  const auto found =
      std::find_if(ranges.begin(), ranges.end(), [&](const Range& r) { return name == r.name; });
  return static_cast<std::size_t>(found - ranges.begin());
}

std::string known(const std::string& text) {
  return text.empty() ? kUnknown : text;
}

std::string yes_or_no(const std::optional<bool>& value) {
  return value ? (*value ? "yes" : "no") : kUnknown;
}

std::string style_of(const ReferenceMark& mark) {
  if (!mark.style.empty()) return mark.style;
  const TagBox& tag = mark.tag;
  if (!tag.plate && !tag.ring) return kUnknown;
  const std::string carrier = tag.plate.value_or(false)  ? "plate"
                              : tag.ring.value_or(false) ? "ring"
                                                         : "bare";
  return tag.polarity.empty() ? carrier : carrier + ", " + tag.polarity + " ink";
}

std::optional<double> turn_of(const TagBox& tag) {
  if (!tag.rotation) return std::nullopt;
  return std::abs(std::remainder(*tag.rotation, 360.0));
}

std::size_t rank_of(GroupBy by, const std::string& name) {
  if (by == GroupBy::size) return rank_in(kSizes, name);
  if (by == GroupBy::rotation) return rank_in(kTurns, name);
  if (by == GroupBy::contrast) return rank_in(kContrasts, name);
  if (by == GroupBy::quality) {
    const auto listed = std::find(kQualities.begin(), kQualities.end(), name);
    return static_cast<std::size_t>(listed - kQualities.begin()) + (name == kUnknown ? 1 : 0);
  }
  if (by == GroupBy::kind)
    return static_cast<std::size_t>(value_of<TagKind>(name).value_or(TagKind::unknown));
  return name == kUnknown ? 1 : 0;
}

}  // namespace

std::string group_of(const ReferenceMark& mark, GroupBy by, const std::string& image_id,
                     const std::string& body_part) {
  const TagBox& tag = mark.tag;
  switch (by) {
    case GroupBy::kind:
      return std::string(name_of(tag.kind));
    case GroupBy::quality:
      return known(mark.quality);
    case GroupBy::letter:
      return known(tag.letter);
    case GroupBy::style:
      return style_of(mark);
    case GroupBy::size:
      return range_of(kSizes, mark.cap_height.value_or(std::min(mark.core.w, mark.core.h)));
    case GroupBy::rotation:
      return range_of(kTurns, turn_of(tag));
    case GroupBy::contrast:
      return range_of(kContrasts, tag.contrast ? std::optional(std::abs(*tag.contrast)) : std::nullopt);
    case GroupBy::mirrored:
      return yes_or_no(tag.mirrored);
    case GroupBy::clipped:
      return yes_or_no(tag.clipped);
    case GroupBy::body_part:
      return known(body_part);
    case GroupBy::image:
      return image_id;
  }
  return kUnknown;
}

std::vector<GroupScore> score_groups(std::span<const ReferenceImage> references,
                                     std::span<const ImageScore> scores,
                                     std::span<const std::string> body_parts, GroupBy by) {
  std::map<std::string, Count> counts;
  for (std::size_t i = 0; i < references.size(); ++i) {
    for (const MarkScore& mark : scores[i].marks) {
      const ReferenceMark& reference = references[i].marks[mark.mark];
      if (by != GroupBy::quality && is_unreadable(reference)) continue;
      const auto name = group_of(reference, by, references[i].id, body_parts[i]);
      counts[name].add(mark.covered());
    }
  }
  std::vector<GroupScore> out;
  for (const auto& [name, count] : counts) out.push_back({name, count});
  std::stable_sort(out.begin(), out.end(), [by](const GroupScore& a, const GroupScore& b) {
    return rank_of(by, a.name) < rank_of(by, b.name);
  });
  return out;
}

std::vector<GroupBy> groups_noted(std::span<const ReferenceImage> references) {
  std::vector<GroupBy> out{GroupBy::kind};
  for (const GroupBy by :
       {GroupBy::style, GroupBy::size, GroupBy::rotation, GroupBy::contrast, GroupBy::quality}) {
    const bool noted = std::any_of(references.begin(), references.end(), [&](const ReferenceImage& image) {
      return std::any_of(image.marks.begin(), image.marks.end(), [&](const ReferenceMark& mark) {
        return group_of(mark, by, image.id, "") != kUnknown;
      });
    });
    if (noted) out.push_back(by);
  }
  return out;
}

}  // namespace tagconf::tags
