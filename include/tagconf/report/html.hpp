// Pieces of an HTML page. Html holds markup that is ready to be placed; text becomes Html only through
// `escaped`, so that no value from a file can open a tag.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagconf::report {

struct Html {
  std::string bytes;

  Html& operator+=(const Html& other) {
    bytes += other.bytes;
    return *this;
  }
  friend Html operator+(Html a, const Html& b) { return a += b; }
};

// & < > " ' as entities; control characters and bytes that are not UTF-8 as U+FFFD.
[[nodiscard]] Html escaped(std::string_view text);

[[nodiscard]] std::string base64(std::span<const std::byte> bytes);

[[nodiscard]] Html paragraph(std::string_view text);
[[nodiscard]] Html paragraph(const Html& content);
[[nodiscard]] Html lead(std::string_view text);     // the sentences that say it all
[[nodiscard]] Html limits(std::string_view text);   // what a result does not show
[[nodiscard]] Html heading(std::string_view text);  // below a section's title
[[nodiscard]] Html note(std::string_view text);     // small print below a table or figure
[[nodiscard]] Html strong(std::string_view text);
[[nodiscard]] Html code(std::string_view text);
// A coloured word: "pass", "fail" or "shown"; the class decides the colour, the word carries the meaning.
[[nodiscard]] Html badge(std::string_view text, std::string_view kind);

// A table with a caption. Columns marked numeric are set to the right with digits of equal width.
struct Column {
  std::string title;
  bool numeric = false;
};
// Rows under a line of their own that spans the table.
struct RowGroup {
  std::string title;
  std::vector<std::vector<Html>> rows;
};
struct Table {
  std::string caption;
  std::vector<Column> columns;
  std::vector<std::vector<Html>> rows;  // each as long as columns; the first cell names the row
  std::vector<RowGroup> groups;         // follow the rows
};
[[nodiscard]] Html table(const Table& table);

// A drawing or a table with words below it.
[[nodiscard]] Html figure(const Html& content, std::string_view caption);

// One picture of a gallery; `bytes` is a JPEG and becomes a data: URI.
struct Picture {
  std::vector<std::byte> jpeg;
  int width = 0;
  int height = 0;
  std::string description;  // for screen readers
  std::vector<std::string> lines;
};
// Pictures in rows of `columns` on a wide page, fewer on a narrow one.
[[nodiscard]] Html gallery(std::span<const Picture> pictures, int columns);

// A large number with words above and below it.
struct Card {
  std::string title;
  std::string value;
  std::vector<std::string> details;
  std::string colour;  // of the bar on its left, #RRGGBB
};
[[nodiscard]] Html cards(std::span<const Card> cards);
// Two drawings side by side where there is room.
[[nodiscard]] Html pair(std::span<const Html> drawings);
// Text in a box, ready to be copied.
[[nodiscard]] Html quotation(std::span<const std::string> paragraphs);

}  // namespace tagconf::report
