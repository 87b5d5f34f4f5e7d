#include "tagconf/stats/evaluation_set.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tagconf/base/error.hpp"
#include "tagconf/base/number.hpp"

namespace tagconf::stats {
namespace {

// The files of one headline model.
struct Group {
  std::string name;
  std::vector<std::pair<ModelName, const PredictionTable*>> members;
};

std::vector<Group> group_by_model(std::span<const PredictionTable> tables) {
  std::vector<Group> groups;
  for (const PredictionTable& table : tables) {
    ModelName name = parse_model_name(table.model);
    const std::string headline = name.headline();
    auto group =
        std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.name == headline; });
    if (group == groups.end()) group = groups.insert(groups.end(), Group{headline, {}});
    for (const auto& [other, file] : group->members) {
      if (other.seed == name.seed || !other.seed || !name.seed) {
        throw_input(
            fmt::format("{} and {} are both predictions of model {}", file->source, table.source, headline),
            "give each file a name of its own: NAME=FILE, or NAME.s1=FILE NAME.s2=FILE for seeds");
      }
    }
    group->members.emplace_back(std::move(name), &table);
  }
  for (Group& group : groups) {
    std::sort(group.members.begin(), group.members.end(),
              [](const auto& a, const auto& b) { return a.first.seed < b.first.seed; });
  }
  return groups;
}

ModelScores scores_of(const Group& group, const PredictionTable& table) {
  const ModelName& name = group.members.front().first;
  ModelScores out;
  out.name = group.name;
  out.train_arm = name.train_arm;
  out.test_arm = name.test_arm;
  out.kind = table.kind;
  out.score_name = table.score_name;
  out.score_asked = table.score_asked;
  out.score = table.score();
  out.probability = table.probability;
  return out;
}

// The mean over the seeds of one of their columns; empty where one of them lacks it.
std::vector<double> mean_over_seeds(const Group& group,
                                    const std::vector<double>& (*column)(const PredictionTable&)) {
  std::vector<double> mean(group.members.front().second->labels.size(), 0.0);
  for (const auto& [name, table] : group.members) {
    const std::vector<double>& values = column(*table);
    if (values.empty()) return {};
    for (std::size_t row = 0; row < mean.size(); ++row) mean[row] += values[row];
  }
  for (double& value : mean) value /= static_cast<double>(group.members.size());
  return mean;
}

void require_probabilities(const Group& group) {
  for (const auto& [name, table] : group.members) {
    if (!table->probability.empty()) continue;
    throw_input(fmt::format("{}: model {} has no column 'probability', which the mean over seeds needs",
                            table->source, table->model));
  }
}

ModelScores ensemble_of(const Group& group) {
  ModelScores out = scores_of(group, *group.members.front().second);
  if (group.members.size() == 1) return out;
  out.probability = mean_over_seeds(
      group, [](const PredictionTable& t) -> const std::vector<double>& { return t.probability; });
  if (out.score_asked) {
    out.score = mean_over_seeds(
        group, [](const PredictionTable& t) -> const std::vector<double>& { return t.score(); });
  } else {
    require_probabilities(group);
    out.kind = ScoreKind::probability;
    out.score_name = "probability";
    out.score = out.probability;
  }
  require_scores(group.name, out.score, group.members.front().second->labels);
  return out;
}

// The id of each row's cluster; empty where no row has one.
std::vector<std::string> cluster_ids(const PredictionTable& table, ClusterBy by) {
  if (by == ClusterBy::none) return {};
  const std::vector<std::string>& ids = by == ClusterBy::patient_id ? table.patient_id : table.study_id;
  const auto gap = std::find(ids.begin(), ids.end(), "");
  if (gap == ids.end()) return ids;
  const auto present = ids.size() - static_cast<std::size_t>(std::count(ids.begin(), ids.end(), ""));
  throw_input(
      fmt::format("{}: {} is empty; clusters has {} entries for {} labels; reason=length_mismatch",
                  table.where(static_cast<std::size_t>(gap - ids.begin())), name_of(by), present, ids.size()),
      "fill it in for every row, or ask for --cluster none");
}

template <class T>
std::vector<T> picked(const std::vector<T>& values, std::span<const std::size_t> rows) {
  if (values.empty()) return {};
  std::vector<T> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) out.push_back(values[row]);
  return out;
}

ModelScores select(const ModelScores& model, std::span<const std::size_t> rows) {
  ModelScores out = model;
  out.score = picked(model.score, rows);
  out.probability = picked(model.probability, rows);
  return out;
}

ModelScores reduce(const ModelScores& model, const Studies& studies, Aggregation aggregation) {
  ModelScores out = model;
  if (!model.probability.empty()) out.probability = aggregate(model.probability, studies, aggregation);
  if (model.probability.empty() || model.score_asked) {
    out.score = aggregate(model.score, studies, aggregation);
    return out;
  }
  out.kind = ScoreKind::probability;
  out.score_name = "probability";
  out.score = out.probability;
  return out;
}

}  // namespace

std::string ModelName::headline() const {
  return train_arm == test_arm ? train_arm : train_arm + "@" + test_arm;
}

ModelName parse_model_name(std::string_view name) {
  ModelName out;
  const auto at = name.rfind('@');
  std::string_view model = name.substr(0, at);
  const auto dot = model.rfind(".s");
  if (dot != std::string_view::npos && dot > 0) {
    const std::string_view digits = model.substr(dot + 2);
    const bool plain = !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
    const auto seed = plain ? parse_int(digits) : std::nullopt;
    if (seed) {
      out.seed = static_cast<std::uint64_t>(*seed);
      model = model.substr(0, dot);
    }
  }
  out.train_arm = std::string(model);
  out.test_arm = at == std::string_view::npos ? out.train_arm : std::string(name.substr(at + 1));
  return out;
}

EvaluationSet make_image_set(std::span<const PredictionTable> tables, ClusterBy cluster,
                             bool allow_one_class) {
  if (tables.empty()) throw Error(ErrorCode::usage, "no predictions were given", "name at least one file");
  const PredictionTable& first = tables.front();
  if (!allow_one_class)
    require_two_classes(first.labels, fmt::format("{}: model {}: ", first.source, first.model));
  EvaluationSet set;
  set.labels = first.labels;
  set.study = first.study_id;
  set.cluster = cluster_ids(first, cluster);
  set.part = first.part;
  set.tagged = first.tagged;
  for (const Group& group : group_by_model(tables)) {
    set.models.push_back(ensemble_of(group));
    for (const auto& [name, table] : group.members) {
      if (name.seed) set.seeds.push_back({set.models.size() - 1, *name.seed, scores_of(group, *table)});
    }
  }
  return set;
}

EvaluationSet select_rows(const EvaluationSet& set, std::span<const std::size_t> rows) {
  EvaluationSet out;
  out.unit = set.unit;
  std::vector<std::uint8_t> labels;
  labels.reserve(rows.size());
  for (const std::size_t row : rows) labels.push_back(set.labels.values()[row]);
  out.labels = Labels(std::move(labels));
  out.study = picked(set.study, rows);
  out.cluster = picked(set.cluster, rows);
  out.part = picked(set.part, rows);
  out.tagged = picked(set.tagged, rows);
  for (const ModelScores& model : set.models) out.models.push_back(select(model, rows));
  for (const SeedScores& s : set.seeds) out.seeds.push_back({s.model, s.seed, select(s.scores, rows)});
  return out;
}

EvaluationSet reduce_to_studies(const EvaluationSet& images, Aggregation aggregation) {
  const Studies studies = group_studies(images.study, images.labels, images.cluster);
  EvaluationSet out;
  out.unit = Unit::study;
  out.labels = studies.labels;
  out.study = studies.id;
  out.cluster = studies.cluster;
  out.part = picked(images.part, studies.first_row);
  out.tagged = picked(images.tagged, studies.first_row);
  for (std::size_t row = 0; row < studies.of_row.size(); ++row) {
    const std::uint32_t study = studies.of_row[row];
    if (!out.part.empty() && images.part[row] != images.part[studies.first_row[study]])
      out.part[study].clear();
    if (!out.tagged.empty() && images.tagged[row] != 0) out.tagged[study] = 1;
  }
  for (const ModelScores& model : images.models) out.models.push_back(reduce(model, studies, aggregation));
  for (const SeedScores& s : images.seeds)
    out.seeds.push_back({s.model, s.seed, reduce(s.scores, studies, aggregation)});
  return out;
}

std::vector<std::size_t> tagged_rows(const EvaluationSet& set) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < set.tagged.size(); ++row) {
    if (set.tagged[row] != 0) rows.push_back(row);
  }
  return rows;
}

}  // namespace tagconf::stats
