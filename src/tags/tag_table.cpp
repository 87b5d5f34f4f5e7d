#include "tagconf/tags/tag_table.hpp"

#include <array>
#include <cmath>
#include <optional>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::tags {
namespace {

constexpr int kLargestCoordinate = 1 << 24;

const std::vector<std::string>& columns() {
  static const std::vector<std::string> names{"image_id", "x",        "y",        "w",           "h",
                                              "kind",     "score",    "source",   "text",        "letter",
                                              "rotation", "mirrored", "polarity", "plate",       "ring",
                                              "clipped",  "contrast", "cluster",  "letter_score"};
  return names;
}

// One row's cells by column name; a column the table lacks reads as empty.
class RowReader {
 public:
  RowReader(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  [[nodiscard]] std::string text(std::string_view column) const {
    const auto index = table_.find(column);
    return index ? table_.at(row_, *index) : std::string{};
  }

  [[nodiscard]] std::optional<double> number(std::string_view column) const {
    const std::string cell = text(column);
    if (cell.empty()) return std::nullopt;
    const auto value = parse_double(cell);
    if (!value || !std::isfinite(*value)) fail(column, "is not a number", cell);
    return value;
  }

  [[nodiscard]] std::optional<double> share(std::string_view column) const {
    const auto value = number(column);
    if (value && (*value < 0 || *value > 1)) fail(column, "is not from 0 to 1", text(column));
    return value;
  }

  [[nodiscard]] std::optional<int> whole(std::string_view column) const {
    const auto value = number(column);
    if (!value) return std::nullopt;
    if (*value != std::floor(*value) || std::abs(*value) > kLargestCoordinate)
      fail(column, "is not a whole number of pixels", text(column));
    return static_cast<int>(*value);
  }

  [[nodiscard]] std::optional<bool> flag(std::string_view column) const {
    const std::string cell = text(column);
    if (cell.empty()) return std::nullopt;
    if (cell == "1" || cell == "true" || cell == "TRUE") return true;
    if (cell == "0" || cell == "false" || cell == "FALSE") return false;
    fail(column, "is neither 0 nor 1", cell);
  }

  template <class E>
  [[nodiscard]] E word(std::string_view column, E otherwise) const {
    const std::string cell = text(column);
    if (cell.empty()) return otherwise;
    const auto value = value_of<E>(cell);
    if (!value) fail(column, "is none of " + all_names<E>(), cell);
    return *value;
  }

  [[noreturn]] void fail(std::string_view column, const std::string& what, const std::string& found) const {
    throw_input(table_.where(row_) + ": " + std::string(column) + " " + what + ": '" + found + "'");
  }

 private:
  const CsvTable& table_;
  std::size_t row_;
};

// The box of a row; nullopt when all four cells are empty.
std::optional<Rect> read_rect(const RowReader& row, const std::string& where) {
  const std::array<std::optional<int>, 4> cells{row.whole("x"), row.whole("y"), row.whole("w"),
                                                row.whole("h")};
  int filled = 0;
  for (const auto& cell : cells) filled += cell ? 1 : 0;
  if (filled == 0) return std::nullopt;
  if (filled != 4) {
    throw_input(where + ": some of x, y, w, h are empty",
                "fill all four, or none for an image that has no tag");
  }
  if (*cells[2] < 1 || *cells[3] < 1)
    throw_input(where + ": a box of " + std::to_string(*cells[2]) + " x " + std::to_string(*cells[3]) +
                " pixels; w and h must be at least 1");
  return Rect{*cells[0], *cells[1], *cells[2], *cells[3]};
}

TagBox read_attributes(const RowReader& row, const Rect& box) {
  TagBox tag;
  tag.box = box;
  tag.kind = row.word("kind", TagKind::unknown);
  tag.source = row.word("source", TagSource::given);
  tag.score = row.share("score");
  tag.text = row.text("text");
  tag.letter = row.text("letter");
  tag.rotation = row.number("rotation");
  tag.mirrored = row.flag("mirrored");
  tag.polarity = row.text("polarity");
  if (!tag.polarity.empty() && tag.polarity != "bright" && tag.polarity != "dark")
    row.fail("polarity", "is none of bright, dark", tag.polarity);
  tag.plate = row.flag("plate");
  tag.ring = row.flag("ring");
  tag.clipped = row.flag("clipped");
  tag.contrast = row.number("contrast");
  tag.cluster = row.whole("cluster");
  tag.letter_score = row.share("letter_score");
  return tag;
}

std::string cell(const std::optional<double>& value) {
  return value && std::isfinite(*value) ? format_number(*value) : std::string{};
}
std::string cell(const std::optional<bool>& value) {
  return value ? (*value ? "1" : "0") : "";
}

void write_row(CsvWriter& writer, const std::string& image_id, const TagBox& tag) {
  writer.row({image_id, std::to_string(tag.box.x), std::to_string(tag.box.y), std::to_string(tag.box.w),
              std::to_string(tag.box.h), std::string(name_of(tag.kind)), cell(tag.score),
              std::string(name_of(tag.source)), tag.text, tag.letter, cell(tag.rotation), cell(tag.mirrored),
              tag.polarity, cell(tag.plate), cell(tag.ring), cell(tag.clipped), cell(tag.contrast),
              tag.cluster ? std::to_string(*tag.cluster) : std::string{}, cell(tag.letter_score)});
}

// "x 510 + w 20 > 512", or "" when the extent lies in [0, limit).
std::string overshoot(const char* from, int start, const char* by, int size, int limit) {
  if (start < 0) return std::string(from) + " " + std::to_string(start) + " < 0";
  if (start + size <= limit) return "";
  return std::string(from) + " " + std::to_string(start) + " + " + by + " " + std::to_string(size) + " > " +
         std::to_string(limit);
}

TagTable table_of(const CsvTable& csv) {
  for (const char* column : {"image_id", "x", "y", "w", "h"}) (void)csv.require(column);
  TagTable table(csv.source());
  std::map<std::string, std::size_t> without;  // image -> row that says it has no tag
  for (std::size_t r = 0; r < csv.rows(); ++r) {
    const RowReader row(csv, r);
    const std::string image_id = row.text("image_id");
    if (image_id.empty()) throw_input(csv.where(r) + ": image_id is empty");
    if (const auto box = read_rect(row, csv.where(r))) {
      table.add(image_id, read_attributes(row, *box), csv.line(r));
    } else {
      const bool named = !row.text("source").empty();
      table.add_image(image_id, named ? std::optional(row.word("source", TagSource::given)) : std::nullopt);
      without.emplace(image_id, r);
    }
  }
  for (const auto& [image_id, r] : without) {
    if (!table.boxes(image_id).empty()) {
      throw_input(csv.where(r) + ": image '" + image_id +
                  "' has boxes in other rows, but this row says it has none");
    }
  }
  return table;
}

}  // namespace

void TagTable::add_image(const std::string& image_id, std::optional<TagSource> none_by) {
  const auto [entry, fresh] = entries_.try_emplace(image_id);
  if (fresh) order_.push_back(image_id);
  if (none_by) entry->second.none_by = none_by;
}

std::optional<TagSource> TagTable::none_by(const std::string& image_id) const {
  const auto found = entries_.find(image_id);
  return found == entries_.end() || !found->second.boxes.empty() ? std::nullopt : found->second.none_by;
}

void TagTable::add(const std::string& image_id, TagBox box, std::size_t line) {
  add_image(image_id);
  Entry& entry = entries_.at(image_id);
  entry.boxes.push_back(std::move(box));
  entry.lines.push_back(line);
}

bool TagTable::examined(const std::string& image_id) const {
  return entries_.count(image_id) != 0;
}

const std::vector<TagBox>& TagTable::boxes(const std::string& image_id) const {
  static const std::vector<TagBox> none;
  const auto found = entries_.find(image_id);
  return found == entries_.end() ? none : found->second.boxes;
}

TagTable TagTable::only(const std::function<bool(const std::string&)>& keep) const {
  TagTable out(source_);
  for (const std::string& id : order_) {
    if (!keep(id)) continue;
    out.order_.push_back(id);
    out.entries_.emplace(id, entries_.at(id));
  }
  return out;
}

std::string TagTable::where(const std::string& image_id, std::size_t i) const {
  const auto found = entries_.find(image_id);
  if (found == entries_.end() || i >= found->second.lines.size() || found->second.lines[i] == 0)
    return image_id;
  return source_ + ":" + std::to_string(found->second.lines[i]);
}

const std::vector<TagBox>& boxes_of_image(const TagTable& table, const std::string& image_id, int width,
                                          int height) {
  if (!table.examined(image_id)) {
    throw_input(table.source() + ": no row for image '" + image_id + "'",
                "run detect on all images, or add a row with empty x,y,w,h for an image without tags");
  }
  const std::vector<TagBox>& boxes = table.boxes(image_id);
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    const Rect& box = boxes[i].box;
    std::string what = overshoot("x", box.x, "w", box.w, width);
    if (what.empty()) what = overshoot("y", box.y, "h", box.h, height);
    if (!what.empty()) {
      throw_input(table.where(image_id, i) + ": box outside image (" + what + ")",
                  "boxes are in pixels of the stored image, which is " + std::to_string(width) + " x " +
                      std::to_string(height));
    }
  }
  return boxes;
}

TagTable parse_tags(std::string_view text, std::string source) {
  return table_of(parse_csv(text, std::move(source)));
}

TagTable read_tags(const std::filesystem::path& path) {
  return table_of(read_csv(path));
}

std::string tags_csv(const TagTable& table) {
  CsvWriter writer(columns());
  for (const std::string& image_id : table.images()) {
    const std::vector<TagBox>& boxes = table.boxes(image_id);
    for (const TagBox& tag : boxes) write_row(writer, image_id, tag);
    if (boxes.empty()) {
      std::vector<std::string> row(columns().size());
      row.front() = image_id;
      constexpr std::size_t kSourceColumn = 7;
      if (const auto source = table.none_by(image_id)) row[kSourceColumn] = name_of(*source);
      writer.row(row);
    }
  }
  return writer.text();
}

void write_tags(const std::filesystem::path& path, const TagTable& table) {
  write_text(path, tags_csv(table));
}

}  // namespace tagconf::tags
