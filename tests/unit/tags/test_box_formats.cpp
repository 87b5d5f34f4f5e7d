// Every format there and back, over random tables; and what each refuses.
#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/tags/box_formats.hpp"

using namespace tagconf;
using namespace tagconf::tags;

namespace {

// Ids with '/', dots and spaces; images without boxes; boxes that touch the border; every kind.
struct Sheet {
  TagTable table;
  std::vector<KnownImage> images;
};

Sheet random_sheet(std::uint64_t number, bool all_attributes) {
  Rng rng(9, "formats", number);
  Sheet out;
  for (int i = 0; i < 8; ++i) {
    const std::string id = "part " + std::to_string(i % 3) + "/study1.2/image" + std::to_string(i);
    KnownImage image{id, id + ".png", 1 + static_cast<int>(rng.below(4000)),
                     1 + static_cast<int>(rng.below(4000))};
    out.table.add_image(id);
    for (auto left = rng.below(4); left > 0; --left) {
      TagBox tag;
      tag.box.x = static_cast<int>(rng.below(static_cast<std::uint64_t>(image.width)));
      tag.box.y = static_cast<int>(rng.below(static_cast<std::uint64_t>(image.height)));
      tag.box.w = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(image.width - tag.box.x)));
      tag.box.h = 1 + static_cast<int>(rng.below(static_cast<std::uint64_t>(image.height - tag.box.y)));
      tag.kind = EnumNames<TagKind>::kNames[rng.below(5)].first;
      if (all_attributes) {
        tag.source = TagSource::learned;
        tag.score = rng.uniform(0, 1);
        tag.text = "R \"é\" 7";
        tag.letter = "R";
        tag.rotation = -12.5;
        tag.mirrored = true;
        tag.polarity = "dark";
        tag.plate = false;
        tag.ring = true;
        tag.clipped = false;
        tag.contrast = 0.25;
        tag.cluster = 3;
        tag.letter_score = 0.875;
      }
      out.table.add(id, tag);
    }
    out.images.push_back(image);
  }
  return out;
}

template <class Work>
std::string failure(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message() + " | " + error.hint();
  }
  return "";
}

std::string coco(const std::string& annotations, const std::string& category = "text") {
  return R"({"images": [{"id": 7, "file_name": "a/b.png", "width": 100, "height": 80}], "categories": [{"id": 2, "name": ")" +
         category + R"("}], "annotations": [)" + annotations + "]}";
}

TagTable read_coco(const std::string& text, const std::map<std::string, std::string>& categories = {},
                   const std::vector<KnownImage>& images = {}) {
  BoxReading reading(images, categories);
  return parse_coco(text, "boxes.json", reading);
}

}  // namespace

TEST_CASE("COCO keeps everything") {
  for (std::uint64_t n = 0; n < 20; ++n) {
    Sheet sheet = random_sheet(n, true);
    const KnownImage empty{"examined by hand", "examined by hand.png", 9, 9};
    sheet.table.add_image(empty.id, TagSource::person);
    sheet.images.push_back(empty);
    BoxReading reading(sheet.images, {});
    const auto text = coco_json(sheet.table, sheet.images);
    CHECK(tags_csv(parse_coco(text, "boxes.json", reading)) == tags_csv(sheet.table));
    // Ids are in the file itself.
    BoxReading alone({}, {});
    CHECK(tags_csv(parse_coco(text, "boxes.json", alone)) == tags_csv(sheet.table));
  }
}

TEST_CASE("LabelMe keeps boxes, kinds and images without boxes") {
  for (std::uint64_t n = 0; n < 20; ++n) {
    const Sheet sheet = random_sheet(n, false);
    for (const bool known : {true, false}) {
      BoxReading reading(known ? sheet.images : std::vector<KnownImage>{}, {});
      TagTable back;
      for (const auto& image : sheet.images)
        parse_labelme(labelme_json(sheet.table.boxes(image.id), image), "x.json", image.id, reading, back);
      CHECK(tags_csv(back) == tags_csv(sheet.table));
    }
  }
}

TEST_CASE("YOLO keeps boxes to the pixel, though it writes shares") {
  for (std::uint64_t n = 0; n < 50; ++n) {
    const Sheet sheet = random_sheet(n, false);
    BoxReading reading(sheet.images, {});
    TagTable back;
    for (const auto& image : sheet.images)
      parse_yolo(yolo_text(sheet.table.boxes(image.id), image), "x.txt", image.id,
                 parse_yolo_classes(yolo_classes()), reading, back);
    CHECK(tags_csv(back) == tags_csv(sheet.table));
  }
}

TEST_CASE("fractions go outwards; a hundredth is the file's rounding") {
  CHECK(outward(10.4, 20.6, 30.2, 40.8, 100, 80, "x") == Rect{10, 20, 21, 21});
  CHECK(outward(9.995, 20.0, 30.005, 40.0, 100, 80, "x") == Rect{10, 20, 20, 20});
  CHECK(outward(-0.7, 0, 100.6, 80.9, 100, 80, "x") == Rect{0, 0, 100, 80});
  CHECK(failure([] {
          (void)outward(-2.5, 0, 10, 10, 100, 80, "b.json: /1");
        }).find("b.json: /1: box outside image (x ") == 0);
  CHECK(failure([] { (void)outward(0, 70, 10, 90, 100, 80, "b"); }).find("b: box outside image (y ") == 0);
  CHECK(failure([] { (void)outward(5, 5, 5, 9, 100, 80, "b"); }).find("b: a box without area (x ") == 0);
}

TEST_CASE("categories are kinds by name or by the caller's word, else all are listed") {
  const std::string box = R"({"id": 1, "image_id": 7, "category_id": 2, "bbox": [1, 2, 3.5, 4]})";
  CHECK(read_coco(coco(box)).boxes("a/b")[0].kind == TagKind::text);
  CHECK(read_coco(coco(box)).boxes("a/b")[0].box == Rect{1, 2, 4, 4});
  CHECK(read_coco(coco(box, "R marker"), {{"R marker", "laterality"}}).boxes("a/b")[0].kind ==
        TagKind::laterality);
  CHECK(
      failure([&] { (void)read_coco(coco(box, "R marker")); }) ==
      "boxes.json: category 'R marker' is no kind of tag | say what is meant: --categories R marker=KIND, of "
      "laterality, technologist, text, marker, unknown");
  CHECK(failure([&] {
          (void)read_coco(coco(box), {{"x", "letter"}});
        }).find("categories: 'letter' is no kind of tag") == 0);
}

TEST_CASE("COCO is read strictly") {
  const auto reading = [](const std::string& text) { return failure([&] { (void)read_coco(text); }); };
  CHECK(reading(coco(R"({"image_id": 8, "category_id": 2, "bbox": [1, 2, 3, 4]})")) ==
        "boxes.json: /annotations/0/image_id: no image of that number | ");
  CHECK(reading(coco(R"({"image_id": 7, "category_id": 3, "bbox": [1, 2, 3, 4]})")) ==
        "boxes.json: /annotations/0/category_id: no category of that number | ");
  CHECK(reading(coco(R"({"image_id": 7, "category_id": 2, "bbox": [1, 2, 3]})")) ==
        "boxes.json: /annotations/0/bbox: expected [x, y, w, h], found [1,2,3] | ");
  CHECK(reading(coco(R"({"image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 99]})"))
            .find("boxes.json: /annotations/0/bbox: box outside image (y ") == 0);
  CHECK(
      reading(
          R"({"images": [], "annotations": [], "categories": [{"id": 1, "name": "text"}, {"id": 1, "name": "marker"}]})") ==
      "boxes.json: /categories/1: a second category of the number 1 | ");
  CHECK(
      reading(coco(
          R"({"image_id": 7, "category_id": 2, "bbox": [1, 2, 3, 4], "attributes": {"cluster": 4294967299}})")) ==
      "boxes.json: /annotations/0/attributes/cluster: expected the number of a group, found 4294967299 | ");
  CHECK(reading(R"({"annotations": [], "categories": []})") ==
        "boxes.json: /: the key 'images' is missing | ");
  CHECK(failure([] {
          (void)read_coco(coco(""), {}, {{"other", "other.png", 10, 10}});
        }) == "boxes.json: /images/0: no image for 'a/b.png' | its first is 'other'");
  CHECK(failure([] {
          (void)read_coco(coco(""), {}, {{"a/b", "a/b.png", 10, 10}});
        }) == "boxes.json: /images/0: 'a/b' is 10 x 10 pixels, but here 100 x 80 | ");
}

TEST_CASE("a file's name alone finds its image") {
  const IdLookup lookup({"valid/p1/image1", "valid/p1/b", "valid/p2/image1"}, "the images");
  CHECK(lookup.find("b.jpg") == 1);
  CHECK(lookup.find("upload/valid/p1/b.png") == 1);
  CHECK(lookup.find("p2/image1") == 2);
  CHECK_FALSE(lookup.find("p3/image1"));
  CHECK(failure([&] {
          (void)lookup.find("image1.png");
        }).find("the images: 'image1.png' may be 'valid/p1/image1' or 'valid/p2/image1'") == 0);
  const IdLookup alike({"a.png", "a.jpg"}, "the images");
  CHECK(alike.find("a.jpg") == 1);
  CHECK(failure([&] { (void)alike.find("a"); }).find("the images: 'a' may be 'a.png' or 'a.jpg'") == 0);
}

TEST_CASE("LabelMe is read strictly; polygons give the box round them") {
  const auto file = [](const std::string& shapes) {
    return R"({"imagePath": "a.png", "imageData": null, "imageWidth": 100, "imageHeight": 80, "shapes": [)" +
           shapes + "]}";
  };
  const auto read = [](const std::string& text) {
    BoxReading reading({}, {});
    TagTable table;
    parse_labelme(text, "a.json", "a", reading, table);
    return table;
  };
  CHECK(read(file(R"({"label": "text", "points": [[5, 9], [1.5, 2], [3, 20.2]], "shape_type": "polygon"})"))
            .boxes("a")[0]
            .box == Rect{1, 2, 4, 19});
  CHECK(
      read(
          file(
              R"({"label": "text", "points": [[5, 9], [1, 2]], "shape_type": "rectangle", "description": "AP"})"))
          .boxes("a")[0]
          .text == "AP");
  CHECK(failure([&] {
          (void)read(file(R"({"label": "text", "points": [[5, 9], [1, 2]], "shape_type": "circle"})"));
        }) == "a.json: /shapes/0/shape_type: expected rectangle or polygon, found \"circle\" | ");
  CHECK(failure([&] {
          (void)read(file(R"({"label": "text", "points": [[5, 9]], "shape_type": "rectangle"})"));
        }).find("a.json: /shapes/0/points: expected at least two points") == 0);
}

TEST_CASE("YOLO is read strictly, naming the line") {
  const std::vector<KnownImage> images{{"a", "a.png", 100, 80}};
  const std::vector<std::string> classes{"text", "marker"};
  const auto read = [&](const std::string& text, const std::vector<KnownImage>& known) {
    BoxReading reading(known, {});
    TagTable table;
    parse_yolo(text, "a.txt", "a", classes, reading, table);
    return table;
  };
  const auto table = read("\r\n1 0.5 0.5 0.2 0.25 0.75\r\n", images);
  CHECK(table.boxes("a")[0].box == Rect{40, 30, 20, 20});
  CHECK(table.boxes("a")[0].kind == TagKind::marker);
  CHECK(table.boxes("a")[0].score == 0.75);
  CHECK(read("", images).examined("a"));
  const auto failing = [&](const std::string& text) { return failure([&] { (void)read(text, images); }); };
  CHECK(failing("0 0.5 0.5 0.2 0.2\n0 0.5 x 0.2 0.2\n") == "a.txt:2: 'x' is not a number | ");
  CHECK(failing("2 0.5 0.5 0.2 0.2\n") == "a.txt:1: class '2' is none of the 2 that classes.txt names | ");
  CHECK(failing("0 0.5 0.5 0.2\n") ==
        "a.txt:1: 4 words | expected: class x_centre y_centre width height [score]");
  CHECK(failing("0 0.9 0.5 0.4 0.2\n").find("a.txt:1: box outside image (x ") == 0);
  CHECK(failure([&] { (void)read("", {}); }).find("a.txt: the size of 'a' is not known") == 0);
}

TEST_CASE("YOLO's classes are numbered by their lines") {
  CHECK(parse_yolo_classes("text\n\nR marker \r\n \n\n") == std::vector<std::string>{"text", "", "R marker"});
  CHECK(parse_yolo_classes("\n\n").empty());
  CHECK(parse_yolo_classes("").empty());
}
