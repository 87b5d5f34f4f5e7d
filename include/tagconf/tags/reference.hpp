// Hand-made reference boxes: what a tag finder is measured against.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/base/tag_box.hpp"

namespace tagconf::tags {

// In pixels, with fractions.
struct RealBox {
  double x = 0;
  double y = 0;
  double w = 0;
  double h = 0;
};

[[nodiscard]] RealBox real_box(const Rect& box);

struct ReferenceMark {
  TagBox tag;     // box: the whole visible mark (plate, ring, holder)
  Rect core;      // what must be covered: the letters alone where the carrier is see-through, else the box
  RealBox outer;  // a hardly visible carrier, which may be covered too; else the box
  std::string quality;               // clear, faint, clipped, unreadable, or empty
  bool uncertain = false;            // counted neither way
  std::string style;                 // as the reference names it, or empty
  std::optional<double> cap_height;  // of its letters, pixels
};

struct ReferenceImage {
  std::string id;
  std::vector<ReferenceMark> marks;
  std::vector<RealBox> ignore;  // regions that count neither way
};

struct Reference {
  std::string source;  // the file, for messages
  std::vector<ReferenceImage> images;
  std::size_t left_out = 0;  // images that the file itself calls uncertain or no radiograph
};

// Two forms:
//   *.json  a list of {"id", "boxes": [{"x","y","w","h","class", "core"?: [x,y,w,h], "outer"?: [x,y,w,h],
//   "text"?,
//           "quality"?, "uncertain"?}], "ignore"?: [[x,y,w,h]..], "view_ok"?, "uncertain"?}; images with
//           view_ok false or uncertain true are left out; other keys are passed over
//   else    tags.csv, or a folder with one (the phantom's truth): every image it lists. Where the folder has
//   a
//           looks.csv beside it (image_id,x,y,w,h, then any of style, cap_height, quality), each row is added
//           to what is known of the mark of that box
// Error input naming file and JSON pointer or line: a missing key, a class that is no kind of tag, a box
// without area, two images of one id, no image left, a look of a box that tags.csv lacks.
[[nodiscard]] Reference read_reference(const std::filesystem::path& path);
// Of quality `unreadable`: told apart in the figures.
[[nodiscard]] bool is_unreadable(const ReferenceMark& mark);
[[nodiscard]] Reference parse_reference_json(std::string_view text, const std::string& source);

}  // namespace tagconf::tags
