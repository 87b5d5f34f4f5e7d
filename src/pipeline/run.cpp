#include "tagconf/pipeline/run.hpp"

#include <algorithm>

#include "clock.hpp"
#include "run_folder.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;
namespace {

class Runner {
 public:
  Runner(const Study& study, const Graph& graph, const RunOptions& options,
         const RunSurroundings& surroundings, RunObserver& observer, std::vector<std::string> selected)
      : graph_(graph),
        options_(options),
        surroundings_(surroundings),
        observer_(observer),
        selected_(selected.begin(), selected.end()),
        instances_(needed(graph, selected)),
        folder_(run_folder(study)),
        cache_(study.cache),
        files_(study.cache, options.rehash),
        previous_(read_record(folder_.path())),
        planner_(graph, cache_, files_, rules()) {
    check_external_inputs(instances_);
    begin_record(study);
  }

  RunResult run() {
    try {
      std::vector<const Instance*> busy = pass(instances_);
      // Another process may have finished meanwhile what we could not make.
      for (std::size_t before = 0; !busy.empty() && busy.size() != before;) {
        before = busy.size();
        busy = pass(std::vector<const Instance*>(busy));
      }
      finish();
    } catch (...) {
      if (record_.state == "running") end_record("failed");
      throw;
    }
    return {record_, folder_.path(), exit_};
  }

 private:
  [[nodiscard]] PlanRules rules() const {
    PlanRules rules;
    for (const auto& word : options_.force) {
      for (const auto& name : matching(graph_, word)) rules.forced.insert(name);
    }
    rules.context = context(nullptr);
    rules.device_in_key = options_.device_in_key;
    rules.previous = previous_ ? &*previous_ : nullptr;
    return rules;
  }

  [[nodiscard]] stage::Context context(stage::Progress* progress) const {
    stage::Context out;
    out.stop_requested = surroundings_.stop_requested;
    out.progress = progress;
    out.threads = surroundings_.threads;
    out.device = surroundings_.device;
    if (surroundings_.memory) out.memory = surroundings_.memory();
    return out;
  }

  [[nodiscard]] bool stopped() const {
    return surroundings_.stop_requested && surroundings_.stop_requested();
  }

  // The record starts with what the last run knew: an instance that this run does not reach keeps it.
  void begin_record(const Study& study) {
    record_.name = study.name;
    record_.config = surroundings_.config;
    record_.state = "running";
    record_.started = utc_now();
    record_.environment = surroundings_.environment;
    for (const auto& instance : graph_.instances) {
      const auto* last = previous_ ? previous_->find(instance.name) : nullptr;
      InstanceRecord entry = last == nullptr ? InstanceRecord{} : *last;
      entry.name = instance.name;
      entry.stage = instance.stage_name;
      if (entry.state != State::done && entry.state != State::cached) entry.state = State::pending;
      record_.instances.push_back(std::move(entry));
    }
    make_folder(folder_.path());
    folder_.drop_old_links(graph_);
    folder_.write_config(study);
    folder_.write_record(record_);
    folder_.event("run_started", {{"name", study.name}, {"environment", surroundings_.environment}});
  }

  InstanceRecord& entry(const std::string& name) {
    return *std::find_if(record_.instances.begin(), record_.instances.end(),
                         [&](const InstanceRecord& i) { return i.name == name; });
  }

  void settle(const Instance& instance, State state) {
    auto& item = entry(instance.name);
    item.state = state;
    observer_.end(item);
    if (state == State::cached) return;
    folder_.write_record(record_);
    Json details{{"instance", instance.name}, {"state", name_of(state)}};
    if (item.seconds && state == State::done) details["seconds"] = *item.seconds;
    if (!item.error.empty()) details["error"] = item.error;
    folder_.event("instance_ended", std::move(details));
  }

  // Looks at each instance once; returns those that other processes hold.
  std::vector<const Instance*> pass(const std::vector<const Instance*>& instances) {
    std::vector<const Instance*> busy;
    for (const auto* instance : instances) {
      const Decision decision = planner_.decide(*instance);
      files_.save();
      if (decision.state == State::cached) {
        take(*instance, decision, State::cached);
      } else if (!selected_.contains(instance->name)) {
        continue;
      } else if (decision.state == State::pending) {
        wait(*instance, decision, busy);
      } else if (stopped()) {
        stop(*instance, decision, "stopped before it began");
      } else if (!make(*instance, decision)) {
        busy.push_back(instance);
      }
    }
    return busy;
  }

  void take(const Instance& instance, const Decision& decision, State state) {
    const Artefact& artefact = *planner_.artefact(instance.name);
    auto& item = entry(instance.name);
    if (item.key != decision.key && state == State::cached) {
      item.seconds.reset();
      item.reason.clear();
    }
    item.key = decision.key;
    item.parts = decision.parts;
    item.summary = artefact.summary;
    item.error.clear();
    folder_.publish(instance, artefact);
    if (artefact.summary.is_object() && artefact.summary.contains("exit") && exit_ == 0) {
      exit_ = artefact.summary.at("exit").get<int>();
    }
    settle(instance, state);
  }

  // Something that it needs is not there: because of a failure, another process, or --only.
  void wait(const Instance& instance, const Decision& decision, std::vector<const Instance*>& busy) {
    for (const auto& change : decision.changes) {
      if (change.known) continue;
      const std::string& upstream = change.source.instance;
      const auto is_upstream = [&](const Instance* i) { return i->name == upstream; };
      if (std::any_of(busy.begin(), busy.end(), is_upstream)) {
        busy.push_back(&instance);
        return;
      }
      if (selected_.contains(upstream)) continue;
      throw Error(ErrorCode::usage, instance.name + " needs " + upstream + ", which is not in the cache",
                  "use --until " + instance.name + " to make what it needs too");
    }
    entry(instance.name).reason = decision.reason;
    settle(instance, State::waiting);
  }

  [[noreturn]] void stop(const Instance& instance, const Decision& decision, const std::string& message) {
    auto& item = entry(instance.name);
    item.key = decision.key;
    item.parts = decision.parts;
    item.reason = decision.reason;
    settle(instance, State::stopped);
    end_record("stopped");
    throw Error(ErrorCode::incomplete, instance.name + ": " + message, "run again to go on");
  }

  // Makes one instance; false when another process holds it.
  bool make(const Instance& instance, const Decision& decision) {
    auto& item = entry(instance.name);
    try {
      EntryLock lock = EntryLock::acquire(cache_.entry(instance.stage_name, decision.key), options_.lock);
      if (!decision.forced && made_meanwhile(instance, decision)) return true;
      folder_.event("instance_started",
                    {{"instance", instance.name}, {"key", decision.key}, {"reason", decision.reason}});
      const double start = steady_seconds();
      work(instance, decision, std::move(lock));
      item.seconds = steady_seconds() - start;
      item.reason = decision.reason;
      take(instance, decision, State::done);
      return true;
    } catch (const Error& error) {
      if (error.code() == ErrorCode::busy) {
        item.error = error.message();
        busy_hint_ = error.hint();
        settle(instance, State::busy);
        return false;
      }
      if (error.code() == ErrorCode::incomplete) stop(instance, decision, error.message());
      fail(instance, decision, error.message());
      if (!options_.keep_going)
        throw Error(error.code(), instance.name + ": " + error.message(), error.hint());
    } catch (const std::exception& error) {
      fail(instance, decision, error.what());
      if (!options_.keep_going) throw;
    }
    return true;
  }

  // Between our look into the cache and the lock another process may have finished the entry.
  bool made_meanwhile(const Instance& instance, const Decision& decision) {
    Inspection inspection = cache_.inspect(instance.stage_name, decision.key);
    if (!inspection.artefact) return false;
    planner_.made(instance.name, std::move(*inspection.artefact));
    take(instance, decision, State::cached);
    return true;
  }

  void work(const Instance& instance, const Decision& decision, EntryLock lock) {
    EntryWork work(cache_.entry(instance.stage_name, decision.key), instance.stage->info, std::move(lock));
    if (decision.state == State::run) work.drop_checkpoint();
    stage::StageIo io = planner_.inputs_of(instance);
    io.outputs = work.outputs();
    io.cached = true;
    io.partial = work.checkpoint();
    io.refused = folder_.refused(instance);
    try {
      const auto progress = observer_.begin(decision);
      const Json summary = instance.stage->run(configured(instance), io, context(progress.get()));
      release_freed_memory();
      work.commit(decision.parts, summary);
    } catch (const Error& error) {
      if (!stage::keeps_checkpoint(error.code())) work.drop_checkpoint();
      throw;
    }
    Inspection inspection = cache_.inspect(instance.stage_name, decision.key);
    if (!inspection.artefact) {
      throw Error(ErrorCode::environment, "the new cache entry cannot be used: " + inspection.problem,
                  "is something else changing the cache folder?");
    }
    planner_.made(instance.name, std::move(*inspection.artefact));
  }

  void fail(const Instance& instance, const Decision& decision, const std::string& message) {
    auto& item = entry(instance.name);
    item.key = decision.key;
    item.parts = decision.parts;
    item.reason = decision.reason;
    item.error = message;
    ++failures_;
    if (first_failure_.empty()) first_failure_ = instance.name + ": " + message;
    settle(instance, State::failed);
  }

  void end_record(const std::string& state) {
    record_.state = state;
    record_.ended = utc_now();
    folder_.write_record(record_);
    folder_.event("run_ended", {{"state", state}});
  }

  void finish() {
    std::string busy;
    for (const auto& item : record_.instances) {
      if (item.state == State::busy && busy.empty()) busy = item.name + ": " + item.error;
    }
    if (failures_ > 0) {
      end_record("failed");
      throw Error(ErrorCode::failed,
                  std::to_string(failures_) + (failures_ == 1 ? " instance" : " instances") +
                      " failed; first " + first_failure_,
                  "everything that does not depend on a failure was made; fix it and run again");
    }
    if (!busy.empty()) {
      end_record("busy");
      throw Error(ErrorCode::busy, busy, busy_hint_);
    }
    end_record("done");
  }

  const Graph& graph_;
  const RunOptions& options_;
  const RunSurroundings& surroundings_;
  RunObserver& observer_;
  std::set<std::string> selected_;
  std::vector<const Instance*> instances_;
  RunFolder folder_;
  Cache cache_;
  FileDigests files_;
  std::optional<RunRecord> previous_;
  Planner planner_;
  RunRecord record_;
  std::string first_failure_;
  std::string busy_hint_;
  int failures_ = 0;
  int exit_ = 0;
};

}  // namespace

fs::path run_folder(const Study& study) {
  return study.runs / study.name;
}

RunResult run_study(const Study& study, const Graph& graph, const stage::Registry& registry,
                    const RunOptions& options, const RunSurroundings& surroundings, RunObserver& observer) {
  return Runner(study, graph, options, surroundings, observer, select(graph, registry, options.selection))
      .run();
}

}  // namespace tagconf::pipeline
