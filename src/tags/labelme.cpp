// LabelMe's JSON (github.com/wkentaro/labelme): one file an image.
#include <algorithm>
#include <limits>

#include "tagconf/base/json_place.hpp"
#include "tagconf/tags/box_formats.hpp"

namespace tagconf::tags {
namespace {

int side(const JsonPlace& place) {
  constexpr std::int64_t kLargestSide = 1 << 24;
  const std::int64_t value = place.integer();
  if (value < 1 || value > kLargestSide) place.fail_expected("a number of pixels");
  return static_cast<int>(value);
}

Rect read_points(const JsonPlace& shape, const KnownImage& image) {
  const std::string type = shape.given("shape_type") ? shape.at("shape_type").text() : "polygon";
  if (type != "rectangle" && type != "polygon") shape.at("shape_type").fail_expected("rectangle or polygon");
  double x0 = std::numeric_limits<double>::infinity();
  double y0 = x0;
  double x1 = -x0;
  double y1 = -x0;
  std::size_t count = 0;
  const JsonPlace points = shape.require("points");
  points.each([&](const JsonPlace& point) {
    std::vector<double> v;
    point.each([&](const JsonPlace& item) { v.push_back(item.number()); });
    if (v.size() != 2) point.fail_expected("[x, y]");
    x0 = std::min(x0, v[0]);
    x1 = std::max(x1, v[0]);
    y0 = std::min(y0, v[1]);
    y1 = std::max(y1, v[1]);
    ++count;
  });
  if (count < 2) points.fail_expected("at least two points");
  return outward(x0, y0, x1, y1, image.width, image.height, points.where());
}

}  // namespace

void parse_labelme(std::string_view text, const std::string& source, const std::string& id,
                   BoxReading& reading, TagTable& table) {
  const Json json = parse_json(text, source);
  const JsonPlace top(json, source, ErrorCode::input);
  KnownImage image = reading.image_of(id, top.where());
  const int width = side(top.require("imageWidth"));
  const int height = side(top.require("imageHeight"));
  if (image.width > 0 && (image.width != width || image.height != height)) {
    top.fail("'" + image.id + "' is " + std::to_string(image.width) + " x " + std::to_string(image.height) +
             " pixels, but here " + std::to_string(width) + " x " + std::to_string(height));
  }
  image.width = width;
  image.height = height;
  if (table.examined(image.id)) top.fail("a second file for '" + image.id + "'");
  table.add_image(image.id);
  top.require("shapes").each([&](const JsonPlace& shape) {
    TagBox tag;
    tag.kind = reading.kind_of(shape.require("label").text());
    tag.box = read_points(shape, image);
    tag.text = shape.text_or_empty("description");
    table.add(image.id, std::move(tag));
  });
}

std::string labelme_json(std::span<const TagBox> boxes, const KnownImage& image) {
  Json shapes = Json::array();
  for (const TagBox& tag : boxes) {
    shapes.push_back({{"label", name_of(tag.kind)},
                      {"points", Json::array({{tag.box.x, tag.box.y}, {tag.box.right(), tag.box.bottom()}})},
                      {"group_id", nullptr},
                      {"description", tag.text},
                      {"shape_type", "rectangle"},
                      {"flags", Json::object()}});
  }
  return pretty_json({{"version", "5.2.1"},
                      {"flags", Json::object()},
                      {"shapes", std::move(shapes)},
                      {"imagePath", image.path},
                      {"imageData", nullptr},
                      {"imageWidth", image.width},
                      {"imageHeight", image.height}});
}

}  // namespace tagconf::tags
