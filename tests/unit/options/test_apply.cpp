// Options from documents and flags, and the pages made of them.
#include <stdexcept>

#include "catch.hpp"
#include "sample_options.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"
#include "tagconf/options/manual.hpp"
#include "tagconf/options/suggest.hpp"

using namespace tagconf;
using namespace tagconf::options;

namespace {

std::string refusal(const std::string& json, const std::string& pointer = "") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  try {
    apply_section(fields, parse_document(json, "f", Format::json), pointer);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::config);
    return error.message();
  }
  return "accepted";
}

Json from_flag(const std::string& key, const std::vector<std::string>& texts) {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  const auto* field = find_field(fields, key);
  REQUIRE(field != nullptr);
  field->set(flag_value(*field, texts));
  return field->get();
}

}  // namespace

TEST_CASE("a section sets what it names and leaves the defaults") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  const auto document = parse_document(
      R"({"s": {"pad": 6, "paint": "white", "rate": 1, "flip": false, "paints": ["white", "black"],
          "sizes": [1, 9], "labels": {"Normal": "0"}, "limit": 2.5, "shift": -3}})",
      "f", Format::json);
  apply_section(fields, document, "/s");
  CHECK(sample.pad == 6);
  CHECK(sample.paint == test::Paint::white);
  CHECK(sample.rate == 1.0);
  CHECK_FALSE(sample.flip);
  CHECK(sample.paints == std::vector{test::Paint::white, test::Paint::black});
  CHECK(sample.sizes == std::vector{1, 9});
  CHECK(sample.labels.at("Normal") == "0");
  CHECK(sample.limit == 2.5);
  CHECK(sample.shift == -3);
  CHECK(sample.title == "a");
  apply_section(fields, document, "/none");
  apply_section(fields, parse_document(R"({"s": null})", "f", Format::json), "/s");
  CHECK(sample.pad == 6);
}

TEST_CASE("every kind of bad key or value is refused with place, pointer and what was expected") {
  CHECK(refusal("{\n\"pda\": 3}") == "f:2:1: /pda: unknown key 'pda' (did you mean 'pad'?)");
  CHECK(refusal(R"({"s": {"x_ray": 3}})", "/s") == "f:1:8: /s/x_ray: unknown key 'x_ray'");
  CHECK(refusal(R"({"pad": 3.7})") == "f:1:9: /pad: expected an integer from 0 to 64, found 3.7");
  CHECK(refusal(R"({"pad": true})") == "f:1:9: /pad: expected an integer from 0 to 64, found true");
  CHECK(refusal(R"({"pad": 65})") == "f:1:9: /pad: expected an integer from 0 to 64, found 65");
  CHECK(refusal(R"({"pad": -1})") == "f:1:9: /pad: expected an integer from 0 to 64, found -1");
  CHECK(refusal(R"({"pad": "4"})") == "f:1:9: /pad: expected an integer from 0 to 64, found \"4\"");
  CHECK(refusal(R"({"pad": 99999999999})").find("expected an integer from 0 to 64") != std::string::npos);
  CHECK(refusal(R"({"pad": null})").find("found null") != std::string::npos);
  CHECK(refusal(R"({"flip": 1})") == "f:1:10: /flip: expected true or false, found 1");
  CHECK(refusal(R"({"paint": "blak"})") == "f:1:11: /paint: expected one of black, white, found \"blak\"");
  CHECK(refusal(R"({"rate": "1"})") == "f:1:10: /rate: expected a number from 0 to 1, found \"1\"");
  CHECK(refusal(R"({"rate": 1.01})") == "f:1:10: /rate: expected a number from 0 to 1, found 1.01");
  CHECK(refusal(R"({"title": 3})") == "f:1:11: /title: expected a text, found 3");
  CHECK(refusal(R"({"paints": "white"})") == "f:1:12: /paints: expected a list, found \"white\"");
  CHECK(refusal(R"({"sizes": [0]})") == "f:1:11: /sizes: expected an integer from 1 to 9, found 0");
  CHECK(refusal(R"({"labels": {"a": 1}})").find("expected a text for 'a', found 1") != std::string::npos);
  CHECK(refusal(R"({"seed": 3})").find("set by it") != std::string::npos);
  CHECK(refusal("[]") == "f:1:1: expected an object with keys and values");
}

TEST_CASE("per-instance fields may be set where that is allowed") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  apply_section(fields, parse_document(R"({"seed": 7})", "f", Format::json), "", {.wiring = true});
  CHECK(sample.seed == 7);
}

TEST_CASE("flags are read by the kind of their field") {
  CHECK(from_flag("pad", {"6"}) == 6);
  CHECK(from_flag("pad", {"5", "6"}) == 6);
  CHECK(from_flag("rate", {"1"}) == 1.0);
  CHECK(from_flag("rate", {"2.5e-1"}) == 0.25);
  CHECK(from_flag("paint", {"white"}) == "white");
  CHECK(from_flag("flip", {"false"}) == false);
  CHECK(from_flag("title", {"3"}) == "3");
  CHECK(from_flag("paints", {"white,black"}) == Json::parse(R"(["white", "black"])"));
  CHECK(from_flag("paints", {"white", "black"}) == Json::parse(R"(["white", "black"])"));
  CHECK(from_flag("paints", {""}) == Json::array());
  CHECK(from_flag("sizes", {"1,2", "3"}) == Json::parse("[1, 2, 3]"));
  CHECK(from_flag("sizes", {"[4]"}) == Json::parse("[4]"));
  CHECK(from_flag("labels", {"a=b,c=d=e"}) == Json::parse(R"({"a": "b", "c": "d=e"})"));
  CHECK(from_flag("labels", {"{\"a,b\": \"1\"}", "c=0"}) == Json::parse(R"({"a,b": "1", "c": "0"})"));
  CHECK(from_flag("limit", {"3.5"}) == 3.5);
  CHECK(from_flag("limit", {"none"}).is_null());
  CHECK(from_flag("shift", {"-12"}) == -12);
  CHECK(from_flag("seed", {"18446744073709551615"}) == 18446744073709551615ULL);
}

TEST_CASE("a flag's text that does not fit is told as it was written") {
  for (const auto& [key, text] : std::map<std::string, std::string>{{"pad", "x"},
                                                                    {"pad", "3.5"},
                                                                    {"rate", "nan"},
                                                                    {"rate", "1e999"},
                                                                    {"flip", "1"},
                                                                    {"paint", "red"},
                                                                    {"sizes", "1,x"},
                                                                    {"labels", "a"},
                                                                    {"seed", "-1"}}) {
    INFO(key << " " << text);
    CHECK_THROWS_AS(from_flag(key, {text}), std::invalid_argument);
  }
}

TEST_CASE("flag names are the keys with dashes") {
  CHECK(flag_name("valid_fraction") == "--valid-fraction");
}

TEST_CASE("hashed values leave out what cannot change a result") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  CHECK(all_values(fields).contains("threads"));
  CHECK_FALSE(hashed_values(fields).contains("threads"));
  CHECK(hashed_values(fields).contains("seed"));
}

TEST_CASE("the schema of a field says type, range, choices and default") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  const Json schema = schema_of(fields);
  CHECK(schema.at("additionalProperties") == false);
  const Json& properties = schema.at("properties");
  CHECK_FALSE(properties.contains("seed"));
  CHECK(properties.at("pad") == Json::parse(R"({"type": "integer", "minimum": 0, "maximum": 64, "default": 4,
    "description": "pixels added on every side"})"));
  CHECK(properties.at("paint").at("enum") == Json::parse(R"(["black", "white"])"));
  CHECK(properties.at("limit").at("type") == Json::parse(R"(["number", "null"])"));
  CHECK(properties.at("paints").at("items").at("enum") == Json::parse(R"(["black", "white"])"));
  CHECK(properties.at("sizes").at("items").at("maximum") == 9);
  CHECK(properties.at("labels").at("additionalProperties").at("type") == "string");
}

TEST_CASE("the reference table names every field") {
  test::SampleOptions sample;
  const auto fields = bind(sample);
  const std::string table = reference_table(fields);
  CHECK(table.find("| `pad` | 0..64 | `4` | pixels added on every side |\n") != std::string::npos);
  CHECK(table.find("| `paint` | black\\|white | `black` | grey painted over |\n") != std::string::npos);
  CHECK(table.find("| `threads` | INT | `0` | worker threads, 0 = all (cannot change a result) |") !=
        std::string::npos);
  CHECK(table.find("set per instance in a run") != std::string::npos);
}

TEST_CASE("edit distance, against counts made by hand") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("pda", "pad") == 1);
  CHECK(edit_distance("ca", "abc") == 3);  // optimal string alignment; unrestricted Damerau gives 2
  CHECK(edit_distance("epcohs", "epochs") == 1);
  CHECK(edit_distance("abcdef", "abcdef") == 0);
}

TEST_CASE("only a near name is suggested") {
  const std::vector<std::string> names{"pad", "paint", "rate", "valid_fraction"};
  CHECK(nearest("pda", names) == "pad");
  CHECK(nearest("valid_fractoin", names) == "valid_fraction");
  CHECK(nearest("zzz", names) == std::nullopt);
  CHECK(nearest("x", {"y"}) == std::nullopt);
  CHECK(did_you_mean("rat", names) == " (did you mean 'rate'?)");
  CHECK(did_you_mean("qqqq", names).empty());
}
