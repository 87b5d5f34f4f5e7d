#include "tagconf/pipeline/plan.hpp"

#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

// "a, b" of the texts, each once.
std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto begin = texts.begin();
    if (std::find(begin, begin + static_cast<std::ptrdiff_t>(i), texts[i]) !=
        begin + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    out += (out.empty() ? "" : ", ") + texts[i];
  }
  return out;
}

// Why an instance is made whose parts are those of the last run.
std::string reason_without_change(const InstanceRecord* last) {
  if (last == nullptr || last->parts.is_null()) return "not run yet";
  switch (last->state) {
    case State::done:
    case State::cached:
      return "its cache entry is gone";
    case State::failed:
      return "failed before";
    case State::stopped:
    case State::partial:
      return "stopped before";
    default:
      return last->reason.empty() ? "not run yet" : last->reason;
  }
}

// Why an entry that the cache has is made again: a file that it writes outside its outputs is not there.
// Empty when all are.
std::string reason_beside(const Instance& instance) {
  if (!instance.stage->also_writes) return "";
  for (const auto& path : instance.stage->also_writes(configured(instance))) {
    std::error_code error;
    if (!fs::exists(path, error)) return path.string() + ", which it writes, is not there";
  }
  return "";
}

}  // namespace

stage::Stage::Options configured(const Instance& instance) {
  auto options = instance.stage->make_options();
  for (const auto& field : options.fields) {
    if (instance.options.contains(field.key)) field.set(instance.options.at(field.key));
  }
  return options;
}

Planner::Planner(const Graph& graph, Cache cache, FileDigests& files, PlanRules rules)
    : graph_(graph), cache_(std::move(cache)), files_(files), rules_(std::move(rules)) {}

void Planner::made(const std::string& instance, Artefact artefact) {
  artefacts_.insert_or_assign(instance, std::move(artefact));
  rules_.forced.erase(instance);
}

const Artefact* Planner::artefact(const std::string& instance) const {
  const auto found = artefacts_.find(instance);
  return found == artefacts_.end() ? nullptr : &found->second;
}

// The digest, or null while the source is not produced. An output that the stage did not make has none: it is
// left out of the inputs, as on the command line.
Json Planner::digest_of(const Source& source, bool secret) {
  if (source.instance.empty()) return secret ? files_.of_secret(source.path) : files_.of(source.path);
  const auto* upstream = artefact(source.instance);
  if (upstream == nullptr) return nullptr;
  const auto found = upstream->digests.find(source.port);
  return found == upstream->digests.end() ? Json("") : Json(found->second);
}

stage::StageIo Planner::inputs_of(const Instance& instance) const {
  stage::StageIo io;
  for (const auto& binding : instance.inputs) {
    for (const auto& source : binding.sources) {
      fs::path path = source.path;
      if (!source.instance.empty()) {
        const auto* upstream = artefact(source.instance);
        const auto found = upstream->paths.find(source.port);
        if (found == upstream->paths.end()) continue;
        path = found->second;
      }
      io.inputs[binding.port].push_back({source.name, path});
    }
  }
  return io;
}

Json Planner::parts_of(const Instance& instance) {
  const auto options = configured(instance);
  Json inputs = Json::object();
  bool complete = true;
  for (const auto& binding : instance.inputs) {
    Json items = Json::array();
    const auto* port = stage::find_input(instance.stage->info, binding.port);
    for (const auto& source : binding.sources) {
      Json digest = digest_of(source, port != nullptr && port->secret);
      complete = complete && !digest.is_null();
      if (digest != "") items.push_back(Json::array({source.name, std::move(digest)}));
    }
    if (!items.empty()) inputs[binding.port] = std::move(items);
  }
  if (complete && instance.stage->also_reads) {
    const auto io = inputs_of(instance);
    const auto files = instance.stage->also_reads(options, io);
    if (!files.empty()) {
      const fs::path base =
          io.inputs.empty() ? fs::path() : io.inputs.begin()->second.front().path.parent_path();
      inputs[kFilesRead] = Json::array({Json::array({"", files_.of_list(files, base)})});
    }
  }
  Json parts{{"stage", instance.stage_name},
             {"version", instance.stage->info.version},
             {"options", options::hashed_values(options.fields)},
             {"inputs", std::move(inputs)}};
  Json facts =
      instance.stage->machine_facts ? instance.stage->machine_facts(options, rules_.context) : Json::object();
  if (rules_.device_in_key) facts["device"] = rules_.context.device;
  if (!facts.empty()) parts["facts"] = std::move(facts);
  return parts;
}

// Texts of what differs from the last run; where it comes from upstream, with the reason at the root.
void Planner::explain_changes(const Instance& instance, Decision& decision) {
  std::vector<std::string> own;
  std::vector<std::string> from_upstream;
  std::vector<std::string> roots;
  std::size_t more_pending = 0;
  for (const auto& change : decision.changes) {
    if (change.kind != PartChange::Kind::input || change.source.instance.empty()) {
      if (change.changed) own.push_back(text_of(change));
      continue;
    }
    if (!change.changed && change.known) continue;
    if (!change.known && !roots.empty()) {
      ++more_pending;
      continue;
    }
    const std::string& cause = causes_[change.source.instance];
    from_upstream.push_back(text_of(change) + (cause.empty() ? "" : " (" + cause + ")"));
    roots.push_back(cause.empty() ? change.source.instance + " changed" : cause);
  }
  std::vector<std::string> all = own;
  all.insert(all.end(), from_upstream.begin(), from_upstream.end());
  decision.reason = joined(all);
  if (more_pending > 0) decision.reason += " and " + std::to_string(more_pending) + " more";
  causes_[instance.name] = own.empty() ? (roots.empty() ? "" : roots.front()) : joined(own);
}

std::string Planner::reason_for(const Instance& instance, const Decision& decision,
                                const Inspection& inspection) {
  if (decision.forced) return "forced";
  if (!inspection.problem.empty()) return "its cache entry is damaged: " + inspection.problem;
  if (decision.state == State::partial) return "goes on from its checkpoint";
  if (!decision.reason.empty()) return decision.reason;
  return reason_without_change(rules_.previous == nullptr ? nullptr : rules_.previous->find(instance.name));
}

Decision Planner::decide(const Instance& instance) {
  const auto* last = rules_.previous == nullptr ? nullptr : rules_.previous->find(instance.name);
  Decision decision;
  decision.instance = instance.name;
  decision.forced = rules_.forced.contains(instance.name);
  decision.parts = parts_of(instance);
  decision.changes = compare_parts(instance, last == nullptr ? Json() : last->parts, decision.parts);
  if (last != nullptr) decision.seconds = last->seconds;
  explain_changes(instance, decision);
  const bool pending = std::any_of(decision.changes.begin(), decision.changes.end(),
                                   [](const PartChange& change) { return !change.known; });
  if (pending) {
    decision.state = State::pending;
    return decision;
  }
  decision.key = key_of(decision.parts);
  Inspection inspection = cache_.inspect(instance.stage_name, decision.key);
  const std::string beside = inspection.artefact && !decision.forced ? reason_beside(instance) : "";
  if (!beside.empty()) {
    // What the cache has serves those behind it all the same.
    artefacts_.insert_or_assign(instance.name, std::move(*inspection.artefact));
    decision.state = State::run;
    decision.forced = true;
    decision.reason = beside;
    causes_[instance.name] = beside;
    return decision;
  }
  if (inspection.artefact && !decision.forced) {
    decision.state = State::cached;
    // Kept for those behind it: why it differs from the last run, or why the last run made it.
    if (causes_[instance.name].empty() && last != nullptr && last->key == decision.key) {
      causes_[instance.name] = last->reason;
    }
    decision.reason.clear();
    decision.outputs = inspection.artefact->paths;
    artefacts_.insert_or_assign(instance.name, std::move(*inspection.artefact));
    return decision;
  }
  decision.state = inspection.has_checkpoint && !decision.forced ? State::partial : State::run;
  decision.reason = reason_for(instance, decision, inspection);
  if (causes_[instance.name].empty()) causes_[instance.name] = decision.reason;
  return decision;
}

std::vector<const Instance*> needed(const Graph& graph, const std::vector<std::string>& selected) {
  std::set<std::string> names(selected.begin(), selected.end());
  // Sources come first in the graph's order: one pass from the end reaches all of them.
  for (auto instance = graph.instances.rbegin(); instance != graph.instances.rend(); ++instance) {
    if (!names.contains(instance->name)) continue;
    for (const auto& binding : instance->inputs) {
      for (const auto& source : binding.sources) {
        if (!source.instance.empty()) names.insert(source.instance);
      }
    }
  }
  std::vector<const Instance*> out;
  for (const auto& instance : graph.instances) {
    if (names.contains(instance.name)) out.push_back(&instance);
  }
  return out;
}

void check_external_inputs(const std::vector<const Instance*>& instances) {
  for (const auto* instance : instances) {
    for (const auto& binding : instance->inputs) {
      for (const auto& source : binding.sources) {
        std::error_code error;
        if (!source.instance.empty() || fs::exists(source.path, error)) continue;
        const auto* port =
            instance->stage == nullptr ? nullptr : stage::find_input(instance->stage->info, binding.port);
        std::string hint = "check the path in the config";
        if (port != nullptr) hint = port->missing.empty() ? "expected: " + port->help : port->missing;
        throw_input(source.where + "no such file or folder: " + source.path.string(), hint);
      }
    }
  }
}

std::vector<Decision> plan(const Graph& graph, const Cache& cache, FileDigests& files, const PlanRules& rules,
                           const std::vector<std::string>& selected) {
  Planner planner(graph, cache, files, rules);
  const std::set<std::string> wanted(selected.begin(), selected.end());
  std::vector<Decision> out;
  for (const auto* instance : needed(graph, selected)) {
    Decision decision = planner.decide(*instance);
    if (wanted.contains(instance->name)) out.push_back(std::move(decision));
  }
  return out;
}

}  // namespace tagconf::pipeline
