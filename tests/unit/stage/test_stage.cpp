// StageIo, make_stage and the registry.
#include "catch.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/stage/registry.hpp"

using namespace tagconf;
using namespace tagconf::stage;

namespace {

struct CountOptions {
  int start = 1;

  template <class Visitor>
  void describe(Visitor& v) {
    v(options::within(options::field<int>("start", "first number"), 0, 9), start);
  }
};

Summary count(const CountOptions& options, const StageIo& io, const Context&) {
  return {{"sum", options.start + static_cast<int>(io.many("numbers").size())}};
}

Stage counter() {
  return make_stage<CountOptions>({.name = "count",
                                   .summary = "counts",
                                   .inputs = {{"numbers", "files", false, true}},
                                   .outputs = {{"total", "total.json", "the sum"}},
                                   .examples = {}},
                                  count);
}

ErrorCode code_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode{};
}

}  // namespace

TEST_CASE("StageIo answers for ports") {
  StageIo io;
  io.inputs["one"] = {{"", "a.csv"}};
  io.inputs["many"] = {{"x", "b.csv"}, {"y", "c.csv"}};
  io.inputs["none"] = {};
  io.outputs["out"] = "o.csv";
  CHECK(io.has("one"));
  CHECK_FALSE(io.has("none"));
  CHECK_FALSE(io.has("other"));
  CHECK(io.input("one") == "a.csv");
  CHECK(io.many("many").size() == 2);
  CHECK(io.many("other").empty());
  CHECK(io.output("out") == "o.csv");
  CHECK(code_of([&] { static_cast<void>(io.input("none")); }) == ErrorCode::usage);
  CHECK(code_of([&] { static_cast<void>(io.output("none")); }) == ErrorCode::bug);
}

TEST_CASE("a stage made of a struct and a function runs with the values that were set") {
  const Stage stage = counter();
  const auto options = stage.make_options();
  options.fields.at(0).set(5);
  StageIo io;
  io.inputs["numbers"] = {{"", "a"}, {"", "b"}};
  CHECK(stage.run(options, io, {}).at("sum") == 7);
  CHECK(stage.run(stage.make_options(), io, {}).at("sum") == 3);
}

TEST_CASE("the registry tells unknown from absent stages") {
  Registry registry;
  registry.stages = {counter()};
  registry.absent = {"train"};
  registry.absent_reason = "this build has no LibTorch";
  CHECK(registry.find("count") != nullptr);
  CHECK(registry.find("train") == nullptr);
  CHECK(registry.is_absent("train"));
  CHECK(code_of([&] { static_cast<void>(registry.require("train")); }) == ErrorCode::environment);
  CHECK(code_of([&] { static_cast<void>(registry.require("cuont")); }) == ErrorCode::usage);
  try {
    static_cast<void>(registry.require("cuont"));
  } catch (const Error& error) {
    CHECK(error.message() == "no stage 'cuont' (did you mean 'count'?)");
  }
  CHECK(find_input(counter().info, "numbers")->many);
  CHECK(find_input(counter().info, "total") == nullptr);
  CHECK(find_output(counter().info, "total")->file == "total.json");
}
