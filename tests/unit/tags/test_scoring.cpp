// Scoring of tag boxes against figures worked out by hand.
#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/tags/score_groups.hpp"

using namespace tagconf;
using namespace tagconf::tags;

namespace {

// Black, with a white bar of 10 x 2 at (20, 12) inside a core of 20 x 6 at (15, 10); 100 x 50.
imaging::GreyImage film(int bits = 8) {
  imaging::GreyImage image(100, 50, bits);
  for (int y = 12; y < 14; ++y)
    for (int x = 20; x < 30; ++x) image.at(x, y) = image.full_scale();
  return image;
}

ReferenceMark mark_at(const Rect& box, TagKind kind) {
  ReferenceMark mark;
  mark.tag.box = box;
  mark.tag.kind = kind;
  mark.core = box;
  mark.outer = real_box(box);
  return mark;
}

ReferenceImage one_mark(TagKind kind = TagKind::laterality) {
  return {"a", {mark_at({15, 10, 20, 6}, kind)}, {}};
}

TagBox box_at(const Rect& box) {
  TagBox tag;
  tag.box = box;
  return tag;
}

std::string failure(const std::string& json) {
  try {
    (void)parse_reference_json(json, "labels.json");
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

}  // namespace

TEST_CASE("Otsu's threshold is the first level that separates best") {
  // Any of 10 to 199 separates these; the first counts.
  CHECK(otsu_threshold(std::vector<std::uint8_t>{10, 10, 10, 200, 200}) == 10);
  CHECK(otsu_threshold(std::vector<std::uint8_t>{7, 7, 7}) == 0);
  CHECK(otsu_threshold({}) == 0);
}

TEST_CASE("a mark's own pixels lie on the far side of Otsu's threshold from its border") {
  const auto bright = mark_pixels(film(), {15, 10, 20, 6});
  CHECK(std::count(bright.begin(), bright.end(), 1) == 20);
  CHECK(bright[2 * 20 + 5] == 1);
  auto inverted = film(16);
  for (auto& p : inverted.pixels) p = static_cast<std::uint16_t>(65535 - p);
  CHECK(mark_pixels(inverted, {15, 10, 20, 6}) == bright);
  SECTION("nothing stands out: all of them") {
    const auto flat = mark_pixels(film(), {60, 10, 4, 4});
    CHECK(flat == std::vector<std::uint8_t>(16, 1));
  }
  SECTION("cut to the image") {
    CHECK(mark_pixels(film(), {96, 10, 20, 5}).size() == 20);
    CHECK(mark_pixels(film(), {200, 10, 20, 5}).empty());
  }
}

TEST_CASE("a mark counts as covered from nine tenths of its own pixels") {
  // 18 of its 20 pixels lie in columns 20 to 28.
  const auto nine = score_image(film(), one_mark(), std::vector{box_at({20, 12, 9, 2})});
  REQUIRE(nine.marks.size() == 1);
  CHECK(nine.marks[0].share == 0.9);
  CHECK(nine.marks[0].covered());
  CHECK(nine.marks[0].iou == Approx(18.0 / 120.0));
  const auto eight = score_image(film(), one_mark(), std::vector{box_at({20, 12, 8, 2})});
  CHECK(eight.marks[0].share == 0.8);
  CHECK_FALSE(eight.marks[0].covered());
  const auto parts =
      score_image(film(), one_mark(), std::vector{box_at({20, 12, 5, 2}), box_at({25, 12, 5, 2})});
  CHECK(parts.marks[0].covered());
}

TEST_CASE("area is false beyond 8 px of a reference box") {
  SECTION("just inside the slack") {
    CHECK(score_image(film(), one_mark(), std::vector{box_at({7, 2, 36, 22})}).stray_pixels == 0);
  }
  SECTION("a column beyond it") {
    const auto score = score_image(film(), one_mark(), std::vector{box_at({6, 2, 37, 22})});
    CHECK(score.stray_pixels == 22);
    CHECK(score.false_area() == Approx(22.0 / 5000.0));
  }
  SECTION("ignored regions and hardly visible carriers are no false area") {
    auto reference = one_mark();
    reference.ignore = {{70, 20, 10, 10}};
    reference.marks[0].outer = {15, 10, 40, 20};
    CHECK(score_image(film(), reference, std::vector{box_at({62, 12, 26, 26}), box_at({40, 20, 23, 18})})
              .stray_pixels == 0);
  }
  SECTION("overlapping boxes count once") {
    const std::vector boxes{box_at({70, 20, 10, 10}), box_at({75, 20, 10, 10})};
    CHECK(score_image(film(), {"a", {}, {}}, boxes).stray_pixels == 150);
  }
}

TEST_CASE("totals of several images") {
  const std::vector<ReferenceImage> references{one_mark(),
                                               one_mark(TagKind::text),
                                               {"free", {}, {}},
                                               {"free too", {}, {}},
                                               one_mark(TagKind::technologist)};
  const std::vector whole{box_at({15, 10, 20, 6})};
  const std::vector stray{box_at({60, 30, 10, 5})};
  const std::vector scores{score_image(film(), references[0], whole), score_image(film(), references[1], {}),
                           score_image(film(), references[2], stray), score_image(film(), references[3], {}),
                           score_image(film(), references[4], {})};
  const Scores s = total_scores(references, scores);
  CHECK(s.images == 5);
  CHECK(s.mark_recall.hits == 1);
  CHECK(s.mark_recall.of == 2);
  CHECK(s.other_recall.hits == 0);
  CHECK(s.other_recall.of == 1);
  CHECK(s.image_recall.hits == 1);
  CHECK(s.image_recall.of == 2);
  CHECK(s.false_images.hits == 1);
  CHECK(s.false_images.of == 2);
  CHECK(*s.false_area == Approx(50.0 / 5000.0 / 5));
  CHECK(*s.mean_iou == Approx(1.0 / 3));
  const auto groups = score_groups(references, scores, std::vector<std::string>(5, "HAND"), GroupBy::kind);
  REQUIRE(groups.size() == 3);
  CHECK(groups[0].name == "laterality");
  CHECK(groups[1].name == "technologist");
  CHECK(groups[2].name == "text");
  CHECK(groups[0].covered.hits == 1);
  CHECK(score_groups(references, scores, std::vector<std::string>(5, "HAND"), GroupBy::body_part)[0]
            .covered.of == 3);
}

TEST_CASE("uncertain marks count neither way, but their image is not free of tags") {
  auto reference = one_mark();
  reference.marks[0].uncertain = true;
  const auto score = score_image(film(), reference, std::vector{box_at({60, 30, 10, 5})});
  CHECK(score.marks.empty());
  CHECK_FALSE(score.tag_free);
  const Scores s = total_scores(std::vector{reference}, std::vector{score});
  CHECK(s.image_recall.of == 0);
  CHECK_FALSE(s.mark_recall.share());
  CHECK_FALSE(s.mean_iou);
}

TEST_CASE("groups are ranges and words") {
  auto mark = mark_at({0, 0, 60, 39}, TagKind::laterality);
  const auto group = [&](GroupBy by) { return group_of(mark, by, "a/b", ""); };
  CHECK(group(GroupBy::size) == "20 to 39 px");
  CHECK(group(GroupBy::rotation) == "unknown");
  CHECK(group(GroupBy::style) == "unknown");
  CHECK(group(GroupBy::body_part) == "unknown");
  CHECK(group(GroupBy::image) == "a/b");
  mark.tag.rotation = 350;
  mark.tag.contrast = -0.25;
  mark.tag.plate = true;
  mark.tag.ring = false;
  mark.tag.polarity = "dark";
  mark.tag.mirrored = true;
  CHECK(group(GroupBy::rotation) == "10 to 45 degrees");
  CHECK(group(GroupBy::contrast) == "0.2 to 0.4");
  CHECK(group(GroupBy::style) == "plate, dark ink");
  CHECK(group(GroupBy::mirrored) == "yes");
  mark.style = "cutout";
  mark.cap_height = 13.9;
  CHECK(group(GroupBy::style) == "cutout");
  CHECK(group(GroupBy::size) == "below 14 px");
}

TEST_CASE("marks called unreadable count under quality alone; groups are those that are noted") {
  auto reference = one_mark();
  CHECK(groups_noted(std::vector{reference}) == std::vector{GroupBy::kind, GroupBy::size});
  reference.marks.push_back(mark_at({5, 5, 30, 16}, TagKind::laterality));
  reference.marks[0].quality = "unreadable";
  reference.marks[1].quality = "clear";
  reference.marks[1].style = "ring";
  const std::vector references{reference};
  CHECK(groups_noted(references) ==
        std::vector{GroupBy::kind, GroupBy::style, GroupBy::size, GroupBy::quality});
  ImageScore score;
  score.marks = {{0, 0.0, 0.0, std::nullopt}, {1, 1.0, 1.0, std::nullopt}};
  const std::vector<std::string> parts{"HAND"};
  const auto by = [&](GroupBy attribute) {
    return score_groups(references, std::vector{score}, parts, attribute);
  };
  REQUIRE(by(GroupBy::style).size() == 1);
  CHECK(by(GroupBy::style)[0].name == "ring");
  CHECK(by(GroupBy::style)[0].covered.hits == 1);
  CHECK(by(GroupBy::style)[0].covered.of == 1);
  REQUIRE(by(GroupBy::quality).size() == 2);
  CHECK(by(GroupBy::quality)[0].name == "clear");
  CHECK(by(GroupBy::quality)[1].name == "unreadable");
  CHECK(by(GroupBy::quality)[1].covered.hits == 0);
}

TEST_CASE("a folder's looks are added to the marks of their boxes") {
  const test::ScratchFolder scratch;
  write_text(scratch / "tags.csv", "image_id,x,y,w,h\na,1,2,3,4\na,5,6,7,8\nb,,,,\n");
  const auto looks = [&](const std::string& rows) {
    write_text(scratch / "looks.csv", "image_id,x,y,w,h,style,cap_height,quality\n" + rows);
    return read_reference(scratch.path());
  };
  const auto message = [&](const std::string& rows) {
    try {
      (void)looks(rows);
    } catch (const Error& error) {
      return error.message();
    }
    return std::string{};
  };
  const Reference read = looks("a,5,6,7,8,plate,12.5,faint\n");
  REQUIRE(read.images.size() == 2);
  CHECK(read.images[0].marks[0].style.empty());
  CHECK_FALSE(read.images[0].marks[0].cap_height.has_value());
  CHECK(read.images[0].marks[1].style == "plate");
  CHECK(read.images[0].marks[1].cap_height == 12.5);
  CHECK(read.images[0].marks[1].quality == "faint");
  const std::string file = (scratch / "looks.csv").string();
  CHECK(message("a,5,6,7,9,plate,12.5,faint\n") == file + ":2: no such box in the tags.csv beside it");
  CHECK(message("c,5,6,7,8,plate,12.5,faint\n") == file + ":2: no such box in the tags.csv beside it");
  CHECK(message("a,5,6,7,8,plate,0,faint\n") == file + ":2: cap_height is no number above 0: '0'");
}

TEST_CASE("reference boxes are read strictly") {
  const auto good = parse_reference_json(
      R"([{"id": "a", "boxes": [{"x": 1, "y": 2, "w": 9, "h": 8, "class": "laterality", "core": [3, 4, 5, 4],
           "quality": "faint"}], "ignore": [[0, 0, 5.5, 5]], "body": "hand"},
          {"id": "b", "boxes": [], "view_ok": false}, {"id": "c", "boxes": [], "uncertain": true}])",
      "labels.json");
  REQUIRE(good.images.size() == 1);
  CHECK(good.left_out == 2);
  CHECK(good.images[0].marks[0].core == Rect{3, 4, 5, 4});
  CHECK(good.images[0].marks[0].tag.box == Rect{1, 2, 9, 8});
  CHECK(good.images[0].marks[0].quality == "faint");
  CHECK(good.images[0].ignore[0].w == 5.5);
  CHECK(failure(R"([{"id": "a", "boxes": [{"x": 1, "y": 2, "w": 9, "class": "text"}]}])") ==
        "labels.json: /0/boxes/0: the key 'h' is missing");
  CHECK(failure(R"([{"id": "a", "boxes": [{"x": 1, "y": 2, "w": 9, "h": 0, "class": "text"}]}])") ==
        "labels.json: /0/boxes/0: expected a box of at least one pixel, found "
        R"({"class":"text","h":0,"w":9,"x":1,"y":2})");
  CHECK(
      failure(R"([{"id": "a", "boxes": [{"x": 1, "y": 2, "w": 9, "h": 3, "class": "lead"}]}])") ==
      "labels.json: /0/boxes/0/class: expected one of laterality, technologist, text, marker, unknown, found "
      "\"lead\"");
  CHECK(failure(R"([{"id": "a", "boxes": [], "ignore": [[1, 2, 3]]}])") ==
        "labels.json: /0/ignore/0: expected [x, y, w, h] in pixels, w and h above 0, found [1,2,3]");
  CHECK(failure(R"([{"id": "a", "boxes": []}, {"id": "a", "boxes": []}])") ==
        "labels.json: /1: a second image of the id 'a'");
  CHECK(failure("[]") == "labels.json: holds no image to measure against");
  CHECK(failure("{").find("labels.json") == 0);
}
