// tags.csv: which boxes each examined image has.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/tag_box.hpp"

namespace tagconf::tags {

// Columns image_id,x,y,w,h,kind,score,source, then text,letter,rotation,mirrored,polarity,plate,ring,clipped,
// contrast,cluster. An image with an empty list was examined and has no tag; it is written as one row with
// empty x,y,w,h.
class TagTable {
 public:
  // Keeps the order in which images were first added.
  void add_image(const std::string& image_id);
  void add(const std::string& image_id, TagBox box);
  [[nodiscard]] bool examined(const std::string& image_id) const;
  [[nodiscard]] const std::vector<TagBox>& boxes(const std::string& image_id) const;  // empty if not examined
  [[nodiscard]] const std::vector<std::string>& images() const { return order_; }

 private:
  std::vector<std::string> order_;
  std::map<std::string, std::vector<TagBox>> boxes_;
};

// Only image_id,x,y,w,h are required columns. Error input naming file and line on a bad number, a negative
// size, or a row with some of x,y,w,h empty.
[[nodiscard]] TagTable read_tags(const std::filesystem::path& path);
[[nodiscard]] std::string tags_csv(const TagTable& table);
void write_tags(const std::filesystem::path& path, const TagTable& table);

}  // namespace tagconf::tags
