// A tag: any letter, number or plate on the film, with the box that holds the whole mark.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"
#include "tagconf/base/rect.hpp"

namespace tagconf {

enum class TagKind { laterality, technologist, text, marker, unknown };
enum class TagSource { learned, classical, given, person };

template <>
struct EnumNames<TagKind> {
  static constexpr std::array kNames{std::pair{TagKind::laterality, "laterality"},
                                     std::pair{TagKind::technologist, "technologist"},
                                     std::pair{TagKind::text, "text"}, std::pair{TagKind::marker, "marker"},
                                     std::pair{TagKind::unknown, "unknown"}};
};

template <>
struct EnumNames<TagSource> {
  static constexpr std::array kNames{
      std::pair{TagSource::learned, "learned"}, std::pair{TagSource::classical, "classical"},
      std::pair{TagSource::given, "given"}, std::pair{TagSource::person, "person"}};
};

// Pixels of the stored image. An attribute that was not determined is empty.
struct TagBox {
  Rect box;
  TagKind kind = TagKind::unknown;
  std::optional<double> score;  // 0 to 1, the finder's confidence
  TagSource source = TagSource::given;
  std::string text;                // what it reads, if known
  std::string letter;              // L, R or other
  std::optional<double> rotation;  // degrees, counter-clockwise
  std::optional<bool> mirrored;
  std::string polarity;  // bright or dark: the ink against what lies around it
  std::optional<bool> plate;
  std::optional<bool> ring;
  std::optional<bool> clipped;         // cut by the image's border
  std::optional<double> contrast;      // grey levels of ink minus surroundings, as a fraction of full scale
  std::optional<int> cluster;          // appearance group
  std::optional<double> letter_score;  // 0 to 1: how sure it is that `letter` is read right, if it is a tag
};

}  // namespace tagconf
