#include "tagconf/tags/reference.hpp"

#include <cmath>
#include <map>
#include <set>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_place.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::tags {
namespace {

constexpr double kLargestCoordinate = 1 << 24;

double coordinate(const JsonPlace& place) {
  const double value = place.number();
  if (std::abs(value) > kLargestCoordinate) place.fail_expected("a number of pixels");
  return value;
}

// [x, y, w, h].
RealBox quadruple(const JsonPlace& place) {
  std::vector<double> values;
  place.each([&](const JsonPlace& item) { values.push_back(coordinate(item)); });
  if (values.size() != 4 || values[2] <= 0 || values[3] <= 0)
    place.fail_expected("[x, y, w, h] in pixels, w and h above 0");
  return {values[0], values[1], values[2], values[3]};
}

Rect whole(const RealBox& box, const JsonPlace& place) {
  const Rect out{static_cast<int>(box.x), static_cast<int>(box.y), static_cast<int>(box.w),
                 static_cast<int>(box.h)};
  if (out.empty()) place.fail_expected("a box of at least one pixel");
  return out;
}

bool flag(const JsonPlace& place, const char* key, bool otherwise) {
  return place.given(key) ? place.at(key).boolean() : otherwise;
}

ReferenceMark read_mark(const JsonPlace& place) {
  const RealBox box{coordinate(place.require("x")), coordinate(place.require("y")),
                    coordinate(place.require("w")), coordinate(place.require("h"))};
  ReferenceMark mark;
  mark.tag.box = whole(box, place);
  const JsonPlace kind = place.require("class");
  const auto known = value_of<TagKind>(kind.text());
  if (!known) kind.fail_expected("one of " + all_names<TagKind>());
  mark.tag.kind = *known;
  mark.tag.text = place.text_or_empty("text");
  mark.core = place.given("core") ? whole(quadruple(place.at("core")), place.at("core")) : mark.tag.box;
  mark.outer = place.given("outer") ? quadruple(place.at("outer")) : real_box(mark.tag.box);
  mark.quality = place.text_or_empty("quality");
  mark.uncertain = flag(place, "uncertain", false);
  return mark;
}

void check_not_empty(const Reference& reference) {
  if (reference.images.empty()) throw_input(reference.source + ": holds no image to measure against");
}

Reference from_table(const TagTable& table) {
  Reference reference;
  reference.source = table.source();
  for (const auto& id : table.images()) {
    ReferenceImage image;
    image.id = id;
    for (const TagBox& tag : table.boxes(id)) {
      ReferenceMark mark;
      mark.tag = tag;
      mark.core = tag.box;
      mark.outer = real_box(tag.box);
      image.marks.push_back(std::move(mark));
    }
    reference.images.push_back(std::move(image));
  }
  check_not_empty(reference);
  return reference;
}

// The mark of the box that a row of the table of looks names.
ReferenceMark& mark_of_row(Reference& reference, const std::map<std::string, std::size_t>& places,
                           const CsvTable& looks, std::size_t row) {
  const auto side = [&](const char* column) { return parse_double(looks.at(row, looks.require(column))); };
  const auto x = side("x");
  const auto y = side("y");
  const auto w = side("w");
  const auto h = side("h");
  const auto place = places.find(looks.at(row, looks.require("image_id")));
  if (place != places.end()) {
    for (ReferenceMark& mark : reference.images[place->second].marks) {
      const Rect& box = mark.tag.box;
      if (x == box.x && y == box.y && w == box.w && h == box.h) return mark;
    }
  }
  throw_input(looks.where(row) + ": no such box in the tags.csv beside it", "both must be of one run");
}

// The table's looks, added to the marks of their boxes.
void add_looks(Reference& reference, const CsvTable& looks) {
  std::map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < reference.images.size(); ++i) places.emplace(reference.images[i].id, i);
  const auto text = [&](std::size_t row, std::string_view column) {
    const auto index = looks.find(column);
    return index ? looks.at(row, *index) : std::string{};
  };
  for (std::size_t row = 0; row < looks.rows(); ++row) {
    ReferenceMark& mark = mark_of_row(reference, places, looks, row);
    mark.style = text(row, "style");
    mark.quality = text(row, "quality");
    const std::string height = text(row, "cap_height");
    if (height.empty()) continue;
    mark.cap_height = parse_double(height);
    if (!mark.cap_height || !(*mark.cap_height > 0))
      throw_input(looks.where(row) + ": cap_height is no number above 0: '" + height + "'");
  }
}

}  // namespace

bool is_unreadable(const ReferenceMark& mark) {
  return mark.quality == "unreadable";
}

RealBox real_box(const Rect& box) {
  return {static_cast<double>(box.x), static_cast<double>(box.y), static_cast<double>(box.w),
          static_cast<double>(box.h)};
}

Reference parse_reference_json(std::string_view text, const std::string& source) {
  const Json json = parse_json(text, source);
  Reference reference;
  reference.source = source;
  std::set<std::string> seen;
  JsonPlace(json, source, ErrorCode::input).each([&](const JsonPlace& place) {
    ReferenceImage image;
    image.id = place.require("id").text();
    if (!seen.insert(image.id).second) place.fail("a second image of the id '" + image.id + "'");
    place.require("boxes").each([&](const JsonPlace& box) { image.marks.push_back(read_mark(box)); });
    if (place.given("ignore"))
      place.at("ignore").each([&](const JsonPlace& box) { image.ignore.push_back(quadruple(box)); });
    if (!flag(place, "view_ok", true) || flag(place, "uncertain", false)) {
      ++reference.left_out;
    } else {
      reference.images.push_back(std::move(image));
    }
  });
  check_not_empty(reference);
  return reference;
}

Reference read_reference(const std::filesystem::path& path) {
  if (path.extension() == ".json") return parse_reference_json(read_text(path), path.string());
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) return from_table(read_tags(path));
  Reference reference = from_table(read_tags(path / "tags.csv"));
  if (std::filesystem::exists(path / "looks.csv", error)) add_looks(reference, read_csv(path / "looks.csv"));
  return reference;
}

}  // namespace tagconf::tags
