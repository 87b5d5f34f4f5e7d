#include "tagconf/pipeline/record.hpp"

#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"

namespace tagconf::pipeline {
namespace {

constexpr const char* kSchema = "tagconf.record/1";

}  // namespace

const InstanceRecord* RunRecord::find(const std::string& instance) const {
  const auto found = std::find_if(instances.begin(), instances.end(),
                                  [&](const InstanceRecord& i) { return i.name == instance; });
  return found == instances.end() ? nullptr : &*found;
}

Json to_json(const RunRecord& record) {
  Json instances = Json::array();
  for (const auto& i : record.instances) {
    instances.push_back({{"name", i.name},
                         {"stage", i.stage},
                         {"state", name_of(i.state)},
                         {"reason", i.reason},
                         {"key", i.key},
                         {"parts", i.parts},
                         {"seconds", i.seconds ? finite_or_null(*i.seconds) : Json(nullptr)},
                         {"summary", i.summary},
                         {"error", i.error}});
  }
  return {{"schema", kSchema},
          {"name", record.name},
          {"config", record.config},
          {"state", record.state},
          {"started", record.started},
          {"ended", record.ended},
          {"environment", record.environment},
          {"instances", std::move(instances)}};
}

RunRecord record_from_json(const Json& json, const std::string& source) {
  RunRecord record;
  try {
    if (json.at("schema") != kSchema) throw_input(source + ": is no run record of this version");
    record.name = json.at("name").get<std::string>();
    record.config = json.at("config").get<std::string>();
    record.state = json.at("state").get<std::string>();
    record.started = json.at("started").get<std::string>();
    record.ended = json.at("ended").get<std::string>();
    record.environment = json.at("environment");
    for (const auto& item : json.at("instances")) {
      InstanceRecord i;
      i.name = item.at("name").get<std::string>();
      i.stage = item.at("stage").get<std::string>();
      const auto state = value_of<State>(item.at("state").get<std::string>());
      if (!state) throw_input(source + ": unknown state of " + i.name);
      i.state = *state;
      i.reason = item.at("reason").get<std::string>();
      i.key = item.at("key").get<std::string>();
      i.parts = item.at("parts");
      if (!item.at("seconds").is_null()) i.seconds = item.at("seconds").get<double>();
      i.summary = item.at("summary");
      i.error = item.at("error").get<std::string>();
      record.instances.push_back(std::move(i));
    }
  } catch (const Json::exception& error) {
    throw_input(source + ": is no run record: " + error.what());
  }
  return record;
}

std::optional<RunRecord> read_record(const std::filesystem::path& run_folder) {
  const auto path = run_folder / "record.json";
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;
  try {
    return record_from_json(parse_json(read_text(path), path.string()), path.string());
  } catch (const Error& failure) {
    log_warning(failure.message() + ": it is ignored");
    return std::nullopt;
  }
}

}  // namespace tagconf::pipeline
