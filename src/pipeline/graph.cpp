#include "tagconf/pipeline/graph.hpp"

#include <algorithm>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/options/apply.hpp"
#include "tagconf/options/suggest.hpp"

namespace tagconf::pipeline {
namespace {

// The port of evaluate that takes predictions on validation data.
constexpr const char* kThresholds = "threshold_from";

// The original arm needs only to know which kinds count as tags: how they would be covered does not touch it.
bool set_by_mask(const std::string& stage, const std::string& arm, const std::string& key) {
  const auto& keys = cover_keys();
  if (!follows_mask(stage) || std::find(keys.begin(), keys.end(), key) == keys.end()) return false;
  return stage != "pack" || arm != name_of(Arm::original) || key == "kinds";
}

class Builder {
 public:
  Builder(const Study& study, const stage::Registry& registry) : study_(study), registry_(registry) {}

  Graph build() {
    const bool phantom = study_.section("phantom").wanted;
    if (phantom) add("phantom", "phantom");
    auto& ingest = add("ingest", "ingest");
    if (phantom) connect(ingest, "source", from("phantom", "cohort"));
    if (study_.section("adapt").wanted) connect(add("adapt", "adapt"), "images", from("ingest", "manifest"));
    auto& detect = add("detect", "detect");
    connect(detect, "images", from("ingest", "manifest"));
    connect(detect, "weights", from("adapt", "weights"));
    for (const Arm arm : study_.arms) add_pack(arm);
    for (const auto seed : study_.seeds) {
      for (const Arm arm : study_.arms) add_model(arm, seed);
    }
    auto& evaluate = add("evaluate", "evaluate");
    connect(evaluate, "predictions", predictions());
    if (chooses_thresholds()) connect(evaluate, kThresholds, valid_predictions());
    if (study_.section("gradcam").wanted) {
      for (const auto seed : study_.seeds) {
        for (const Arm arm : study_.arms) add_gradcam(arm, seed);
      }
    }
    if (study_.section("verify").wanted) {
      auto& verify = add("verify", "verify");
      connect(verify, "results", from("evaluate", "results"));
      if (phantom) connect(verify, "truth", from("phantom", "truth"));
    }
    if (study_.section("report").wanted) add_report(phantom);
    return std::move(graph_);
  }

 private:
  static std::vector<Source> from(const std::string& instance, const std::string& port,
                                  const std::string& name = "") {
    return {{name, instance, port, {}, ""}};
  }
  static std::string text(Arm arm) { return std::string(name_of(arm)); }
  static std::string trained(Arm arm, std::uint64_t seed) { return text(arm) + ".s" + std::to_string(seed); }

  // The name under which evaluate and report know a model.
  [[nodiscard]] std::string model_name(Arm arm, std::uint64_t seed) const {
    return study_.seeds.size() == 1 ? text(arm) : trained(arm, seed);
  }

  Instance& add(const std::string& name, const std::string& stage_name, const std::string& arm = "",
                std::uint64_t seed = 0) {
    Instance instance;
    instance.name = name;
    instance.stage_name = stage_name;
    instance.stage = registry_.find(stage_name);
    const Section& section = study_.section(stage_name);
    instance.options = section.options;
    if (instance.stage != nullptr) set_wiring(instance, arm, seed);
    for (const auto& [port, files] : section.inputs) {
      Binding binding{port, {}};
      for (const auto& file : files) binding.sources.push_back({file.name, "", "", file.path, file.where});
      instance.inputs.push_back(std::move(binding));
    }
    graph_.instances.push_back(std::move(instance));
    return graph_.instances.back();
  }

  void set_wiring(Instance& instance, const std::string& arm, std::uint64_t seed) const {
    const Section& mask = study_.section("mask");
    for (const auto& field : instance.stage->make_options().fields) {
      if (field.wiring && field.key == "arm" && !arm.empty()) {
        instance.options[field.key] = arm;
        instance.origins[field.key] = "arms";
      } else if (field.wiring && field.key == "seed" && seed != 0) {
        instance.options[field.key] = seed;
        instance.origins[field.key] = "seeds";
      } else if (field.wiring) {
        instance.options[field.key] = field.initial;
      } else if (set_by_mask(instance.stage_name, arm, field.key) && mask.options.contains(field.key)) {
        instance.options[field.key] = mask.options.at(field.key);
        instance.origins[field.key] = "mask." + field.key;
      } else if (!instance.options.contains(field.key)) {
        instance.options[field.key] = field.initial;
      }
    }
  }

  // Connects a port if the stage declares it; sources whose instance is not part of the study are left out.
  void connect(Instance& instance, const std::string& port, const std::vector<Source>& sources) const {
    if (instance.stage == nullptr) {
      // The stage is not in this build; its place in the order still shows what would wait for it.
      instance.inputs.push_back({port, sources});
      return;
    }
    if (stage::find_input(instance.stage->info, port) == nullptr) return;
    Binding binding{port, {}};
    for (const auto& source : sources) {
      const Instance* upstream = graph_.find(source.instance);
      if (upstream == nullptr) continue;
      const bool known = source.port.empty() || upstream->stage == nullptr ||
                         stage::find_output(upstream->stage->info, source.port) != nullptr;
      if (known) binding.sources.push_back(source);
    }
    if (binding.sources.empty()) return;
    for (const auto& other : instance.inputs) {
      if (other.port != port) continue;
      throw_config(other.sources.front().where + "input '" + port + "' of " + instance.stage_name +
                       " comes from " + binding.sources.front().instance + " in a run",
                   "remove it");
    }
    instance.inputs.push_back(std::move(binding));
  }

  void add_pack(Arm arm) {
    auto& pack = add("pack." + text(arm), "pack", text(arm));
    connect(pack, "images", from("ingest", "manifest"));
    connect(pack, "tags", from("detect", "tags"));
  }

  void add_model(Arm arm, std::uint64_t seed) {
    const std::string model = trained(arm, seed);
    connect(add("train." + model, "train", text(arm), seed), "pack", from("pack." + text(arm), "pack"));
    add_predict(arm, seed, arm, "predict." + model);
    if (chooses_thresholds())
      add_predict(arm, seed, arm, valid_instance(arm, seed)).options["split"] = "valid";
    if (study_.test_arms == TestArms::own) return;
    for (const Arm test : study_.arms) {
      if (test != arm) add_predict(arm, seed, test, "predict." + model + "@" + text(test));
    }
  }

  Instance& add_predict(Arm arm, std::uint64_t seed, Arm test, const std::string& name) {
    auto& predict = add(name, "predict", text(arm), seed);
    connect(predict, "model", from("train." + trained(arm, seed), "model"));
    connect(predict, "images", from("pack." + text(test), "pack"));
    return predict;
  }

  static std::string valid_instance(Arm arm, std::uint64_t seed) {
    return "predict." + trained(arm, seed) + ".valid";
  }

  // Thresholds come from the validation images where the study tests on test images, keeps its epochs by
  // validation (else it may have none), and names no file of its own.
  [[nodiscard]] bool chooses_thresholds() const {
    const auto option = [&](const char* stage, const char* key) {
      const Json& options = study_.section(stage).options;
      return options.contains(key) ? options.at(key) : Json();
    };
    const auto* evaluate = registry_.find("evaluate");
    const bool wanted = evaluate == nullptr || stage::find_input(evaluate->info, kThresholds) != nullptr;
    const Json split = option("predict", "split");
    return wanted && !study_.section("evaluate").inputs.contains(kThresholds) &&
           (registry_.find("predict") == nullptr || split == "test") && option("train", "select") != "last";
  }

  [[nodiscard]] std::vector<Source> valid_predictions() const {
    std::vector<Source> out;
    for (const Arm arm : study_.arms) {
      for (const auto seed : study_.seeds)
        out.push_back({model_name(arm, seed), valid_instance(arm, seed), "predictions", {}, ""});
    }
    return out;
  }

  // Own arms first, in the order of `arms`, then the off-diagonal cells.
  [[nodiscard]] std::vector<Source> predictions() const {
    std::vector<Source> out;
    for (const Arm arm : study_.arms) {
      for (const auto seed : study_.seeds) {
        out.push_back({model_name(arm, seed), "predict." + trained(arm, seed), "predictions", {}, ""});
      }
    }
    if (study_.test_arms == TestArms::own) return out;
    for (const Arm arm : study_.arms) {
      for (const Arm test : study_.arms) {
        for (const auto seed : study_.seeds) {
          if (test == arm) continue;
          out.push_back({model_name(arm, seed) + "@" + text(test),
                         "predict." + trained(arm, seed) + "@" + text(test),
                         "predictions",
                         {},
                         ""});
        }
      }
    }
    return out;
  }

  void add_gradcam(Arm arm, std::uint64_t seed) {
    const std::string model = trained(arm, seed);
    auto& gradcam = add("gradcam." + model, "gradcam", text(arm), seed);
    connect(gradcam, "model", from("train." + model, "model"));
    connect(gradcam, "pack", from("pack." + text(arm), "pack"));
    connect(gradcam, "images", from("ingest", "manifest"));
    connect(gradcam, "tags", from("detect", "tags"));
    connect(gradcam, "predictions", from("predict." + model, "predictions"));
  }

  void add_report(bool phantom) {
    auto& report = add("report", "report");
    // What ingest could not use and what could not be packed; every arm skips the same images.
    std::vector<Source> skipped = from("ingest", "skipped");
    skipped.push_back(from("pack." + text(study_.arms.front()), "skipped").front());
    std::vector<Source> packs;
    for (const Arm arm : study_.arms) {
      packs.push_back(from("pack." + text(arm), "pack", text(arm)).front());
    }
    std::vector<Source> epochs;
    std::vector<Source> records;
    std::vector<Source> cams;
    for (const Arm arm : study_.arms) {
      for (const auto seed : study_.seeds) {
        const std::string model = trained(arm, seed);
        epochs.push_back(from("train." + model, "epochs", model_name(arm, seed)).front());
        records.push_back(from("train." + model, "record", model_name(arm, seed)).front());
        cams.push_back(from("gradcam." + model, "", model_name(arm, seed)).front());
      }
    }
    connect(report, "results", from("evaluate", "results"));
    connect(report, "roc", from("evaluate", "roc"));
    connect(report, "manifest", from("ingest", "manifest"));
    connect(report, "skipped", skipped_for(report, skipped));
    connect(report, "tags", from("detect", "tags"));
    connect(report, "packs", packs);
    connect(report, "predictions", predictions());
    connect(report, "epochs", epochs);
    connect(report, "records", records);
    connect(report, "cams", cams);
    connect(report, "verdict", from("verify", "verdict"));
    connect(report, "verify", from("verify", "verdict"));
    if (phantom) connect(report, "truth", from("phantom", "truth"));
  }

  // A port that takes one table gets ingest's.
  [[nodiscard]] static std::vector<Source> skipped_for(const Instance& report, std::vector<Source> all) {
    if (report.stage == nullptr) return all;
    const auto* port = stage::find_input(report.stage->info, "skipped");
    if (port != nullptr && !port->many) all.resize(1);
    return all;
  }

  const Study& study_;
  const stage::Registry& registry_;
  Graph graph_;
};

void add_upstream(const Graph& graph, const std::string& name, std::set<std::string>& out) {
  if (!out.insert(name).second) return;
  for (const auto& binding : graph.require(name).inputs) {
    for (const auto& source : binding.sources) {
      if (!source.instance.empty()) add_upstream(graph, source.instance, out);
    }
  }
}

}  // namespace

std::string Instance::origin(const std::string& option) const {
  const auto found = origins.find(option);
  return found == origins.end() ? stage_name + "." + option : found->second;
}

const Instance* Graph::find(std::string_view name) const {
  const auto found =
      std::find_if(instances.begin(), instances.end(), [&](const Instance& i) { return i.name == name; });
  return found == instances.end() ? nullptr : &*found;
}

const Instance& Graph::require(std::string_view name) const {
  if (const auto* instance = find(name)) return *instance;
  std::vector<std::string> names;
  for (const auto& instance : instances) names.push_back(instance.name);
  throw Error(ErrorCode::usage,
              "no instance '" + std::string(name) + "' in this study" + options::did_you_mean(name, names),
              "tagconf plan CONFIG lists them");
}

Graph build_graph(const Study& study, const stage::Registry& registry) {
  return Builder(study, registry).build();
}

std::vector<std::string> matching(const Graph& graph, const std::string& word) {
  std::vector<std::string> out;
  for (const auto& instance : graph.instances) {
    const bool below = instance.name.rfind(word, 0) == 0 &&
                       (instance.name.size() == word.size() || instance.name[word.size()] == '.' ||
                        instance.name[word.size()] == '@');
    if (below) out.push_back(instance.name);
  }
  if (out.empty()) static_cast<void>(graph.require(word));
  return out;
}

std::vector<std::string> select(const Graph& graph, const stage::Registry& registry,
                                const Selection& selection) {
  std::set<std::string> chosen;
  for (const auto& word : selection.only) {
    for (const auto& name : matching(graph, word)) chosen.insert(name);
  }
  for (const auto& word : selection.until) {
    for (const auto& name : matching(graph, word)) add_upstream(graph, name, chosen);
  }
  const bool all = selection.only.empty() && selection.until.empty();
  std::vector<std::string> out;
  for (const auto& instance : graph.instances) {
    if (!all && !chosen.contains(instance.name)) continue;
    if (instance.stage == nullptr) registry.fail_absent(instance.stage_name);
    out.push_back(instance.name);
  }
  return out;
}

}  // namespace tagconf::pipeline
