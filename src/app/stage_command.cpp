#include "stage_command.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "failure.hpp"
#include "output_lock.hpp"
#include "signals.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory.hpp"
#include "tagconf/options/apply.hpp"
#include "temporary_folder.hpp"

namespace tagconf::app {
namespace fs = std::filesystem;
namespace {

std::string port_flag(const std::string& port) {
  return options::flag_name(port);
}

std::string path_form(const stage::InputPort& port) {
  return port.many ? "[NAME=]PATH" : "PATH";
}

// NAME=PATH, where NAME is a word before the first '=' and no path itself.
stage::NamedPath named_path(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == std::string::npos || equals == 0 || word.find('/') < equals) return {"", word};
  return {word.substr(0, equals), word.substr(equals + 1)};
}

void add_input(stage::StageIo& io, const stage::InputPort& port, const std::vector<std::string>& words) {
  if (!port.many && words.size() > 1) {
    throw Error(ErrorCode::usage,
                "input '" + port.name + "' takes one path, " + std::to_string(words.size()) + " were given");
  }
  for (const auto& word : words) {
    if (word.empty()) throw Error(ErrorCode::usage, "input '" + port.name + "' is an empty path");
    io.inputs[port.name].push_back(port.many ? named_path(word) : stage::NamedPath{"", word});
  }
}

// The words that each port gets: all for a first port that takes many, else one each in order.
std::vector<std::vector<std::string>> words_by_port(const stage::StageInfo& info,
                                                    const std::vector<std::string>& words) {
  std::vector<std::vector<std::string>> out(info.inputs.size());
  if (info.inputs.empty()) return out;
  if (info.inputs.front().many) {
    out.front() = words;
    return out;
  }
  std::size_t next = 0;
  for (std::size_t i = 0; i < info.inputs.size() && next < words.size(); ++i) {
    if (i == 0 || info.inputs[i].word) out[i] = {words[next++]};
  }
  return out;
}

stage::StageIo read_inputs(const stage::StageInfo& info, const CommandLine& line) {
  stage::StageIo io;
  const auto words = words_by_port(info, line.words());
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    const auto& port = info.inputs[i];
    add_input(io, port, words[i]);
    add_input(io, port, line.texts(port_flag(port.name)));
    if (port.required && !io.has(port.name)) {
      const std::string how =
          i == 0 || port.word ? "give it as a word: " : "give it as " + port_flag(port.name) + " PATH: ";
      throw Error(ErrorCode::usage, "input '" + port.name + "' is missing", how + port.help);
    }
  }
  return io;
}

// Where the outputs go, and what must be removed when the stage fails.
class OutputFolder {
 public:
  OutputFolder(const stage::StageInfo& info, const std::string& out) {
    if (info.outputs.empty()) return;
    if (out.empty()) {
      if (!info.answers) {
        throw Error(ErrorCode::usage, "--out is missing",
                    info.outputs.size() == 1 ? "give --out PATH for " + info.outputs.front().help
                                             : "give --out FOLDER for its outputs");
      }
      scratch_.emplace();
    }
    root_ = scratch_ ? scratch_->path() : fs::path(out);
    const bool into_folder =
        info.outputs.size() > 1 || scratch_.has_value() || out.back() == '/' || is_folder(root_);
    folder_ = into_folder ? root_ : root_.parent_path();
    for (const auto& port : info.outputs) paths_[port.name] = into_folder ? root_ / port.file : root_;
    if (into_folder && fs::exists(root_) && !fs::is_directory(root_)) {
      throw Error(ErrorCode::usage, "--out " + out + " is a file, expected a folder",
                  info.name + " writes " + std::to_string(info.outputs.size()) + " outputs");
    }
    remember();
    if (!folder_.empty()) make_folder(folder_);
    if (!scratch_) lock();
  }
  ~OutputFolder() {
    if (!kept_) {
      for (const auto& path : made_) remove_quietly(path);
    }
  }
  OutputFolder(const OutputFolder&) = delete;
  OutputFolder& operator=(const OutputFolder&) = delete;

  [[nodiscard]] const std::map<std::string, fs::path>& paths() const { return paths_; }
  [[nodiscard]] bool is_scratch() const { return scratch_.has_value(); }
  void keep() { kept_ = true; }

  // Beside them: --out with ".skipped.csv" behind it.
  [[nodiscard]] fs::path refused() const {
    fs::path place = fs::weakly_canonical(root_.has_filename() ? root_ : root_.parent_path());
    place += ".skipped.csv";
    return place;
  }
  // Checkpoints of a run that was stopped wait beside the outputs under a name that depends on everything
  // that the stage works from.
  [[nodiscard]] fs::path checkpoint(const std::string& signature) const {
    return folder_ / (".tagconf-partial-" + signature.substr(0, 16));
  }

 private:
  static bool is_folder(const fs::path& path) {
    std::error_code error;
    return fs::is_directory(path, error);
  }
  static void remove_quietly(const fs::path& path) {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  // What does not exist yet is ours to remove: outputs, and folders above them that we have to make.
  void remember() {
    std::error_code error;
    for (const auto& [port, path] : paths_) {
      if (!fs::exists(path, error)) made_.push_back(path);
    }
    for (fs::path above = folder_; !above.empty() && !fs::exists(above, error); above = above.parent_path()) {
      made_.push_back(above);
    }
  }

  void lock() {
    std::vector<fs::path> outputs;
    for (const auto& [port, path] : paths_) outputs.push_back(path);
    lock_.emplace(folder_.empty() ? fs::path(".") : folder_, outputs);
  }

  fs::path root_;  // --out
  fs::path folder_;
  std::optional<TemporaryFolder> scratch_;
  std::optional<OutputLock> lock_;
  std::map<std::string, fs::path> paths_;
  std::vector<fs::path> made_;
  bool kept_ = false;
};

// Paths, sizes and times stand for contents here: reading gigabytes to name a folder would be too dear.
std::string signature_of(const stage::StageInfo& info, const stage::Stage::Options& options,
                         const stage::StageIo& io) {
  Json inputs = Json::object();
  for (const auto& [port, files] : io.inputs) {
    for (const auto& file : files) {
      std::error_code error;
      const fs::path path = fs::weakly_canonical(file.path, error);
      const bool regular = fs::is_regular_file(path, error);
      inputs[port].push_back({file.name, path.string(), regular ? fs::file_size(path, error) : 0,
                              fs::last_write_time(path, error).time_since_epoch().count()});
    }
  }
  return sha256_hex(canonical_json({{"stage", info.name},
                                    {"version", info.version},
                                    {"options", options::hashed_values(options.fields)},
                                    {"inputs", inputs}}));
}

std::string summary_text(const stage::Summary& summary) {
  if (summary.contains("text") && summary.at("text").is_string()) {
    const auto text = summary.at("text").get<std::string>();
    return text.empty() || text.back() == '\n' ? text : text + "\n";
  }
  std::string out;
  for (const auto& [key, value] : summary.items()) {
    if (key == "exit") continue;
    out += key + ": " + (value.is_string() ? value.get<std::string>() : canonical_json(value)) + "\n";
  }
  return out;
}

std::string result_json(const stage::StageInfo& info, const stage::Summary& summary,
                        const OutputFolder& out) {
  if (!info.json_output.empty()) return read_text(out.paths().at(info.json_output));
  Json outputs = Json::object();
  std::error_code error;
  for (const auto& [port, path] : out.paths()) {
    if (!out.is_scratch() && fs::exists(path, error)) outputs[port] = path.string();
  }
  return canonical_json({{"stage", info.name}, {"summary", summary}, {"outputs", outputs}}) + "\n";
}

void set_options(const std::vector<options::BoundField>& fields, const CommandLine& line) {
  if (line.has("--options")) {
    options::apply_section(fields, options::load_document(line.text("--options")), "", {.wiring = true});
  }
  apply_flags(line, fields);
}

// One number of threads and one device: where a stage declares them itself, the flag went to its own option.
stage::Context make_context(const CommonOptions& common, const std::vector<options::BoundField>& fields,
                            stage::Progress& progress) {
  stage::Context context;
  context.stop_requested = stop_requested;
  context.progress = &progress;
  context.threads = common.threads;
  context.device = common.device;
  context.memory = available_memory();
  if (const auto* own = options::find_field(fields, "threads");
      own != nullptr && own->get().is_number_integer()) {
    context.threads = own->get().get<int>();
  }
  return context;
}

void remove_checkpoint(const fs::path& folder) {
  std::error_code ignored;
  if (!folder.empty()) fs::remove_all(folder, ignored);
}

// Called while an exception is in flight: did the stage leave something that it can go on from?
bool keeps_checkpoint(const fs::path& folder) {
  std::error_code ignored;
  return stage::keeps_checkpoint(as_error(std::current_exception()).code()) &&
         fs::is_directory(folder, ignored) && !fs::is_empty(folder, ignored);
}

}  // namespace

CommandLine stage_command_line(const stage::Stage& stage) {
  const auto& info = stage.info;
  CommandLine line(info.name, info.summary);
  for (const auto& example : info.examples) line.example(example);
  for (std::size_t i = 0; i < info.inputs.size(); ++i) {
    const auto& port = info.inputs[i];
    if (i == 0) {
      line.words(port.many ? "[name=]path" : port.name, port.help, port.many);
      continue;
    }
    if (port.word) {
      line.further_word(port.name, port.help + (port.required ? "" : " (optional)"));
      continue;
    }
    line.flag({.name = port_flag(port.name),
               .form = path_form(port),
               .help = port.help + (port.required ? "" : " (optional)"),
               .required = port.required,
               .group = "inputs"});
  }
  const std::string place = info.outputs.size() == 1 ? "outputs (--out names the file or its folder)"
                                                     : "outputs (in the folder that --out names)";
  for (const auto& port : info.outputs) line.note(place, port.file + "\t" + port.help);
  if (!info.outputs.empty()) {
    line.flag({.name = "--out",
               .form = "PATH",
               .help = info.answers ? "where the outputs go; without it only the answer is printed"
                                    : "where the outputs go",
               .required = !info.answers,
               .group = place});
  }
  line.fields(stage.make_options().fields, "options");
  line.flag({.name = "--options",
             .form = "FILE",
             .help = "read options from a JSON or YAML file; flags win",
             .group = "common flags"});
  add_common_flags(line);
  return line;
}

int stage_command(const stage::Stage& stage, const std::vector<std::string>& arguments) {
  CommandLine line = stage_command_line(stage);
  line.parse(arguments);
  if (line.wants_help()) {
    print(line.help());
    return 0;
  }
  const CommonOptions common = read_common_flags(line);
  const auto options = stage.make_options();
  set_options(options.fields, line);
  stage::StageIo io = read_inputs(stage.info, line);
  OutputFolder out(stage.info, line.text("--out"));
  io.outputs = out.paths();
  if (!out.is_scratch() && !io.outputs.empty()) {
    io.partial = out.checkpoint(signature_of(stage.info, options, io));
    io.refused = out.refused();
  }
  stage::Summary summary;
  try {
    const auto progress = make_progress(common, stage.info.name);
    summary = stage.run(options, io, make_context(common, options.fields, *progress));
  } catch (...) {
    if (keeps_checkpoint(io.partial)) {
      out.keep();
    } else {
      remove_checkpoint(io.partial);
    }
    throw;
  }
  remove_checkpoint(io.partial);
  out.keep();
  print(common.json ? result_json(stage.info, summary, out) : summary_text(summary));
  return summary.value("exit", 0);
}

}  // namespace tagconf::app
