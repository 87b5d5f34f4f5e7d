// The container against files whose acceptance was settled outside tagconf, and against itself.
#include <array>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/nn/safetensors.hpp"

using namespace tagconf;
using namespace tagconf::nn;

namespace {

template <class T>
TensorView view(const std::string& name, Element element, std::vector<std::int64_t> shape,
                const std::vector<T>& values) {
  return {name, element, std::move(shape), std::as_bytes(std::span(values))};
}

}  // namespace

TEST_CASE("well-formed files are accepted and malformed ones refused by name") {
  const auto folder = test::source_folder() / "tests/oracle/data/safetensors";
  const Json cases = parse_json(read_text(folder / "expected.json"), "expected.json");
  REQUIRE(cases.size() == 48);
  for (const Json& item : cases) {
    const auto path = folder / item["file"].get<std::string>();
    INFO(path.filename().string() << ": " << item["why"].get<std::string>());
    if (item["expect"] == "accept") {
      CHECK_NOTHROW(Safetensors::read(path));
      continue;
    }
    try {
      (void)Safetensors::read(path);
      FAIL("accepted");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::input);
      CHECK(error.message().rfind(path.string(), 0) == 0);
    }
  }
}

TEST_CASE("a file of torch.save is called what it is") {
  const auto path = test::source_folder() / "tests/oracle/data/safetensors/pickle.safetensors";
  try {
    (void)Safetensors::read(path);
    FAIL("accepted");
  } catch (const Error& error) {
    CHECK(error.hint().find("convert_weights.py") != std::string::npos);
  }
}

TEST_CASE("values, shapes and metadata are read as they stand") {
  const auto folder = test::source_folder() / "tests/oracle/data/safetensors";
  const auto file = Safetensors::read(folder / "ok_metadata.safetensors");
  CHECK(file.metadata().at("format") == "pt");
  const TensorView* w = file.find("w");
  REQUIRE(w != nullptr);
  CHECK(w->element == Element::f32);
  CHECK(w->shape == std::vector<std::int64_t>{2, 3});
  std::array<float, 6> values{};
  std::memcpy(values.data(), w->bytes.data(), sizeof values);
  CHECK(values == std::array<float, 6>{0, 1, 2, 3, 4, 5});
  CHECK(file.find("none") == nullptr);
  CHECK(Safetensors::read(folder / "ok_escaped_key.safetensors").find("w") != nullptr);
  CHECK(Safetensors::read(folder / "ok_scalar.safetensors").find("s")->shape.empty());
}

TEST_CASE("what is written reads back, the same bytes in any order") {
  test::ScratchFolder scratch;
  const std::vector<float> floats{1.5F, -2.0F, 3.25F};
  const std::vector<std::int64_t> count{7};
  const std::vector<std::uint8_t> odd{1, 2, 3};
  const std::array tensors{view("b.weight", Element::f32, {3}, floats),
                           view("a.count", Element::i64, {}, count), view("mask", Element::u8, {3, 1}, odd)};
  const std::array reversed{tensors[2], tensors[1], tensors[0]};
  const Metadata metadata{{"arm", "covered"}, {"note", "caf\xc3\xa9 \"x\""}};
  write_safetensors(scratch / "a.safetensors", tensors, metadata);
  write_safetensors(scratch / "b.safetensors", reversed, metadata);
  CHECK(read_bytes(scratch / "a.safetensors") == read_bytes(scratch / "b.safetensors"));
  const auto file = Safetensors::read(scratch / "a.safetensors");
  CHECK(file.metadata() == metadata);
  REQUIRE(file.tensors().size() == 3);
  CHECK(file.find("mask")->shape == std::vector<std::int64_t>{3, 1});
  float last = 0;
  std::memcpy(&last, file.find("b.weight")->bytes.data() + 8, 4);
  CHECK(last == 3.25F);
  std::int64_t seven = 0;
  std::memcpy(&seven, file.find("a.count")->bytes.data(), 8);
  CHECK(seven == 7);
}
