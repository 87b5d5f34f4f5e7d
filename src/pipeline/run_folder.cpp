#include "run_folder.hpp"

#include <unistd.h>

#include "clock.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/jsonl.hpp"

namespace tagconf::pipeline {
namespace fs = std::filesystem;

void RunFolder::write_config(const Study& study) const {
  Json config = study.resolved;
  const fs::path here = fs::weakly_canonical(path_);
  const auto seen_from_here = [&](const fs::path& path) {
    return fs::weakly_canonical(path).lexically_proximate(here).generic_string();
  };
  for (const auto& [stage, section] : study.sections) {
    for (const auto& [port, files] : section.inputs) {
      if (!config.contains(stage) || !config.at(stage).is_object()) continue;
      Json& input = config[stage]["inputs"][port];
      if (files.size() == 1 && files.front().name.empty()) {
        input = seen_from_here(files.front().path);
        continue;
      }
      input = Json::object();
      for (const auto& file : files) input[file.name] = seen_from_here(file.path);
    }
  }
  write_text(path_ / "config.json", pretty_json(config));
}

void RunFolder::write_record(const RunRecord& record) const {
  write_text(path_ / "record.json", pretty_json(to_json(record)));
}

void RunFolder::event(const std::string& what, Json details) const {
  details["event"] = what;
  details["time"] = utc_now();
  append_jsonl(path_ / "events.jsonl", details);
}

void RunFolder::publish(const Instance& instance, const Artefact& artefact) const {
  const fs::path links = path_ / "stages";
  make_folder(links);
  const fs::path target = fs::weakly_canonical(artefact.out).lexically_proximate(fs::weakly_canonical(links));
  const fs::path link = links / instance.name;
  std::error_code error;
  if (!fs::is_symlink(link, error) || fs::read_symlink(link, error) != target) {
    const fs::path fresh = links / ("." + instance.name + "." + std::to_string(::getpid()));
    fs::remove(fresh, error);
    fs::create_directory_symlink(target, fresh, error);
    if (!error) fs::rename(fresh, link, error);
    if (error) {
      throw Error(ErrorCode::environment, link.string() + ": cannot be linked: " + error.message(),
                  "runs and cache need a file system with symbolic links");
    }
  }
  for (const auto& [stage, port, name] :
       {std::tuple{"evaluate", "results", "results.json"}, std::tuple{"report", "report", "report.html"}}) {
    const auto file = artefact.paths.find(port);
    if (instance.stage_name == stage && file != artefact.paths.end()) copy(file->second, name);
  }
}

void RunFolder::copy(const fs::path& from, const std::string& name) const {
  const std::string text = read_text(from);
  std::error_code error;
  const fs::path to = path_ / name;
  if (fs::exists(to, error) && fs::file_size(to, error) == text.size() && read_text(to) == text) return;
  write_text(to, text);
}

void RunFolder::drop_old_links(const Graph& graph) const {
  std::error_code error;
  if (!fs::is_directory(path_ / "stages", error)) return;
  for (const auto& item : fs::directory_iterator(path_ / "stages")) {
    if (item.is_symlink() && graph.find(item.path().filename().string()) == nullptr) {
      fs::remove(item.path(), error);
    }
  }
}

}  // namespace tagconf::pipeline
