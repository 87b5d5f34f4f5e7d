// docs: the schema and the reference page, generated from the declarations of options and ports.
#include <filesystem>
#include <string_view>

#include "commands.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/pipeline/study.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;

CommandLine docs_line() {
  CommandLine line("docs", "write or check schema.json and REFERENCE.md");
  line.example("tagconf docs --out configs");
  line.example("tagconf docs --check configs");
  line.flag({.name = "--out", .form = "FOLDER", .help = "write both files there", .group = "docs"});
  line.flag({.name = "--check",
             .form = "FOLDER",
             .help = "exit 3 when the files there are not what would be written",
             .group = "docs"});
  add_common_flags(line);
  return line;
}

namespace {

constexpr const char* kCommonHeading = "\ncommon flags\n";

// The reference of keys, stages and ports, then every command's own help; the flags that all have stand there
// once.
std::string reference(const stage::Registry& registry) {
  std::string out = pipeline::study_reference(registry);
  std::string common;
  for (const auto& command : commands()) {
    const std::string help = command.line().help();
    const auto cut = help.find(kCommonHeading);
    common = help.substr(cut + std::string_view(kCommonHeading).size());
    out += "\n## tagconf " + command.name + "\n\n```\n" + help.substr(0, cut) + "```\n";
  }
  return out + "\n## Flags of every command\n\n```\n" + common + "```\n";
}

}  // namespace

int docs_command(const Call& call) {
  auto line = docs_line();
  line.parse(call.arguments);
  if (line.wants_help()) return print_help(line);
  static_cast<void>(read_common_flags(line));
  if (line.has("--out") == line.has("--check")) {
    throw Error(ErrorCode::usage, "give either --out or --check", "for example tagconf docs --out configs");
  }
  // Pages that depend on how the program was built would drift.
  if (!call.registry.absent.empty()) call.registry.fail_absent(call.registry.absent.front());
  const fs::path folder = line.has("--out") ? line.text("--out") : line.text("--check");
  for (const auto& [name, text] :
       {std::pair{"schema.json", pretty_json(pipeline::study_schema(call.registry))},
        std::pair{"REFERENCE.md", reference(call.registry)}}) {
    const fs::path path = folder / name;
    if (line.has("--out")) {
      write_text(path, text);
    } else if (!fs::exists(path) || read_text(path) != text) {
      throw_config(path.string() + " is not what the program's declarations say",
                   "run tagconf docs --out " + folder.string());
    }
  }
  return 0;
}

}  // namespace tagconf::app
