// A person's corrections of a tag table: what the review page saves, and the table that follows from it.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tagconf/tags/tag_table.hpp"

namespace tagconf::tags {

inline constexpr const char* kReviewSchema = "tagconf.review/1";

// Of the table's contents, however its file was written.
[[nodiscard]] std::string table_digest(const TagTable& table);

struct ReviewedBox {
  Rect box;
  TagKind kind = TagKind::unknown;
  std::optional<std::size_t> from;  // which of the table's boxes of the image it was
};

struct ReviewedImage {
  std::string id;
  int width = 0;
  int height = 0;
  std::vector<ReviewedBox> boxes;  // all that the person left; empty: looked at, no tag
  std::string where;               // "edits.json: /images/3", for messages
};

// {"schema": "tagconf.review/1", "table": digest, "page": n, "images": [{"id", "width", "height",
// "boxes": [{"x", "y", "w", "h", "kind", "from"?}]}]}; an image that is not listed was not examined.
struct ReviewEdits {
  std::string source;
  std::string table;
  std::vector<ReviewedImage> images;
};

// Error input naming file and JSON pointer: another schema, an unknown key, a box outside its image, an image
// twice.
[[nodiscard]] ReviewEdits parse_edits(std::string_view text, const std::string& source);
[[nodiscard]] ReviewEdits read_edits(const std::filesystem::path& path);

struct Correction {
  TagTable table;
  std::size_t examined = 0;  // images that a person looked at
  std::size_t changed = 0;   // of those, images whose boxes or kinds are others now
  std::size_t added = 0;
  std::size_t removed = 0;
  std::size_t moved = 0;    // moved or resized
  std::size_t renamed = 0;  // kind set
};

// The table with the images that the edits list as the person left them. Their boxes have source `person` and
// no score; a box that keeps its kind keeps what was known about it (text, letter, style). An image left
// without boxes keeps its row: examined, no tag. Error input: edits made from another table, an id that the
// table lacks, an image that two files list differently.
[[nodiscard]] Correction apply_edits(const TagTable& table, std::span<const ReviewEdits> edits);

}  // namespace tagconf::tags
