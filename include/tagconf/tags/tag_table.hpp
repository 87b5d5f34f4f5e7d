// tags.csv: which boxes each examined image has.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/tag_box.hpp"

namespace tagconf::tags {

// Columns image_id,x,y,w,h,kind,score,source, then text,letter,rotation,mirrored,polarity,plate,ring,clipped,
// contrast,cluster,letter_score (the confidence of the letter; may be missing, as all after h may). An image
// with an empty list was examined and has no tag; it is written as one row with empty x,y,w,h and, where it
// is known, the source that says so.
class TagTable {
 public:
  TagTable() = default;
  // `source`: the file it is read from, for messages.
  explicit TagTable(std::string source) : source_(std::move(source)) {}

  // Keeps the order in which images were first added.
  // `none_by`: who says that it has no tag.
  void add_image(const std::string& image_id, std::optional<TagSource> none_by = std::nullopt);
  // `line`: of the file the box was read from; 0 = none.
  void add(const std::string& image_id, TagBox box, std::size_t line = 0);
  [[nodiscard]] bool examined(const std::string& image_id) const;
  [[nodiscard]] const std::vector<TagBox>& boxes(const std::string& image_id) const;  // empty if not examined
  [[nodiscard]] const std::vector<std::string>& images() const { return order_; }
  // Who said that the image has no tag; nothing where that is not known, or where it has boxes.
  [[nodiscard]] std::optional<TagSource> none_by(const std::string& image_id) const;

  // The images for which `keep` is true, with all that is known of them.
  [[nodiscard]] TagTable only(const std::function<bool(const std::string&)>& keep) const;

  // "tags.csv:17" of the image's box i where the table was read from a file, else the image's id.
  [[nodiscard]] std::string where(const std::string& image_id, std::size_t i) const;
  // The file the table was read from, or "tags".
  [[nodiscard]] const std::string& source() const { return source_; }

 private:
  struct Entry {
    std::vector<TagBox> boxes;
    std::vector<std::size_t> lines;
    std::optional<TagSource> none_by;
  };
  std::string source_ = "tags";
  std::vector<std::string> order_;
  std::map<std::string, Entry> entries_;
};

// The image's boxes, checked: error input when the image was not examined (an image without a row is never
// taken for one without tags), or when a box is not wholly inside the image's width x height:
// "tags.csv:17: box outside image (x 510 + w 20 > 512)".
[[nodiscard]] const std::vector<TagBox>& boxes_of_image(const TagTable& table, const std::string& image_id,
                                                        int width, int height);

// Only image_id,x,y,w,h are required columns; kind defaults to unknown, source to given. Error input naming
// file and line on an empty image_id, a bad number (x, y, w, h are whole pixels; score 0 to 1), a size below
// 1, a row with some of x,y,w,h empty, an unknown word, or an image that has both boxes and a row that says
// there are none.
[[nodiscard]] TagTable read_tags(const std::filesystem::path& path);
[[nodiscard]] TagTable parse_tags(std::string_view text, std::string source);
[[nodiscard]] std::string tags_csv(const TagTable& table);
void write_tags(const std::filesystem::path& path, const TagTable& table);

}  // namespace tagconf::tags
