// Writes runs/<name>/.
#pragma once

#include "tagconf/pipeline/cache.hpp"
#include "tagconf/pipeline/graph.hpp"
#include "tagconf/pipeline/record.hpp"

namespace tagconf::pipeline {

class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // config.json: every default filled in, paths relative to the run folder, so that it can be run itself.
  void write_config(const Study& study) const;
  void write_record(const RunRecord& record) const;
  // A line of events.jsonl; the time is added.
  void event(const std::string& what, Json details) const;
  // stages/<instance> -> the outputs in the cache; results.json and report.html are copied out.
  void publish(const Instance& instance, const Artefact& artefact) const;
  // Place of the list of what an instance cannot use.
  [[nodiscard]] std::filesystem::path refused(const Instance& instance) const {
    return path_ / (instance.name + ".skipped.csv");
  }
  // Removes links of instances that the study no longer has.
  void drop_old_links(const Graph& graph) const;

 private:
  void copy(const std::filesystem::path& from, const std::string& name) const;
  std::filesystem::path path_;
};

}  // namespace tagconf::pipeline
