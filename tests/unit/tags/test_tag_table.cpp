// tags.csv: what is written is read back, and broken tables are refused with file and line.
#include <string>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/tags/tag_table.hpp"

using namespace tagconf;
using tags::TagTable;

namespace {

template <class Action>
Error error_of(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error;
  }
  FAIL("no error was thrown");
  return {ErrorCode::bug, ""};
}

std::string message_of(const std::string& rows) {
  const Error error = error_of([&] {
    (void)tags::parse_tags("image_id,x,y,w,h,kind,score,source,ring,polarity\n" + rows, "tags.csv");
  });
  CHECK(error.code() == ErrorCode::input);
  return error.message();
}

bool same(const TagBox& a, const TagBox& b) {
  return a.box == b.box && a.kind == b.kind && a.score == b.score && a.source == b.source &&
         a.text == b.text && a.letter == b.letter && a.rotation == b.rotation && a.mirrored == b.mirrored &&
         a.polarity == b.polarity && a.plate == b.plate && a.ring == b.ring && a.clipped == b.clipped &&
         a.contrast == b.contrast && a.cluster == b.cluster && a.letter_score == b.letter_score;
}

template <class T, class Make>
std::optional<T> sometimes(Rng& rng, const Make& make) {
  if (rng.chance(0.5)) return std::nullopt;
  return std::optional<T>(make());
}

TagBox random_box(Rng& rng) {
  TagBox tag;
  tag.box = {static_cast<int>(rng.below(900)), static_cast<int>(rng.below(900)),
             1 + static_cast<int>(rng.below(90)), 1 + static_cast<int>(rng.below(90))};
  tag.kind = EnumNames<TagKind>::kNames[rng.below(5)].first;
  tag.source = EnumNames<TagSource>::kNames[rng.below(4)].first;
  tag.score = sometimes<double>(rng, [&] { return rng.uniform(); });
  tag.text = rng.chance(0.5) ? "\"10,5 mm\"\nµ" : "";
  tag.letter = rng.chance(0.5) ? "L" : "";
  tag.rotation = sometimes<double>(rng, [&] { return rng.uniform(-180, 180); });
  tag.mirrored = sometimes<bool>(rng, [&] { return rng.chance(0.5); });
  tag.polarity = rng.chance(0.3) ? "" : (rng.chance(0.5) ? "dark" : "bright");
  tag.plate = sometimes<bool>(rng, [&] { return rng.chance(0.5); });
  tag.ring = sometimes<bool>(rng, [&] { return rng.chance(0.5); });
  tag.clipped = sometimes<bool>(rng, [&] { return rng.chance(0.5); });
  tag.contrast = sometimes<double>(rng, [&] { return rng.uniform(-1, 1); });
  tag.cluster = sometimes<int>(rng, [&] { return static_cast<int>(rng.below(40)); });
  tag.letter_score = sometimes<double>(rng, [&] { return rng.uniform(); });
  return tag;
}

}  // namespace

TEST_CASE("a table read back is the table written") {
  const test::ScratchFolder scratch;
  for (std::uint64_t n = 0; n < 30; ++n) {
    Rng rng(5, "tag_table", n);
    TagTable table;
    for (int i = 0; i < 12; ++i) {
      const std::string id = "valid/XR_WRIST/patient" + std::to_string(rng.below(8)) + "/a,b";
      table.add_image(id);
      if (rng.chance(0.7)) table.add(id, random_box(rng));
    }
    tags::write_tags(scratch / "tags.csv", table);
    const TagTable back = tags::read_tags(scratch / "tags.csv");
    REQUIRE(back.images() == table.images());
    for (const std::string& id : table.images()) {
      REQUIRE(back.examined(id));
      REQUIRE(back.boxes(id).size() == table.boxes(id).size());
      for (std::size_t i = 0; i < back.boxes(id).size(); ++i)
        REQUIRE(same(back.boxes(id)[i], table.boxes(id)[i]));
    }
    REQUIRE(tags::tags_csv(back) == tags::tags_csv(table));
  }
}

TEST_CASE("the file's columns stand in the agreed order; an image without tags is a row without a box") {
  TagTable table;
  table.add_image("a");
  TagBox box;
  box.box = {1, 2, 3, 4};
  box.kind = TagKind::laterality;
  box.score = 0.25;
  box.ring = true;
  box.plate = false;
  box.source = TagSource::classical;
  table.add("b", box);
  CHECK(
      tags::tags_csv(table) ==
      "image_id,x,y,w,h,kind,score,source,text,letter,rotation,mirrored,polarity,plate,ring,clipped,contrast,"
      "cluster,letter_score\n"
      "a,,,,,,,,,,,,,,,,,,\n"
      "b,1,2,3,4,laterality,0.25,classical,,,,,,0,1,,,,\n");
  CHECK(table.examined("a"));
  CHECK_FALSE(table.examined("c"));
  CHECK(table.boxes("c").empty());
}

TEST_CASE("five columns are enough; whole numbers may be written with a point") {
  const TagTable table = tags::parse_tags("h,w,y,x,image_id\n4,3.0,2,1,a\n,,,,b\n", "given.csv");
  REQUIRE(table.images() == std::vector<std::string>{"a", "b"});
  REQUIRE(table.boxes("a").size() == 1);
  CHECK(table.boxes("a")[0].box == Rect{1, 2, 3, 4});
  CHECK(table.boxes("a")[0].kind == TagKind::unknown);
  CHECK(table.boxes("a")[0].source == TagSource::given);
  CHECK_FALSE(table.boxes("a")[0].score.has_value());
  CHECK(table.examined("b"));
  CHECK(table.boxes("b").empty());
}

TEST_CASE("tables with and without the letter's confidence are read") {
  const TagTable with = tags::parse_tags("image_id,x,y,w,h,letter,letter_score\na,1,2,3,4,L,0.75\n", "t.csv");
  CHECK(with.boxes("a")[0].letter_score == 0.75);
  const TagTable without = tags::parse_tags("image_id,x,y,w,h,letter\na,1,2,3,4,L\n", "t.csv");
  CHECK(without.boxes("a")[0].letter == "L");
  CHECK_FALSE(without.boxes("a")[0].letter_score.has_value());
  CHECK(error_of([] {
          (void)tags::parse_tags("image_id,x,y,w,h,letter_score\na,1,2,3,4,-0.1\n", "t.csv");
        }).message() == "t.csv:2: letter_score is not from 0 to 1: '-0.1'");
}

TEST_CASE("broken rows are refused by line") {
  CHECK(message_of("a,1,2,3,4,,,,,\na,1,x,3,4,,,,,\n") == "tags.csv:3: y is not a number: 'x'");
  CHECK(message_of("a,1.5,2,3,4,,,,,\n") == "tags.csv:2: x is not a whole number of pixels: '1.5'");
  CHECK(message_of("a,1,2,1e300,4,,,,,\n") == "tags.csv:2: w is not a whole number of pixels: '1e300'");
  CHECK(message_of("a,nan,2,3,4,,,,,\n") == "tags.csv:2: x is not a number: 'nan'");
  CHECK(message_of("a,1,2,-3,4,,,,,\n") == "tags.csv:2: a box of -3 x 4 pixels; w and h must be at least 1");
  CHECK(message_of("a,1,2,3,0,,,,,\n") == "tags.csv:2: a box of 3 x 0 pixels; w and h must be at least 1");
  CHECK(message_of("a,1,2,,4,,,,,\n") == "tags.csv:2: some of x, y, w, h are empty");
  CHECK(message_of(",1,2,3,4,,,,,\n") == "tags.csv:2: image_id is empty");
  CHECK(message_of("a,1,2,3,4,letter,,,,\n") ==
        "tags.csv:2: kind is none of laterality, technologist, text, marker, unknown: 'letter'");
  CHECK(message_of("a,1,2,3,4,,1.5,,,\n") == "tags.csv:2: score is not from 0 to 1: '1.5'");
  CHECK(message_of("a,1,2,3,4,,,me,,\n") ==
        "tags.csv:2: source is none of learned, classical, given, person: 'me'");
  CHECK(message_of("a,1,2,3,4,,,,yes,\n") == "tags.csv:2: ring is neither 0 nor 1: 'yes'");
  CHECK(message_of("a,1,2,3,4,,,,,grey\n") == "tags.csv:2: polarity is none of bright, dark: 'grey'");
  CHECK(message_of("a,1,2,3,4,,,,,\nb,,,,,,,,,\na,,,,,,,,,\n") ==
        "tags.csv:4: image 'a' has boxes in other rows, but this row says it has none");
  CHECK(error_of([] { (void)tags::parse_tags("image_id,x,y,w\na,1,2,3\n", "tags.csv"); }).message() ==
        "tags.csv: no column 'h'");
}

TEST_CASE("boxes are checked against the image they belong to") {
  std::string text = "image_id,x,y,w,h\n";
  for (int i = 0; i < 15; ++i) text += "a,1,1,5,5\n";
  const TagTable table =
      tags::parse_tags(text + "b,510,3,20,4\nc,0,-1,4,4\nd,2,60,4,41\ne,0,0,512,100\n", "tags.csv");
  const auto message = [&](const std::string& id) {
    const Error error = error_of([&] { (void)tags::boxes_of_image(table, id, 512, 100); });
    CHECK(error.code() == ErrorCode::input);
    return error.message();
  };
  CHECK(tags::boxes_of_image(table, "a", 512, 100).size() == 15);
  CHECK(tags::boxes_of_image(table, "e", 512, 100).size() == 1);
  CHECK(message("b") == "tags.csv:17: box outside image (x 510 + w 20 > 512)");
  CHECK(message("c") == "tags.csv:18: box outside image (y -1 < 0)");
  CHECK(message("d") == "tags.csv:19: box outside image (y 60 + h 41 > 100)");
  CHECK(message("f") == "tags.csv: no row for image 'f'");
}
