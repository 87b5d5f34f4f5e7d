// A person's corrections: read strictly, applied as they were made.
#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/tags/review.hpp"

using namespace tagconf;
using namespace tagconf::tags;

namespace {

TagTable found() {
  return parse_tags(
      "image_id,x,y,w,h,kind,score,source,text,letter\n"
      "a/1,10,10,20,20,laterality,0.9,learned,R,R\n"
      "a/1,50,10,5,6,text,0.4,learned,AP,\n"
      "a/2,,,,,,,,,\n"
      "a/3,1,2,3,4,unknown,0.6,learned,,\n",
      "tags.csv");
}

std::string edits_of(const std::string& images, const TagTable& table = found()) {
  return R"({"schema": "tagconf.review/1", "table": ")" + table_digest(table) +
         R"(", "page": 1, "images": [)" + images + "]}";
}

ReviewEdits edits(const std::string& images) {
  return parse_edits(edits_of(images), "edits.json");
}

Correction apply(const std::string& images) {
  return apply_edits(found(), std::vector{edits(images)});
}

template <class Work>
std::string failure(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

const std::string kFirst = R"({"id": "a/1", "width": 100, "height": 80, "boxes": )";

}  // namespace

TEST_CASE("an image that was not examined stays as the finder left it") {
  const Correction c = apply("");
  CHECK(tags_csv(c.table) == tags_csv(found()));
  CHECK(c.examined == 0);
}

TEST_CASE("boxes confirmed, moved, added, deleted, and kinds set") {
  const Correction c =
      apply(kFirst + R"([{"x": 12, "y": 10, "w": 20, "h": 21, "kind": "laterality", "from": 0},
                                          {"x": 0, "y": 70, "w": 100, "h": 10, "kind": "marker"}]},
      {"id": "a/2", "width": 100, "height": 80, "boxes": []},
      {"id": "a/3", "width": 100, "height": 80, "boxes": [{"x": 1, "y": 2, "w": 3, "h": 4, "kind": "technologist", "from": 0}]})");
  const auto& boxes = c.table.boxes("a/1");
  REQUIRE(boxes.size() == 2);
  CHECK(boxes[0].box == Rect{12, 10, 20, 21});
  CHECK(boxes[0].source == TagSource::person);
  CHECK_FALSE(boxes[0].score);
  CHECK(boxes[0].letter == "R");
  CHECK(boxes[1].kind == TagKind::marker);
  CHECK(boxes[1].box == Rect{0, 70, 100, 10});
  CHECK(c.table.boxes("a/2").empty());
  CHECK(c.table.none_by("a/2") == TagSource::person);
  CHECK(c.table.boxes("a/3")[0].kind == TagKind::technologist);
  CHECK(c.examined == 3);
  CHECK(c.changed == 2);
  CHECK(c.added == 1);
  CHECK(c.removed == 1);
  CHECK(c.moved == 1);
  CHECK(c.renamed == 1);
  SECTION("and the table survives its file") {
    CHECK(tags_csv(parse_tags(tags_csv(c.table), "x")) == tags_csv(c.table));
    CHECK(tags_csv(c.table).find("a/2,,,,,,,person,") != std::string::npos);
  }
}

TEST_CASE("another kind is another tag: what was read of the old one is dropped") {
  const Correction c =
      apply(kFirst + R"([{"x": 10, "y": 10, "w": 20, "h": 20, "kind": "technologist", "from": 0}]})");
  CHECK(c.table.boxes("a/1")[0].letter.empty());
  CHECK(c.table.boxes("a/1")[0].text.empty());
}

TEST_CASE("the digest is of the contents, not of the file's form") {
  CHECK(table_digest(parse_tags("\xEF\xBB\xBFimage_id,x,y,w,h\r\n\"a\",1,2,3,4\r\n", "one")) ==
        table_digest(parse_tags("image_id,h,w,y,x,kind\na,4,3,2,1,unknown\n", "two")));
}

TEST_CASE("edits of another table are refused") {
  const TagTable other = parse_tags("image_id,x,y,w,h\na/1,,,,\n", "other.csv");
  const auto text = failure([&] { (void)apply_edits(other, std::vector{edits("")}); });
  CHECK(text.find("edits.json: was made from another tag table than other.csv") == 0);
}

TEST_CASE("several files join; what they say differently is refused") {
  const std::string keep = R"([{"x": 10, "y": 10, "w": 20, "h": 20, "kind": "laterality", "from": 0}]})";
  const std::string none = "[]}";
  const auto first = edits(kFirst + keep);
  const auto second = edits(R"({"id": "a/2", "width": 9, "height": 9, "boxes": []})");
  CHECK(apply_edits(found(), std::vector{first, second, first}).examined == 2);
  CHECK(failure([&] {
          (void)apply_edits(found(), std::vector{first, edits(kFirst + none)});
        }) == "edits.json: /images/0: 'a/1' has other boxes in edits.json: /images/0");
}

TEST_CASE("edits are read strictly") {
  const auto reading = [](const std::string& images) { return failure([&] { (void)edits(images); }); };
  const auto box = [](const std::string& b) { return kFirst + "[" + b + "]}"; };
  CHECK(reading(box(R"({"x": 90, "y": 1, "w": 11, "h": 2, "kind": "text"})")) ==
        "edits.json: /images/0/boxes/0/w: expected an integer from 1 to 10, found 11");
  CHECK(reading(box(R"({"x": -1, "y": 1, "w": 11, "h": 2, "kind": "text"})")) ==
        "edits.json: /images/0/boxes/0/x: expected an integer from 0 to 99, found -1");
  CHECK(reading(box(R"({"x": 1.5, "y": 1, "w": 11, "h": 2, "kind": "text"})")) ==
        "edits.json: /images/0/boxes/0/x: expected an integer, found 1.5");
  CHECK(reading(box(R"({"x": 1, "y": 1, "w": 11, "h": 2, "kind": "letter"})")) ==
        "edits.json: /images/0/boxes/0/kind: expected one of laterality, technologist, text, marker, "
        "unknown, found "
        "\"letter\"");
  CHECK(reading(box(R"({"x": 1, "y": 1, "w": 11, "h": 2, "kind": "text", "colour": 1})")) ==
        "edits.json: /images/0/boxes/0: unknown key 'colour'");
  CHECK(reading(kFirst + "[]}," + kFirst + "[]}") == "edits.json: /images/1: a second image of the id 'a/1'");
  CHECK(failure([] { (void)parse_edits(R"({"schema": "tagconf.review/9"})", "edits.json"); }) ==
        "edits.json: /schema: expected \"tagconf.review/1\", found \"tagconf.review/9\"");
  CHECK(failure([] { (void)apply(R"({"id": "a/9", "width": 9, "height": 9, "boxes": []})"); }) ==
        "edits.json: /images/0: the table has no image 'a/9'");
  CHECK(failure([&] {
          (void)apply(box(R"({"x": 1, "y": 1, "w": 11, "h": 2, "kind": "text", "from": 2})"));
        }) == "edits.json: /images/0: made from box 2, but the table has 2 boxes for 'a/1'");
}
