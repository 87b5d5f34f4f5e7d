// YOLO's text files: one line a box, centre and size as shares of the image.
#include <algorithm>
#include <cmath>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/tags/box_formats.hpp"

namespace tagconf::tags {
namespace {

// Lines without their ends; CRLF is taken.
std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.push_back(line);
  }
  return out;
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  for (auto start = line.find_first_not_of(" \t"); start != std::string_view::npos;
       start = line.find_first_not_of(" \t", start)) {
    const auto end = std::min(line.find_first_of(" \t", start), line.size());
    out.push_back(line.substr(start, end - start));
    start = end;
    if (start == line.size()) break;
  }
  return out;
}

double share(std::string_view word, const std::string& where) {
  const auto value = parse_double(word);
  if (!value || !std::isfinite(*value)) throw_input(where + ": '" + std::string(word) + "' is not a number");
  return *value;
}

TagBox read_line(const std::vector<std::string_view>& words, const KnownImage& image,
                 std::span<const std::string> classes, BoxReading& reading, const std::string& where) {
  if (words.size() != 5 && words.size() != 6) {
    throw_input(where + ": " + std::to_string(words.size()) + " words",
                "expected: class x_centre y_centre width height [score]");
  }
  const auto number = parse_int(words[0]);
  if (!number || *number < 0 || *number >= static_cast<std::int64_t>(classes.size())) {
    throw_input(where + ": class '" + std::string(words[0]) + "' is none of the " +
                std::to_string(classes.size()) + " that classes.txt names");
  }
  const double x = share(words[1], where) * image.width;
  const double y = share(words[2], where) * image.height;
  const double w = share(words[3], where) * image.width;
  const double h = share(words[4], where) * image.height;
  TagBox tag;
  tag.kind = reading.kind_of(classes[static_cast<std::size_t>(*number)]);
  tag.box = outward(x - w / 2, y - h / 2, x + w / 2, y + h / 2, image.width, image.height, where);
  if (words.size() == 6) {
    tag.score = share(words[5], where);
    if (*tag.score < 0 || *tag.score > 1) throw_input(where + ": a score that is not from 0 to 1");
  }
  return tag;
}

}  // namespace

void parse_yolo(std::string_view text, const std::string& source, const std::string& id,
                std::span<const std::string> classes, BoxReading& reading, TagTable& table) {
  const KnownImage image = reading.image_of(id, source);
  if (image.width == 0 || image.height == 0) {
    throw_input(source + ": the size of '" + image.id + "' is not known",
                "YOLO's boxes are shares of the image: give --images with a readable picture");
  }
  if (table.examined(image.id)) throw_input(source + ": a second file for '" + image.id + "'");
  table.add_image(image.id);
  std::size_t number = 0;
  for (const auto line : lines_of(text)) {
    ++number;
    const auto words = words_of(line);
    if (words.empty()) continue;
    table.add(image.id, read_line(words, image, classes, reading, source + ":" + std::to_string(number)));
  }
}

std::string yolo_text(std::span<const TagBox> boxes, const KnownImage& image) {
  std::string out;
  for (const TagBox& tag : boxes) {
    const auto part = [](double value, int whole) { return " " + format_number(value / whole); };
    out += std::to_string(static_cast<int>(tag.kind)) + part(tag.box.x + tag.box.w / 2.0, image.width) +
           part(tag.box.y + tag.box.h / 2.0, image.height) + part(tag.box.w, image.width) +
           part(tag.box.h, image.height);
    if (tag.score) out += " " + format_number(*tag.score);
    out += "\n";
  }
  return out;
}

std::vector<std::string> parse_yolo_classes(std::string_view text) {
  std::vector<std::string> out;
  for (const auto line : lines_of(text)) {
    const auto start = std::min(line.find_first_not_of(" \t"), line.size());
    out.emplace_back(line.substr(start, line.find_last_not_of(" \t") + 1 - start));
  }
  while (!out.empty() && out.back().empty()) out.pop_back();
  return out;
}

std::string yolo_classes() {
  std::string out;
  for (const auto& entry : EnumNames<TagKind>::kNames) out += std::string(entry.second) + "\n";
  return out;
}

}  // namespace tagconf::tags
