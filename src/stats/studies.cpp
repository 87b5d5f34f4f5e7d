#include "tagconf/stats/studies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <unordered_map>

#include "tagconf/base/error.hpp"

namespace tagconf::stats {

Studies group_studies(std::span<const std::string> study_ids, const Labels& labels,
                      std::span<const std::string> cluster_ids, const RowPlace& place) {
  const auto at = [&](std::size_t row) { return place ? place(row) + ": " : std::string(); };
  require_length("studies", study_ids.size(), labels.size());
  if (!cluster_ids.empty()) require_length("clusters", cluster_ids.size(), labels.size());
  Studies studies;
  studies.of_row.resize(labels.size());
  std::vector<std::uint8_t> study_labels;
  std::unordered_map<std::string_view, std::uint32_t> number;
  number.reserve(study_ids.size());
  for (std::size_t row = 0; row < labels.size(); ++row) {
    const auto [entry, fresh] = number.try_emplace(study_ids[row], static_cast<std::uint32_t>(number.size()));
    const std::uint32_t study = entry->second;
    studies.of_row[row] = study;
    if (fresh) {
      studies.id.push_back(study_ids[row]);
      studies.first_row.push_back(row);
      study_labels.push_back(labels.values()[row]);
      if (!cluster_ids.empty()) studies.cluster.push_back(cluster_ids[row]);
      continue;
    }
    const std::size_t first = studies.first_row[study];
    if (labels.positive(row) != labels.positive(first)) {
      throw_input(
          fmt::format(
              "{}study {} has images with label {} (row {} (0-based)) and label {} (row {} (0-based)); "
              "reason=study_label_conflict",
              at(row), study_ids[row], labels.values()[first], first, labels.values()[row], row),
          "correct the labels, or evaluate images only");
    }
    if (!cluster_ids.empty() && cluster_ids[row] != cluster_ids[first]) {
      throw_input(fmt::format("{}study {} belongs to {} (row {} (0-based)) and to {} (row {} (0-based)); "
                              "reason=study_in_two_clusters",
                              at(row), study_ids[row], cluster_ids[first], first, cluster_ids[row], row),
                  "give each study one patient, or evaluate images only");
    }
  }
  studies.labels = Labels(std::move(study_labels));
  return studies;
}

std::vector<double> aggregate(std::span<const double> scores, const Studies& studies,
                              Aggregation aggregation) {
  const std::size_t count = studies.id.size();
  if (aggregation == Aggregation::max) {
    std::vector<double> largest(count, -std::numeric_limits<double>::infinity());
    for (std::size_t row = 0; row < scores.size(); ++row) {
      double& value = largest[studies.of_row[row]];
      value = std::max(value, scores[row]);
    }
    return largest;
  }
  std::vector<double> mean(count, 0.0);
  std::vector<double> images(count, 0.0);
  for (std::size_t row = 0; row < scores.size(); ++row) {
    mean[studies.of_row[row]] += scores[row];
    images[studies.of_row[row]] += 1.0;
  }
  for (std::size_t study = 0; study < count; ++study) {
    mean[study] /= images[study];
    if (std::isnan(mean[study])) {
      throw_input(fmt::format(
          "study {} has images with scores inf and -inf, their mean is no number; reason=nan_score",
          studies.id[study]));
    }
  }
  return mean;
}

}  // namespace tagconf::stats
