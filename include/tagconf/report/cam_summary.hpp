// How much of a model's Grad-CAM energy lies inside the tags, against what chance placement would give.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/report/text.hpp"

namespace tagconf::report {

// A row of cam.csv. Values are missing where the image has no tag or the map is empty.
struct CamRow {
  std::string image_id;
  std::string model;
  std::string test_arm;
  std::string target;
  std::size_t map_index = 0;
  std::optional<double> in_tag;      // share of the map's energy inside tags, 0 to 1
  std::optional<double> area_share;  // share of the image's area inside tags
  std::optional<double> null_mean;   // mean in_tag with the boxes placed at random
  std::optional<double> null_p;
  bool empty = false;  // no positive evidence anywhere in the map
};

struct MeanEstimate {
  std::optional<double> mean;
  std::optional<Interval> ci;  // mean +- 1.96 SD / sqrt(n); n >= 2
  std::size_t n = 0;
};

struct CamSummary {
  std::string name;
  std::size_t maps = 0;
  std::size_t empty = 0;
  MeanEstimate in_tag;
  MeanEstimate area_share;
  MeanEstimate null_mean;
  MeanEstimate excess;      // in_tag - null_mean, of the same map
  std::size_t small_p = 0;  // maps with null_p < 0.05
  std::size_t with_p = 0;
  std::vector<double> in_tag_values;
};

[[nodiscard]] MeanEstimate estimate_mean(std::span<const double> values);
[[nodiscard]] CamSummary summarize_cams(std::string name, std::span<const CamRow> rows);

}  // namespace tagconf::report
