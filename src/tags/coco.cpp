// COCO's object detection format (cocodataset.org/#format-data); "attributes" as CVAT writes and reads them.
#include <map>
#include <set>

#include "tagconf/base/json_place.hpp"
#include "tagconf/tags/box_formats.hpp"

namespace tagconf::tags {
namespace {

constexpr std::int64_t kMostClusters = 1 << 24;  // as tags.csv takes them
// Of an image without boxes: who says that it has no tag.
constexpr const char* kNoneBy = "no_tag_by";

Json attributes_of(const TagBox& tag) {
  Json out{{"source", name_of(tag.source)}};
  const auto set = [&out](const char* key, const auto& value) {
    if (value) out[key] = *value;
  };
  const auto set_text = [&out](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  set_text("text", tag.text);
  set_text("letter", tag.letter);
  set_text("polarity", tag.polarity);
  set("letter_rotation", tag.rotation);
  set("mirrored", tag.mirrored);
  set("plate", tag.plate);
  set("ring", tag.ring);
  set("clipped", tag.clipped);
  set("contrast", tag.contrast);
  set("cluster", tag.cluster);
  set("letter_score", tag.letter_score);
  return out;
}

TagSource source_at(const JsonPlace& place) {
  const auto source = value_of<TagSource>(place.text());
  if (!source) place.fail_expected("one of " + all_names<TagSource>());
  return *source;
}

// What tagconf knows; other tools' attributes are passed over.
void read_attributes(const JsonPlace& place, TagBox& tag) {
  (void)place.object();
  const auto flag = [&](const char* key) {
    return place.given(key) ? std::optional(place.at(key).boolean()) : std::nullopt;
  };
  if (place.given("source")) tag.source = source_at(place.at("source"));
  tag.text = place.text_or_empty("text");
  tag.letter = place.text_or_empty("letter");
  tag.polarity = place.text_or_empty("polarity");
  if (!tag.polarity.empty() && tag.polarity != "bright" && tag.polarity != "dark")
    place.at("polarity").fail_expected("bright or dark");
  // Not "rotation": that is the box's own in CVAT, 0 for every upright one.
  tag.rotation = place.number_or_none("letter_rotation");
  tag.mirrored = flag("mirrored");
  tag.plate = flag("plate");
  tag.ring = flag("ring");
  tag.clipped = flag("clipped");
  tag.contrast = place.number_or_none("contrast");
  tag.letter_score = place.number_or_none("letter_score");
  if (tag.letter_score && (*tag.letter_score < 0 || *tag.letter_score > 1))
    place.at("letter_score").fail_expected("a number from 0 to 1");
  if (const auto cluster = place.integer_or_none("cluster")) {
    if (*cluster < -kMostClusters || *cluster > kMostClusters)
      place.at("cluster").fail_expected("the number of a group");
    tag.cluster = static_cast<int>(*cluster);
  }
}

struct Files {
  std::vector<std::int64_t> order;
  std::map<std::int64_t, KnownImage> images;
  std::map<std::int64_t, TagSource> none_by;
};

int side(const JsonPlace& place, const char* key) {
  constexpr std::int64_t kLargestSide = 1 << 24;
  const auto value = place.integer_or_none(key);
  if (value && (*value < 1 || *value > kLargestSide)) place.at(key).fail_expected("a number of pixels");
  return value ? static_cast<int>(*value) : 0;
}

Files read_images(const JsonPlace& top, const BoxReading& reading) {
  Files out;
  std::set<std::string> seen;
  top.require("images").each([&](const JsonPlace& place) {
    const std::int64_t number = place.require("id").integer();
    KnownImage image = reading.image_of(place.require("file_name").text(), place.where());
    const int width = side(place, "width");
    const int height = side(place, "height");
    if (image.width > 0 && width > 0 && (image.width != width || image.height != height)) {
      place.fail("'" + image.id + "' is " + std::to_string(image.width) + " x " +
                 std::to_string(image.height) + " pixels, but here " + std::to_string(width) + " x " +
                 std::to_string(height));
    }
    if (image.width == 0) {
      image.width = width;
      image.height = height;
    }
    if (!seen.insert(image.id).second) place.fail("a second image '" + image.id + "'");
    if (!out.images.emplace(number, std::move(image)).second)
      place.fail("a second image of the number " + std::to_string(number));
    if (place.given(kNoneBy)) out.none_by.emplace(number, source_at(place.at(kNoneBy)));
    out.order.push_back(number);
  });
  return out;
}

std::map<std::int64_t, std::string> read_categories(const JsonPlace& top) {
  std::map<std::int64_t, std::string> out;
  top.require("categories").each([&](const JsonPlace& place) {
    const std::int64_t number = place.require("id").integer();
    if (!out.emplace(number, place.require("name").text()).second)
      place.fail("a second category of the number " + std::to_string(number));
  });
  return out;
}

Rect read_bbox(const JsonPlace& place, const KnownImage& image) {
  std::vector<double> v;
  place.each([&](const JsonPlace& item) { v.push_back(item.number()); });
  if (v.size() != 4) place.fail_expected("[x, y, w, h]");
  return outward(v[0], v[1], v[0] + v[2], v[1] + v[3], image.width, image.height, place.where());
}

}  // namespace

TagTable parse_coco(std::string_view text, const std::string& source, BoxReading& reading) {
  const Json json = parse_json(text, source);
  const JsonPlace top(json, source, ErrorCode::input);
  const Files files = read_images(top, reading);
  const auto categories = read_categories(top);
  std::map<std::int64_t, std::vector<TagBox>> boxes;
  top.require("annotations").each([&](const JsonPlace& place) {
    const auto image = files.images.find(place.require("image_id").integer());
    if (image == files.images.end()) place.at("image_id").fail("no image of that number");
    const auto category = categories.find(place.require("category_id").integer());
    if (category == categories.end()) place.at("category_id").fail("no category of that number");
    TagBox tag;
    if (place.given("attributes")) read_attributes(place.at("attributes"), tag);
    tag.box = read_bbox(place.require("bbox"), image->second);
    tag.kind = reading.kind_of(category->second);
    tag.score = place.number_or_none("score");
    if (tag.score && (*tag.score < 0 || *tag.score > 1))
      place.at("score").fail_expected("a number from 0 to 1");
    boxes[image->first].push_back(std::move(tag));
  });
  reading.check_categories(source);
  TagTable table(source);
  for (const std::int64_t number : files.order) {
    const std::string& id = files.images.at(number).id;
    const auto none_by = files.none_by.find(number);
    table.add_image(id, none_by == files.none_by.end() ? std::nullopt : std::optional(none_by->second));
    for (const TagBox& tag : boxes[number]) table.add(id, tag);
  }
  return table;
}

std::string coco_json(const TagTable& table, std::span<const KnownImage> images) {
  Json out{{"images", Json::array()}, {"annotations", Json::array()}, {"categories", Json::array()}};
  for (const auto& [kind, name] : EnumNames<TagKind>::kNames)
    out["categories"].push_back(
        {{"id", static_cast<int>(kind) + 1}, {"name", name}, {"supercategory", "tag"}});
  int number = 0;
  int annotation = 0;
  for (const KnownImage& image : images) {
    out["images"].push_back(
        {{"id", ++number}, {"file_name", image.path}, {"width", image.width}, {"height", image.height}});
    if (const auto source = table.none_by(image.id)) out["images"].back()[kNoneBy] = name_of(*source);
    for (const TagBox& tag : table.boxes(image.id)) {
      Json entry{{"id", ++annotation},
                 {"image_id", number},
                 {"category_id", static_cast<int>(tag.kind) + 1},
                 {"bbox", {tag.box.x, tag.box.y, tag.box.w, tag.box.h}},
                 {"area", tag.box.area()},
                 {"iscrowd", 0},
                 {"segmentation", Json::array()},
                 {"attributes", attributes_of(tag)}};
      if (tag.score) entry["score"] = finite_or_null(*tag.score);
      out["annotations"].push_back(std::move(entry));
    }
  }
  return pretty_json(out);
}

}  // namespace tagconf::tags
