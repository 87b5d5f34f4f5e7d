// Which images of a cohort a model is applied to: shared by predict and gradcam.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/error.hpp"
#include "tagconf/base/names.hpp"
#include "tagconf/base/sample.hpp"

namespace tagconf::stages {

enum class SplitChoice { all, train, valid, test };

}  // namespace tagconf::stages

template <>
struct tagconf::EnumNames<tagconf::stages::SplitChoice> {
  using S = tagconf::stages::SplitChoice;
  static constexpr std::array kNames{std::pair{S::all, "all"}, std::pair{S::train, "train"},
                                     std::pair{S::valid, "valid"}, std::pair{S::test, "test"}};
};

namespace tagconf::stages {

// Indices of `rows` whose sample (rows[i].sample) is in the split; all of them where no row is in any split.
// Error input naming `source` when none is left.
template <class Row>
[[nodiscard]] std::vector<std::size_t> rows_of_split(const std::vector<Row>& rows, SplitChoice choice,
                                                     const std::string& source) {
  const bool any_split =
      std::any_of(rows.begin(), rows.end(), [](const Row& row) { return row.sample.split != Split::none; });
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!any_split || choice == SplitChoice::all || name_of(rows[i].sample.split) == name_of(choice))
      out.push_back(i);
  }
  if (out.empty()) {
    throw_input(source + ": holds no image of the " + std::string(name_of(choice)) + " split",
                "choose another with --split, or take --split all");
  }
  return out;
}

}  // namespace tagconf::stages
