// Tag boxes in the formats of annotation tools: COCO JSON (CVAT, Label Studio), LabelMe (one JSON an image)
// and YOLO (one text file an image, sizes relative to it).
//
// Reading: fractional corners go outwards to whole pixels (a hundredth of a pixel is taken for the rounding
// of the file's own decimals); a box that then overshoots its image by at most a pixel is cut to it, by more
// is error input. Categories are kinds of tag, by name or by the caller's map. An image that a file lists
// without boxes was examined and has no tag. Error input names file and JSON pointer or line.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::tags {

enum class BoxFormat { tags, coco, labelme, yolo };

}  // namespace tagconf::tags

template <>
struct tagconf::EnumNames<tagconf::tags::BoxFormat> {
  using E = tagconf::tags::BoxFormat;
  static constexpr std::array kNames{std::pair{E::tags, "tags"}, std::pair{E::coco, "coco"},
                                     std::pair{E::labelme, "labelme"}, std::pair{E::yolo, "yolo"}};
};

namespace tagconf::tags {

// An image that boxes may belong to.
struct KnownImage {
  std::string id;
  std::string path;  // as the formats name it
  int width = 0;     // 0 = not known
  int height = 0;
};

// Finds ids among others: as they stand, else by the last step of the path, with or without an image's
// extension.
class IdLookup {
 public:
  // `source` names them in messages.
  IdLookup(std::vector<std::string> ids, std::string source);
  [[nodiscard]] std::optional<std::size_t> find_exact(const std::string& id) const;
  // Error input when it fits several.
  [[nodiscard]] std::optional<std::size_t> find(const std::string& id) const;

 private:
  std::vector<std::string> ids_;
  std::string source_;
  std::map<std::string, std::size_t> exact_;
  std::map<std::string, std::vector<std::size_t>> by_step_;
};
[[noreturn]] void fail_ambiguous(const std::string& source, const std::string& id, const std::string& one,
                                 const std::string& other);

// What the readers share.
class BoxReading {
 public:
  // `images`: those of the cohort; empty = ids and sizes are the file's own. `categories`: the file's names
  // to kinds.
  BoxReading(std::vector<KnownImage> images, std::map<std::string, std::string> categories);

  // The image a file means by a name or path. Error input when there are images and none fits.
  [[nodiscard]] KnownImage image_of(const std::string& name, const std::string& where) const;
  // The kind of a category; unknown ones are noted and told together by check_categories.
  [[nodiscard]] TagKind kind_of(const std::string& category);
  // Error input listing the unknown categories.
  void check_categories(const std::string& source) const;

 private:
  std::vector<KnownImage> images_;
  std::map<std::string, std::size_t> by_path_;
  IdLookup lookup_;
  std::map<std::string, TagKind> kinds_;
  std::vector<std::string> unknown_;
};

// Corners to whole pixels, see above. width, height 0: not checked.
[[nodiscard]] Rect outward(double x0, double y0, double x1, double y1, int width, int height,
                           const std::string& where);

// COCO: {"images": [{"id", "file_name", "width", "height"}], "annotations": [{"image_id", "category_id",
// "bbox": [x, y, w, h], "score"?, "attributes"?}], "categories": [{"id", "name"}]}. Attributes carry what
// tags.csv knows besides; "no_tag_by" of an image who says that it has no tag.
[[nodiscard]] TagTable parse_coco(std::string_view text, const std::string& source, BoxReading& reading);
[[nodiscard]] std::string coco_json(const TagTable& table, std::span<const KnownImage> images);

// LabelMe: {"imagePath", "imageWidth", "imageHeight", "shapes": [{"label", "points", "shape_type"}]};
// rectangles, and polygons by the box round them. `id`: of the JSON file, below the folder without extension.
void parse_labelme(std::string_view text, const std::string& source, const std::string& id,
                   BoxReading& reading, TagTable& table);
[[nodiscard]] std::string labelme_json(std::span<const TagBox> boxes, const KnownImage& image);

// YOLO: lines "class x_centre y_centre width height [score]" as shares of the image, which must be known.
void parse_yolo(std::string_view text, const std::string& source, const std::string& id,
                std::span<const std::string> classes, BoxReading& reading, TagTable& table);
[[nodiscard]] std::string yolo_text(std::span<const TagBox> boxes, const KnownImage& image);
// Names, one a line, in the order of the class numbers: an empty line within has its number, too. Blanks
// round a name do not count.
[[nodiscard]] std::vector<std::string> parse_yolo_classes(std::string_view text);
[[nodiscard]] std::string yolo_classes();

}  // namespace tagconf::tags
