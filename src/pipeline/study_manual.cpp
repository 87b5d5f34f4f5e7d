// Schema and reference page of the study config.
#include <algorithm>

#include "study_options.hpp"
#include "tagconf/options/manual.hpp"

namespace tagconf::pipeline {
namespace {

Json inputs_schema(const stage::StageInfo& info) {
  Json properties = Json::object();
  for (const auto& port : info.inputs) {
    Json path{{"type", "string"}, {"description", port.help}};
    if (port.many) {
      path["type"] = {"string", "object"};
      path["additionalProperties"] = {{"type", "string"}};
    }
    properties[port.name] = std::move(path);
  }
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", properties}};
}

bool in_study(const stage::Stage& stage) {
  for (const auto& name : study_stages()) {
    if (stage.info.name == name) return true;
  }
  return false;
}

bool is_optional(const std::string& name) {
  const auto& names = optional_stages();
  return std::find(names.begin(), names.end(), name) != names.end();
}

void drop_cover_keys(const std::string& stage, std::vector<options::BoundField>& fields) {
  if (!follows_mask(stage)) return;
  for (const auto& key : cover_keys()) std::erase_if(fields, [&](const auto& f) { return f.key == key; });
}

void point_to_mask(const std::string& stage, std::vector<options::BoundField>& fields) {
  if (!follows_mask(stage)) return;
  const auto& keys = cover_keys();
  for (auto& field : fields) {
    if (std::find(keys.begin(), keys.end(), field.key) != keys.end())
      field.help += " (in a config: section mask)";
  }
}

std::string ports_text(const stage::StageInfo& info) {
  if (info.inputs.empty() && info.outputs.empty()) return "";
  std::string out = "| port | file | meaning |\n|---|---|---|\n";
  for (const auto& port : info.inputs) {
    const std::string count = port.many ? "in, many" : "in";
    out +=
        "| `" + port.name + "` | " + count + (port.required ? "" : ", optional") + " | " + port.help + " |\n";
  }
  for (const auto& port : info.outputs) {
    out += "| `" + port.name + "` | out: `" + port.file + "` | " + port.help + " |\n";
  }
  return out;
}

}  // namespace

Json study_schema(const stage::Registry& registry) {
  StudyOptions top;
  Json schema = options::schema_of(options::bind(top));
  schema["$schema"] = "https://json-schema.org/draft/2020-12/schema";
  schema["title"] = "tagconf study";
  Json& properties = schema["properties"];
  properties["schema"] = {{"const", kStudySchema}};
  schema["required"] = {"schema"};
  for (const auto& stage : registry.stages) {
    if (!in_study(stage)) continue;
    auto fields = stage.make_options().fields;
    drop_cover_keys(stage.info.name, fields);
    Json section = options::schema_of(fields);
    section["description"] = stage.info.summary;
    if (stage.info.name != "mask") section["properties"]["inputs"] = inputs_schema(stage.info);
    if (is_optional(stage.info.name)) {
      section = {{"anyOf", Json::array({section, Json{{"const", false}}})}};
    }
    properties[stage.info.name] = std::move(section);
  }
  return schema;
}

std::string study_reference(const stage::Registry& registry) {
  StudyOptions top;
  std::string out =
      "# Reference\n\n"
      "Made by `tagconf docs`; do not edit. Every key of a study's config and every flag of a stage: a flag "
      "is "
      "the key with dashes\n(`valid_fraction` is `--valid-fraction`). A value comes from the flag, else the "
      "file, "
      "else the default. Unknown keys, wrong types\nand duplicate keys are errors.\n\n"
      "## The study\n\n" +
      options::reference_table(options::bind(top)) +
      "\nOne section per stage holds that stage's options; file inputs stand under `inputs`, relative to the "
      "config's folder.\nThe sections adapt, gradcam, report and verify may be `false`; gradcam and verify "
      "run "
      "only when their section is there,\nadapt unless detect's finder is classical or has weights of its "
      "own. What\n`mask` says (kinds, pad, fill) holds for pack, gradcam "
      "and report.\n";
  for (const auto& stage : registry.stages) {
    out += "\n## " + stage.info.name + "\n\n" + stage.info.summary + ". Version " +
           std::to_string(stage.info.version) + ".\n\n";
    if (!stage.info.examples.empty()) {
      out += "```\n";
      for (const auto& example : stage.info.examples) out += example + "\n";
      out += "```\n\n";
    }
    auto fields = stage.make_options().fields;
    point_to_mask(stage.info.name, fields);
    const std::string ports = ports_text(stage.info);
    out += ports + (ports.empty() ? "" : "\n") + options::reference_table(fields);
  }
  return out;
}

}  // namespace tagconf::pipeline
