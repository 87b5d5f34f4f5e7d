// JSON and YAML readers: the same value, places, and every refusal with its line.
#include <random>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/options/document.hpp"

using namespace tagconf;
using namespace tagconf::options;

namespace {

std::string refusal(const std::string& text, Format format) {
  try {
    static_cast<void>(parse_document(text, "f", format));
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
    return error.message();
  }
  return "accepted";
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

}  // namespace

TEST_CASE("JSON keys and values keep their places") {
  const auto document = parse_document(
      "{\n"
      "  \"train\": {\"epochs\": 3,\n"
      "     \"lr\" : [1.5, -2e3, \"a\\\"]b\"] },\n"
      "  \"a/b~c\": true\n"
      "}\n",
      "x.json", Format::json);
  CHECK(document.value.at("train").at("epochs") == 3);
  CHECK(document.at_key("/train") == "x.json:2:3: /train: ");
  CHECK(document.at_value("/train") == "x.json:2:12: /train: ");
  CHECK(document.at_value("/train/epochs") == "x.json:2:23: /train/epochs: ");
  CHECK(document.at_key("/train/lr") == "x.json:3:6: /train/lr: ");
  CHECK(document.at_value("/train/lr/1") == "x.json:3:19: /train/lr/1: ");
  CHECK(document.at_value("/train/lr/2") == "x.json:3:25: /train/lr/2: ");
  CHECK(document.at_value("/a~1b~0c") == "x.json:4:12: /a~1b~0c: ");
  // A key without a place is reported where its section stands.
  CHECK(document.at_key("/train/missing") == "x.json:2:3: /train/missing: ");
}

TEST_CASE("JSON is refused with its line") {
  CHECK(refusal("{\"a\": 1,\n \"a\": 2}", Format::json) ==
        "f:2:2: /a: key 'a' stands twice, first in line 1");
  CHECK(refusal("{\"s\": {\"a\": 1,\n\n \"\\u0061\": 2}}", Format::json) ==
        "f:3:2: /s/a: key 'a' stands twice, first in line 1");
  CHECK(starts_with(refusal("{\n \"a\": tru\n}", Format::json), "f:2:"));
  CHECK(starts_with(refusal("", Format::json), "f:1:1"));
  CHECK(starts_with(refusal("{} x", Format::json), "f:1:4"));
  CHECK(starts_with(refusal("{\"a\": NaN}", Format::json), "f:1:"));
  CHECK(starts_with(refusal("{\"a\": \"\xff\"}", Format::json), "f:1:"));
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  CHECK(refusal(deep, Format::json) == "f:1:66: nested deeper than 64");
  const std::string very_deep = std::string(200000, '[') + std::string(200000, ']');
  CHECK(refusal(very_deep, Format::json) == "f:1:66: nested deeper than 64");
}

TEST_CASE("a byte-order mark does not shift the first line") {
  const auto document = parse_document("\xEF\xBB\xBF{\"a\": 1}", "f", Format::json);
  CHECK(document.at_key("/a") == "f:1:2: /a: ");
}

TEST_CASE("YAML gives the same value as JSON") {
  const auto yaml = parse_document(
      "schema: tagconf.run/1\n"
      "seeds: [1, 2]\n"
      "train:\n"
      "  lr: 1e-3\n"
      "  flip: true\n"
      "  title: \"yes\"\n"
      "  note: 'on'\n"
      "  deep:\n"
      "  - {a: -1}\n"
      "  - ~\n"
      "  big: 18446744073709551615\n"
      "  text: 1_000\n"
      "empty:\n",
      "x.yaml", Format::yaml);
  const auto json = Json::parse(R"({"schema": "tagconf.run/1", "seeds": [1, 2],
    "train": {"lr": 0.001, "flip": true, "title": "yes", "note": "on", "deep": [{"a": -1}, null],
              "big": 18446744073709551615, "text": "1_000"}, "empty": null})");
  CHECK(yaml.value == json);
  CHECK(yaml.value.at("train").at("big").is_number_unsigned());
  CHECK(yaml.at_key("/train/lr") == "x.yaml:4:3: /train/lr: ");
  CHECK(yaml.at_value("/train/lr") == "x.yaml:4:7: /train/lr: ");
  CHECK(yaml.at_value("/seeds/1") == "x.yaml:2:12: /seeds/1: ");
  CHECK(parse_document("", "f", Format::yaml).value.is_null());
}

TEST_CASE("YAML traps are refused with their line") {
  for (const std::string word : {"yes", "No", "ON", "off", "y", "N"}) {
    INFO(word);
    CHECK(starts_with(refusal("a: 1\nb: " + word + "\n", Format::yaml), "f:2:4: unquoted '" + word + "'"));
    CHECK(starts_with(refusal(word + ": 1\n", Format::yaml), "f:1:1: unquoted"));
  }
  for (const std::string word : {"010", "0x1F", "0o17", "-07"}) {
    INFO(word);
    CHECK(refusal("b: " + word + "\n", Format::yaml).find("octal or hexadecimal") != std::string::npos);
  }
  for (const std::string word : {"\"a\\N\"", "\"\\_\""}) {
    INFO(word);
    CHECK(starts_with(refusal("b: " + word + "\n", Format::yaml), "f:1:4: an escape that is not read right"));
  }
  CHECK(refusal("b: \"\\u0085\\u00A0\\L\"\n", Format::yaml) == "accepted");
  CHECK(refusal("b: .inf\n", Format::yaml).find("no finite number") != std::string::npos);
  CHECK(refusal("b: -.INF\n", Format::yaml).find("no finite number") != std::string::npos);
  CHECK(refusal("b: .nan\n", Format::yaml).find("no finite number") != std::string::npos);
  CHECK(starts_with(refusal("a: &x 1\nb: 2\n", Format::yaml), "f:1:4: anchors"));
  CHECK(refusal("a: &x {c: 1}\nb: *x\n", Format::yaml).find("anchors") != std::string::npos);
  CHECK(refusal("a: &x [c]\n", Format::yaml).find("anchors") != std::string::npos);
  CHECK(starts_with(refusal("a: 1\nb: !!int 3\n", Format::yaml), "f:2:4: tags"));
  CHECK(refusal("a: 1\nb:\n  c: 1\n  c: 2\n", Format::yaml) ==
        "f:4:3: /b/c: key 'c' stands twice, first in line 3");
  CHECK(starts_with(refusal("a: 1\n---\nb: 2\n", Format::yaml), "f:"));
  CHECK(refusal("[1]: 2\n", Format::yaml).find("a key must be a word") != std::string::npos);
  CHECK(refusal("{a: 1}: 2\n", Format::yaml).find("a key must be a word") != std::string::npos);
  CHECK(starts_with(refusal("a: [1\n", Format::yaml), "f:"));
  CHECK(refusal("c: 1\na: \"b\n", Format::yaml) == "f:2:4: the quote is never closed");
  CHECK(refusal("a: 'it''s\n", Format::yaml) == "f:1:4: the quote is never closed");
  CHECK(refusal("a: 'it''s'\nb: \"q\\\"\"\n", Format::yaml) == "accepted");
  CHECK(refusal(std::string(100, '[') + std::string(100, ']'), Format::yaml).find("nested deeper") !=
        std::string::npos);
}

TEST_CASE("numbers beyond float64 and bytes that are no UTF-8 are refused in both forms") {
  const std::string large = "1" + std::string(400, '0');
  for (const std::string& number : {large, "-" + large, std::string("1e999"), std::string("+1E999")}) {
    INFO(number);
    CHECK(starts_with(refusal("a: 1\nb: " + number + "\n", Format::yaml), "f:2:4: '"));
    if (number[0] != '+') CHECK(refusal("{\"a\": " + number + "}", Format::json) != "accepted");
  }
  CHECK(parse_document("a: 1e-320\n", "f", Format::yaml).value["a"] == 1e-320);
  CHECK(refusal("a: 1\n\xFF: 2\n", Format::yaml) == "f:2:1: a byte that is no UTF-8 text");
  CHECK(refusal("a: \"b\xC3\"\n", Format::yaml) == "f:1:6: a byte that is no UTF-8 text");
  CHECK(refusal(std::string("a\0:\0 \0b\0", 8), Format::yaml) == "f:1:2: a byte that is no UTF-8 text");
}

TEST_CASE("quoted words and dates stay text") {
  const auto document = parse_document("a: \"010\"\nb: 2022-01-02\nc: 'null'\nd: 1.5.2\n", "f", Format::yaml);
  CHECK(document.value == Json::parse(R"({"a": "010", "b": "2022-01-02", "c": "null", "d": "1.5.2"})"));
}

TEST_CASE("damaged text never crashes a reader") {
  const std::string good = "{\"a\": [1, {\"b\": \"c\\u00e9\"}, true], \"d\": -1.5e3}";
  std::mt19937 draw(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (int edits = 0; edits < 1 + round % 4; ++edits) {
      text[draw() % text.size()] = static_cast<char>(draw() % 256);
    }
    if (round % 3 == 0) text.resize(draw() % text.size());
    for (const auto format : {Format::json, Format::yaml}) {
      try {
        static_cast<void>(parse_document(text, "f", format));
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::config);
      }
    }
  }
}

TEST_CASE("an override replaces a value and is named as its source") {
  auto document = parse_document("{\"train\": {\"epochs\": 3}, \"n\": 1}", "f", Format::json);
  document.override_value("/train/epochs", 5, "--set train.epochs=5");
  document.override_value("/mask/pad", 6, "--set mask.pad=6");
  CHECK(document.value == Json::parse(R"({"train": {"epochs": 5}, "n": 1, "mask": {"pad": 6}})"));
  CHECK(document.at_value("/train/epochs") == "--set train.epochs=5: /train/epochs: ");
  CHECK(document.at_key("/mask/pad") == "--set mask.pad=6: /mask/pad: ");
  CHECK_THROWS_AS(document.override_value("/n/x", 1, "--set n.x=1"), Error);
}

TEST_CASE("the file name tells the format, and a missing file is a config error") {
  const test::ScratchFolder scratch;
  write_text(scratch / "a.yml", "a: 1\n");
  write_text(scratch / "a.json", "{\"a\": 1}\n");
  CHECK(load_document(scratch / "a.yml").value == load_document(scratch / "a.json").value);
  try {
    static_cast<void>(load_document(scratch / "none.json"));
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
  }
}
