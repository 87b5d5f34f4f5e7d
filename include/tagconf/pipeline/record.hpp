// runs/<name>/: what a run was made of and how it went. The record of the last run is what `plan` and `why`
// compare with.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/base/names.hpp"

namespace tagconf::pipeline {

// cached: was there already; run, partial (goes on from a checkpoint), pending: still to be done; done: made
// by this run; failed, stopped, busy (another process makes it), waiting (something it needs was not made).
enum class State { cached, run, partial, pending, done, failed, stopped, busy, waiting };

}  // namespace tagconf::pipeline

template <>
struct tagconf::EnumNames<tagconf::pipeline::State> {
  static constexpr std::array kNames{std::pair{tagconf::pipeline::State::cached, "cached"},
                                     std::pair{tagconf::pipeline::State::run, "run"},
                                     std::pair{tagconf::pipeline::State::partial, "partial"},
                                     std::pair{tagconf::pipeline::State::pending, "pending"},
                                     std::pair{tagconf::pipeline::State::done, "done"},
                                     std::pair{tagconf::pipeline::State::failed, "failed"},
                                     std::pair{tagconf::pipeline::State::stopped, "stopped"},
                                     std::pair{tagconf::pipeline::State::busy, "busy"},
                                     std::pair{tagconf::pipeline::State::waiting, "waiting"}};
};

namespace tagconf::pipeline {

// What the record keeps of one instance.
struct InstanceRecord {
  std::string name;
  std::string stage;
  State state = State::pending;
  std::string reason;             // why it was run, as `plan` said
  std::string key;                // empty while unknown
  Json parts;                     // of the key; null while unknown
  std::optional<double> seconds;  // of the making, also when it was cached later
  Json summary;
  std::string error;
};

struct RunRecord {
  std::string name;
  std::string config;   // path as given
  std::string state;    // running, done, failed, stopped, busy
  std::string started;  // UTC
  std::string ended;
  Json environment;  // versions, threads, device
  std::vector<InstanceRecord> instances;

  [[nodiscard]] const InstanceRecord* find(const std::string& instance) const;
};

[[nodiscard]] Json to_json(const RunRecord& record);
// Error input for text that is no run record.
[[nodiscard]] RunRecord record_from_json(const Json& json, const std::string& source);
// runs/<name>/record.json; nullopt when there is none. A damaged one counts as none, with a warning.
[[nodiscard]] std::optional<RunRecord> read_record(const std::filesystem::path& run_folder);

}  // namespace tagconf::pipeline
