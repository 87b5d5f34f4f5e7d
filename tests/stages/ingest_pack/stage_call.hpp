// Calls a stage as the command line does: options by key, ports by path.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::test {

class CountingProgress : public stage::Progress {
 public:
  void update(std::size_t done, std::size_t total, const std::string& unit, const std::string&) override {
    ++calls;
    last = std::max(last, done);
    CHECK(done <= total);
    CHECK_FALSE(unit.empty());
  }
  std::size_t calls = 0;
  std::size_t last = 0;
};

struct StageCall {
  stage::Stage stage;
  std::map<std::string, std::filesystem::path> inputs;
  std::filesystem::path out;
  std::map<std::string, Json> options;
  CountingProgress progress;
  std::filesystem::path partial{};
  std::function<bool()> stop_requested = [] { return false; };
  std::optional<std::uint64_t> memory{};

  stage::Summary run() {
    stage::StageIo io;
    io.partial = partial;
    io.refused = out.string() + ".skipped.csv";
    for (const auto& [port, path] : inputs) io.inputs[port] = {{"", path}};
    for (const auto& port : stage.info.outputs) io.outputs[port.name] = out / port.file;
    const auto set = stage.make_options();
    for (const auto& [key, value] : options) {
      bool known = false;
      for (const auto& field : set.fields) {
        if (field.key != key) continue;
        field.set(value);
        known = true;
      }
      if (!known) throw std::invalid_argument("no option " + key);
    }
    stage::Context context;
    context.stop_requested = stop_requested;
    context.progress = &progress;
    context.threads = 2;
    context.memory = memory;
    return stage.run(set, io, context);
  }

  Error failure() {
    try {
      (void)run();
    } catch (const Error& error) {
      return error;
    }
    return Error(ErrorCode::bug, "no error");
  }
};

}  // namespace tagconf::test
