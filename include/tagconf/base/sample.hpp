// One image of a cohort as every layer above sees it: who it belongs to and what it is labelled.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <utility>

#include "tagconf/base/names.hpp"

namespace tagconf {

enum class Split { none, train, valid, test };

template <>
struct EnumNames<Split> {
  static constexpr std::array kNames{std::pair{Split::none, ""}, std::pair{Split::train, "train"},
                                     std::pair{Split::valid, "valid"}, std::pair{Split::test, "test"}};
};

// The three arms of the study. Control arms are added here as they come.
enum class Arm { original, covered, tags_only };

template <>
struct EnumNames<Arm> {
  static constexpr std::array kNames{std::pair{Arm::original, "original"}, std::pair{Arm::covered, "covered"},
                                     std::pair{Arm::tags_only, "tags_only"}};
};

struct Sample {
  std::string image_id;    // unique in the cohort
  std::string patient_id;  // may be empty
  std::string study_id;    // may be empty
  std::string body_part;   // upper case, may be empty
  Split split = Split::none;
  std::optional<int> label;  // 0 normal, 1 abnormal
};

}  // namespace tagconf
