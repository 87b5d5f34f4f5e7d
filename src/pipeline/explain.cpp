#include "tagconf/pipeline/explain.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace tagconf::pipeline {
namespace {

constexpr std::size_t kShownDigest = 12;
constexpr std::size_t kShownValue = 60;

std::string shown(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : canonical_json(value);
  if (text.empty()) text = "\"\"";
  return text.size() > kShownValue ? text.substr(0, kShownValue - 3) + "..." : text;
}

Json object_at(const Json& parts, const std::string& key) {
  if (!parts.is_object() || !parts.contains(key) || !parts.at(key).is_object()) return Json::object();
  return parts.at(key);
}

// Keys of both objects, sorted.
std::map<std::string, std::pair<Json, Json>> paired(const Json& before, const Json& after) {
  std::map<std::string, std::pair<Json, Json>> out;
  for (const auto& [key, value] : before.items()) out[key].first = value;
  for (const auto& [key, value] : after.items()) out[key].second = value;
  return out;
}

void compare_values(const std::string& part, PartChange::Kind kind, const Instance& instance,
                    const Json& before, const Json& after, std::vector<PartChange>& out) {
  const Json old_values = object_at(before, part);
  const Json new_values = object_at(after, part);
  for (const auto& [key, values] : paired(old_values, new_values)) {
    PartChange change;
    change.kind = kind;
    change.label = kind == PartChange::Kind::option ? instance.origin(key) : key;
    if (old_values.contains(key)) change.before = shown(values.first);
    if (new_values.contains(key)) change.after = shown(values.second);
    change.changed = before.is_object() && values.first != values.second;
    out.push_back(std::move(change));
  }
}

using NamedDigests = std::vector<std::pair<std::string, Json>>;

// (NAME, digest) of one port, in order; a port's sources differ in name, or there is one.
NamedDigests named_digests(const Json& inputs, const std::string& port) {
  NamedDigests out;
  if (!inputs.contains(port)) return out;
  int unnamed = 0;
  for (const auto& item : inputs.at(port)) {
    const auto name = item.at(0).get<std::string>();
    out.emplace_back(name.empty() ? "#" + std::to_string(unnamed++) : name, item.at(1));
  }
  return out;
}

const Json* digest_named(const NamedDigests& all, const std::string& name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& item) { return item.first == name; });
  return found == all.end() ? nullptr : &found->second;
}

std::string digest_text(const Json& digest) {
  return digest.is_string() ? digest.get<std::string>().substr(0, kShownDigest) : "";
}

// The sources of a port under the names that named_digests gives them.
std::map<std::string, Source> named_sources(const Instance& instance, const std::string& port) {
  std::map<std::string, Source> out;
  int unnamed = 0;
  for (const auto& binding : instance.inputs) {
    if (binding.port != port) continue;
    for (const auto& source : binding.sources) {
      out[source.name.empty() ? "#" + std::to_string(unnamed++) : source.name] = source;
    }
  }
  return out;
}

void compare_inputs(const Instance& instance, const Json& before, const Json& after,
                    std::vector<PartChange>& out) {
  const Json old_inputs = object_at(before, "inputs");
  const Json new_inputs = object_at(after, "inputs");
  for (const auto& [port, unused] : paired(old_inputs, new_inputs)) {
    const auto olds = named_digests(old_inputs, port);
    const auto news = named_digests(new_inputs, port);
    const auto sources = named_sources(instance, port);
    std::vector<std::string> names;
    for (const auto& [name, digest] : news) names.push_back(name);
    for (const auto& [name, digest] : olds) {
      if (digest_named(news, name) == nullptr) names.push_back(name);
    }
    for (const auto& name : names) {
      PartChange change;
      change.kind = PartChange::Kind::input;
      change.port = port;
      change.label = port == kFilesRead ? "files read through its inputs"
                                        : "input " + port + (name.front() == '#' ? "" : " " + name);
      const Json* was = digest_named(olds, name);
      const Json* is = digest_named(news, name);
      if (was != nullptr) change.before = digest_text(*was);
      if (is != nullptr) change.after = digest_text(*is);
      change.known = is == nullptr || is->is_string();
      if (const auto source = sources.find(name); source != sources.end()) change.source = source->second;
      change.changed = before.is_object() && change.known && (was == nullptr || is == nullptr || *was != *is);
      out.push_back(std::move(change));
    }
  }
}

}  // namespace

std::vector<PartChange> compare_parts(const Instance& instance, const Json& before, const Json& after) {
  std::vector<PartChange> out;
  PartChange version;
  version.kind = PartChange::Kind::version;
  version.label = instance.stage_name + " version";
  version.after = canonical_json(after.at("version"));
  if (before.is_object() && before.contains("version")) {
    version.before = canonical_json(before.at("version"));
    version.changed = version.before != version.after;
  }
  out.push_back(std::move(version));
  compare_values("options", PartChange::Kind::option, instance, before, after, out);
  compare_values("facts", PartChange::Kind::fact, instance, before, after, out);
  compare_inputs(instance, before, after, out);
  return out;
}

std::string text_of(const PartChange& change) {
  if (change.kind == PartChange::Kind::input) {
    if (change.after.empty() && change.known) return change.label + " removed";
    if (!change.source.instance.empty()) return change.label + " from " + change.source.instance;
    const std::string what = change.source.path.empty() ? "" : " (" + change.source.path.string() + ")";
    return change.label + what + (change.before.empty() ? " added" : " changed");
  }
  const auto or_none = [](const std::string& text) { return text.empty() ? std::string("(none)") : text; };
  return change.label + " " + or_none(change.before) + " -> " + or_none(change.after);
}

}  // namespace tagconf::pipeline
