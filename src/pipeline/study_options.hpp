// The keys at the top of a config, declared once.
#pragma once

#include "tagconf/options/field.hpp"
#include "tagconf/pipeline/study.hpp"

namespace tagconf::pipeline {

inline constexpr const char* kStudySchema = "tagconf.run/1";

struct StudyOptions {
  std::string schema;
  std::string name;
  std::string description;
  std::string runs = "runs";
  std::string cache = "cache";
  std::vector<Arm> arms{Arm::original, Arm::covered, Arm::tags_only};
  TestArms test_arms = TestArms::own;
  std::vector<std::uint64_t> seeds{1};

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    v(field<std::string>("schema", "must be tagconf.run/1"), schema);
    v(field<std::string>("name", "name of the run's folder; default: the config's file name"), name);
    v(field<std::string>("description", "one line on what the study is about"), description);
    v(field<std::string>("runs", "folder of run folders, relative to the working folder"), runs);
    v(field<std::string>("cache", "folder of the cache, relative to the working folder"), cache);
    v(field<std::vector<Arm>>("arms", "training arms, in the order in which they are compared"), arms);
    v(field<TestArms>("test_arms", "test images a model sees: its own arm's, or every arm's"), test_arms);
    v(field<std::vector<std::uint64_t>>("seeds", "training seeds; several give an ensemble and its spread"),
      seeds);
  }
};

}  // namespace tagconf::pipeline
