#include "tagconf/pipeline/study.hpp"

#include <algorithm>
#include <set>

#include "study_options.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
using options::Document;
using options::pointer_step;

namespace {

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> out;
  std::size_t start = 0;
  while (true) {
    const auto end = text.find(separator, start);
    out.push_back(text.substr(start, end - start));
    if (end == std::string::npos) return out;
    start = end + 1;
  }
}

Json words_as_json(const std::string& text) {
  return Json::accept(text) ? Json::parse(text) : Json(text);
}

// The value of "--set train.epochs=3": by the kind of the option it sets.
Json override_value(const stage::Registry& registry, const std::vector<std::string>& steps,
                    const std::string& text) {
  const std::vector<std::string> texts{text};
  if (steps.size() == 1) {
    StudyOptions top;
    const auto fields = options::bind(top);
    if (const auto* field = options::find_field(fields, steps[0])) return options::flag_value(*field, texts);
    return words_as_json(text);
  }
  if (steps[1] == "inputs") {
    // Relative to where the command was typed, unlike the file's own paths.
    if (steps.size() == 3) return fs::absolute(text).lexically_normal().string();
    return words_as_json(text);
  }
  const auto* stage = registry.find(steps[0]);
  if (stage == nullptr || steps.size() > 2) return text;
  const auto handle = stage->make_options();
  if (const auto* field = options::find_field(handle.fields, steps[1]))
    return options::flag_value(*field, texts);
  return text;
}

void apply_overrides(Document& document, const stage::Registry& registry,
                     const std::vector<std::string>& overrides) {
  for (const auto& text : overrides) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Error(ErrorCode::usage, "--set " + text + ": expected key=value",
                  "for example --set train.epochs=3");
    }
    const auto steps = split(text.substr(0, equals), '.');
    std::string pointer;
    for (const auto& step : steps) {
      if (step.empty()) {
        throw Error(ErrorCode::usage, "--set " + text + ": an empty part in the key",
                    "for example --set train.epochs=3");
      }
      pointer += pointer_step(step);
    }
    document.override_value(pointer, override_value(registry, steps, text.substr(equals + 1)),
                            "--set " + text);
  }
}

// Is the value at the pointer `false`, or is it missing?
bool is_false(const Document& document, const std::string& key) {
  return document.value.contains(key) && document.value.at(key).is_boolean() &&
         !document.value.at(key).get<bool>();
}

class Reader {
 public:
  Reader(const Document& document, const stage::Registry& registry, fs::path folder)
      : document_(document), registry_(registry), folder_(std::move(folder)) {}

  Study read(const std::string& default_name) {
    if (!document_.value.is_object()) {
      throw_config(document_.at_value("") + "expected an object with keys and values",
                   "see configs/ for examples");
    }
    StudyOptions top;
    const auto fields = options::bind(top);
    std::vector<std::string> stages;
    for (const auto& name : study_stages()) {
      if (registry_.find(name) != nullptr || registry_.is_absent(name)) stages.push_back(name);
    }
    options::apply_section(fields, document_, "", {.also = stages});
    if (top.name.empty()) top.name = default_name;
    check_top(top);
    study_.name = top.name;
    study_.description = top.description;
    study_.runs = top.runs;
    study_.cache = top.cache;
    study_.arms = top.arms;
    study_.test_arms = top.test_arms;
    study_.seeds = top.seeds;
    study_.resolved = options::all_values(fields);
    for (const auto& name : stages) read_section(name);
    check_sources();
    return std::move(study_);
  }

 private:
  [[noreturn]] void fail(const std::string& pointer, const std::string& message,
                         const std::string& hint) const {
    throw_config(document_.at_value(pointer) + message, hint);
  }

  void check_top(const StudyOptions& top) const {
    if (top.schema != kStudySchema) {
      fail("/schema",
           top.schema.empty() ? "key 'schema' is missing" : "schema '" + top.schema + "' is not known",
           std::string("write \"schema\": \"") + kStudySchema + "\"");
    }
    const bool plain = !top.name.empty() && top.name.front() != '.' &&
                       top.name.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789._-") == std::string::npos;
    if (!plain) {
      fail("/name", "name '" + top.name + "' is no folder name",
           "use letters, digits, '-', '_' and '.', not first");
    }
    const auto distinct = [this](const std::string& pointer, const auto& values) {
      if (values.empty()) fail(pointer, "the list is empty", "give one at least");
      std::set seen(values.begin(), values.end());
      if (seen.size() != values.size()) fail(pointer, "a value stands twice in the list", "keep one of them");
    };
    distinct("/arms", top.arms);
    distinct("/seeds", top.seeds);
    if (top.runs.empty()) fail("/runs", "the path is empty", "");
    if (top.cache.empty()) fail("/cache", "the path is empty", "");
  }

  void read_section(const std::string& name) {
    Section& section = study_.sections[name];
    const bool given = document_.value.contains(name);
    section.wanted = given || runs_unasked(name);
    if (contains(optional_stages(), name) && is_false(document_, name)) {
      section.wanted = false;
      study_.resolved[name] = false;
      return;
    }
    const auto* stage = registry_.find(name);
    if (stage == nullptr) {  // left out of this build: cannot be checked here
      study_.resolved[name] = given ? document_.value.at(name) : Json::object();
      return;
    }
    const auto handle = stage->make_options();
    const std::string pointer = pointer_step(name);
    if (follows_mask(name)) refuse_cover_keys(pointer);
    options::apply_section(handle.fields, document_, pointer, {.also = {"inputs"}});
    for (const auto& field : handle.fields) {
      const bool from_mask = follows_mask(name) && contains(cover_keys(), field.key);
      if (!field.wiring && !from_mask) section.options[field.key] = field.get();
    }
    Json resolved = section.options;
    read_inputs(*stage, pointer + "/inputs", section);
    if (!section.inputs.empty()) resolved["inputs"] = document_.value.at(name).at("inputs");
    if (section.wanted) study_.resolved[name] = std::move(resolved);
  }

  // Without a section of its own?
  [[nodiscard]] bool runs_unasked(const std::string& name) const {
    if (name == "phantom") return false;
    if (name == "adapt") return registry_.find(name) != nullptr && detect_takes_adapted();
    return name == "report" || !contains(optional_stages(), name);
  }

  // Not with a finder that has no weights, and not with the user's own.
  [[nodiscard]] bool detect_takes_adapted() const {
    const Json& all = document_.value;
    const Json::json_pointer finder("/detect/finder");
    const bool weightless = all.contains(finder) && all.at(finder) == "classical";
    return !weightless && !all.contains(Json::json_pointer("/detect/inputs/weights"));
  }

  void refuse_cover_keys(const std::string& pointer) const {
    const Json::json_pointer where(pointer);
    if (!document_.value.contains(where) || !document_.value.at(where).is_object()) return;
    for (const auto& key : cover_keys()) {
      if (document_.value.at(where).contains(key)) {
        throw_config(document_.at_key(pointer + pointer_step(key)) + "'" + key +
                         "' is set once for all arms, in the section mask",
                     "move it to mask." + key);
      }
    }
  }

  void read_inputs(const stage::Stage& stage, const std::string& pointer, Section& section) const {
    std::vector<std::string> ports;
    if (stage.info.name != "mask") {  // a run covers inside its packs: nothing flows into mask itself
      for (const auto& port : stage.info.inputs) ports.push_back(port.name);
    }
    options::refuse_unknown_keys(document_, pointer, ports);
    const Json::json_pointer where(pointer);
    if (!document_.value.contains(where) || document_.value.at(where).is_null()) return;
    for (const auto& port : stage.info.inputs) {
      const Json& inputs = document_.value.at(where);
      if (!inputs.contains(port.name)) continue;
      const Json& value = inputs.at(port.name);
      const std::string at = pointer + pointer_step(port.name);
      if (value.is_string()) {
        section.inputs[port.name].push_back(external("", value.get<std::string>(), at));
      } else if (port.many && value.is_object() && !value.empty()) {
        for (const auto& [name, path] : value.items()) {
          const std::string item = at + pointer_step(name);
          if (!path.is_string()) fail(item, "expected a path", port.help);
          section.inputs[port.name].push_back(external(name, path.get<std::string>(), item));
        }
      } else {
        fail(at, port.many ? "expected a path, or an object of names and paths" : "expected a path",
             port.help);
      }
    }
  }

  [[nodiscard]] ExternalInput external(const std::string& name, const std::string& path,
                                       const std::string& pointer) const {
    if (path.empty()) fail(pointer, "the path is empty", "");
    const fs::path full = fs::path(path).is_absolute() ? fs::path(path) : folder_ / path;
    return {name, full.lexically_normal(), document_.at_value(pointer)};
  }

  // Exactly one source of images, and a targets file where results are to be verified.
  void check_sources() const {
    const auto has = [this](const std::string& stage, const std::string& port) {
      const auto found = study_.sections.find(stage);
      return found != study_.sections.end() && found->second.inputs.contains(port);
    };
    const bool phantom = study_.sections.contains("phantom") && study_.section("phantom").wanted;
    if (phantom && has("ingest", "source")) {
      fail("/ingest/inputs/source", "two sources of images: the phantom and this one", "remove one of them");
    }
    if (!phantom && !has("ingest", "source") && study_.sections.contains("ingest")) {
      fail("/ingest", "no source of images",
           "name it in ingest.inputs.source, or add a section phantom for a synthetic cohort");
    }
    if (study_.sections.contains("verify") && study_.section("verify").wanted && !has("verify", "targets") &&
        registry_.find("verify") != nullptr) {
      fail("/verify", "no targets file", "name it in verify.inputs.targets, or remove the section");
    }
  }

  const Document& document_;
  const stage::Registry& registry_;
  fs::path folder_;
  Study study_;
};

}  // namespace

const Section& Study::section(const std::string& stage) const {
  static const Section none;
  const auto found = sections.find(stage);
  return found == sections.end() ? none : found->second;
}

const std::vector<std::string>& study_stages() {
  static const std::vector<std::string> names{"phantom",  "ingest",  "adapt",  "detect",
                                              "mask",     "pack",    "train",  "predict",
                                              "evaluate", "gradcam", "verify", "report"};
  return names;
}

const std::vector<std::string>& optional_stages() {
  static const std::vector<std::string> names{"adapt", "gradcam", "report", "verify"};
  return names;
}

const std::vector<std::string>& cover_keys() {
  static const std::vector<std::string> keys{"kinds", "pad", "fill"};
  return keys;
}

bool follows_mask(const std::string& stage) {
  return stage == "pack" || stage == "gradcam" || stage == "report";
}

Study load_study(const fs::path& path, const stage::Registry& registry,
                 const std::vector<std::string>& overrides) {
  Document document = options::load_document(path);
  apply_overrides(document, registry, overrides);
  return Reader(document, registry, path.parent_path()).read(path.stem().string());
}

}  // namespace tagconf::pipeline
