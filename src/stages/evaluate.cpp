// evaluate: how well do models tell abnormal from normal, and do they differ? Reads prediction tables of the
// same images and writes results.json, ROC curves, and tables as CSV and LaTeX.
//
// Every AUC comes with DeLong's interval (rows independent) and Obuchowski's (patients independent), every
// pair of models with both tests. Works on any prediction tables: nothing of the pipeline is needed.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <unordered_set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/stats/results.hpp"

namespace tagconf::stages {
namespace {

using stats::AnalysisPlan;
using stats::EvaluationSet;
using stats::PredictionTable;
using stats::Unit;

constexpr const char* kThresholds = "threshold_from";

struct EvaluateOptions {
  std::string score;
  std::vector<Unit> unit;
  stats::ClusterBy cluster = stats::ClusterBy::patient_id;
  stats::Aggregation aggregate = stats::Aggregation::mean;
  std::string by = "body_part";
  bool by_tag = true;
  std::string reference;
  std::optional<double> margin;
  stats::ThresholdRules fixed;
  int bootstrap = 2000;
  std::optional<stats::Resampling> resampling;
  std::uint64_t seed = 0;
  bool allow_selection_split = false;
  std::map<std::string, std::string> columns;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    using options::field;
    using options::unhashed;
    using options::within;
    v(field<std::string>(
          "score", "what ranks: logit, probability or another column; default: logit where there is one"),
      score);
    v(field<std::vector<Unit>>("unit",
                               "units of analysis; default: image, and study where files have study_id"),
      unit);
    v(field<stats::ClusterBy>("cluster", "column whose rows belong together"), cluster);
    v(field<stats::Aggregation>("aggregate",
                                "a study's score from its images' probabilities, or the score asked for"),
      aggregate);
    v(field<std::string>("by", "column whose values are also analysed one by one; none = not"), by);
    v(field<bool>("by_tag", "also analyse the images that carry a tag, where files have a column tagged"),
      by_tag);
    v(field<std::string>("reference", "model that the others are compared with (b of a - b)"), reference);
    v(within(
          field<std::optional<double>>(
              "margin", "least difference of AUCs that matters: also test equivalence and non-inferiority"),
          0.000001, 1),
      margin);
    v(within(field<double>("fixed_sensitivity", "operating point at this sensitivity"), 0, 1),
      fixed.sensitivity);
    v(within(field<double>("fixed_specificity", "operating point at this specificity"), 0, 1),
      fixed.specificity);
    v(within(field<int>("bootstrap", "bootstrap replicates, 0 = none"), 0, 1000000), bootstrap);
    v(field<std::optional<stats::Resampling>>(
          "resampling",
          "what the bootstrap draws; default: cluster, or observation_stratified without clusters"),
      resampling);
    v(field<std::uint64_t>("seed", "seed of the bootstrap"), seed);
    v(field<bool>("allow_selection_split", "accept rows of train or valid; the result is marked optimistic"),
      allow_selection_split);
    v(field<std::map<std::string, std::string>>("columns", "column names that differ, as image_id=filename"),
      columns);
    v(unhashed(field<int>("threads", "worker threads, 0 = all")), threads);
  }
};

stage::StageInfo evaluate_info() {
  stage::StageInfo info;
  info.name = "evaluate";
  info.version = 2;
  info.answers = true;
  info.json_output = "results";
  info.summary = "compare models by AUC, with DeLong and patient-clustered tests";
  info.inputs = {
      {"predictions", "prediction tables of the same images, [NAME=]FILE", true, true},
      {kThresholds, "predictions on validation data, to choose thresholds, [NAME=]FILE", false, true}};
  info.outputs = {
      {"results", "results.json", "every estimate, interval and test"},
      {"roc", "roc.csv",
       "ROC curves with pointwise intervals: model, unit, subset, threshold, fpr, tpr, tpr_low, tpr_high"},
      {"models", "models.csv", "a row a model"},
      {"comparisons", "comparisons.csv", "a row a comparison"},
      {"tables", "tables.tex", "both, and the operating points, as LaTeX (booktabs)"}};
  info.examples = {"tagconf evaluate original=a.csv covered=b.csv --out results",
                   "tagconf evaluate a.csv b.csv --threshold-from a=valid_a.csv --unit image --json"};
  return info;
}

std::string model_name(const stage::NamedPath& file) {
  if (!file.name.empty()) return file.name;
  return file.path == "-" ? "model" : file.path.stem().string();
}

std::vector<PredictionTable> read_tables(const std::vector<stage::NamedPath>& files,
                                         const EvaluateOptions& options, const stage::Context& context) {
  std::vector<PredictionTable> tables;
  for (const auto& file : files) {
    if (context.stop_requested && context.stop_requested())
      throw Error(ErrorCode::incomplete, "evaluate: stopped", "run it again");
    tables.push_back(
        stats::read_predictions(file.path, model_name(file), {options.columns, options.score, options.by}));
    context.progress->update(tables.size(), files.size(), "files", tables.back().model);
  }
  return stats::join_predictions(std::move(tables));
}

// The split the rows belong to, where the files tell it. Train and valid were used for selection.
std::optional<std::string> split_of(const PredictionTable& table, bool allowed) {
  if (table.split.empty()) return std::nullopt;
  std::vector<std::string> seen;
  for (std::size_t row = 0; row < table.split.size(); ++row) {
    const Split split = table.split[row];
    if ((split == Split::train || split == Split::valid) && !allowed) {
      throw_input(fmt::format("{}: split is {}, which was used for selection; reason=selection_split",
                              table.where(row), name_of(split)),
                  "evaluate the test split, or add --allow-selection-split");
    }
    const std::string name = split == Split::none ? "none" : std::string(name_of(split));
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) seen.push_back(name);
  }
  std::sort(seen.begin(), seen.end());
  return fmt::format("{}", fmt::join(seen, "+"));
}

void require_studies(const PredictionTable& table) {
  const auto gap = std::find(table.study_id.begin(), table.study_id.end(), "");
  if (!table.study_id.empty() && gap == table.study_id.end()) return;
  const char* hint = "fill it in for every row, or ask for --unit image";
  if (table.study_id.empty())
    throw_input(fmt::format("{}: no column study_id for unit study", table.source), hint);
  throw_input(fmt::format("{}: study_id is empty",
                          table.where(static_cast<std::size_t>(gap - table.study_id.begin()))),
              hint);
}

void require_parts(const PredictionTable& table, const EvaluateOptions& options) {
  if (!table.part.empty() || options.by == "none" || options.by == "body_part") return;
  throw_input(
      fmt::format("{}: no column '{}' with anything in it, which --by names", table.source, options.by),
      "name a column of the files, or --by none");
}

// Every study must have one label and one cluster; here one that does not fit can still be told with file and
// line.
void require_sound_studies(const PredictionTable& table, const std::vector<std::string>& cluster) {
  (void)stats::group_studies(table.study_id, table.labels, cluster,
                             [&](std::size_t row) { return table.where(row); });
}

bool has_studies(const std::vector<Unit>& units) {
  return std::find(units.begin(), units.end(), Unit::study) != units.end();
}

std::vector<Unit> units_of(const EvaluateOptions& options, const PredictionTable& table) {
  std::vector<Unit> units;
  for (const Unit unit : options.unit) {
    if (std::find(units.begin(), units.end(), unit) == units.end()) units.push_back(unit);
  }
  if (units.empty()) {
    units.push_back(Unit::image);
    if (!table.study_id.empty()) units.push_back(Unit::study);
  }
  if (has_studies(units)) require_studies(table);
  return units;
}

EvaluationSet set_of(Unit unit, const EvaluationSet& images, const EvaluateOptions& options) {
  return unit == Unit::image ? images : stats::reduce_to_studies(images, options.aggregate);
}

// Thresholds chosen on validation data are on the validation scores' scale: it must be the same here.
void require_same_scores(const EvaluationSet& valid, const EvaluationSet& test) {
  for (const auto& v : valid.models) {
    for (const auto& t : test.models) {
      if (t.train_arm == v.train_arm && t.score_name != v.score_name) {
        throw_input(fmt::format("model {} ranks by {} but its validation predictions by {}", t.name,
                                t.score_name, v.score_name),
                    "give both files the same score columns");
      }
    }
  }
}

void require_no_test_rows(const PredictionTable& valid, const PredictionTable& test, bool& shared) {
  for (std::size_t row = 0; row < valid.split.size(); ++row) {
    if (valid.split[row] == Split::test) {
      throw_input(fmt::format("{}: split is test: thresholds must not see the test set", valid.where(row)),
                  "give predictions on the valid split");
    }
  }
  const std::unordered_set<std::string_view> tested(test.image_id.begin(), test.image_id.end());
  for (std::size_t row = 0; row < valid.image_id.size(); ++row) {
    if (!tested.contains(valid.image_id[row])) continue;
    shared = true;
    return;
  }
}

// Validation predictions, and whether they hold images that are evaluated.
struct Valid {
  EvaluationSet images;
  bool is_test = false;
};

// Every validation file must be of a model that is evaluated; one file without a name is of the one model.
void match_models(EvaluationSet& valid, const EvaluationSet& test,
                  const std::vector<stage::NamedPath>& files) {
  if (files.size() == 1 && files.front().name.empty() && test.models.size() == 1) {
    stats::ModelScores& model = valid.models.front();
    model.name = test.models.front().name;
    model.train_arm = test.models.front().train_arm;
    return;
  }
  std::vector<std::string> names;
  for (const auto& model : test.models) names.push_back(model.name);
  for (const auto& model : valid.models) {
    const bool known = std::any_of(test.models.begin(), test.models.end(), [&](const auto& t) {
      return t.name == model.name || t.train_arm == model.name;
    });
    if (known) continue;
    throw_input(fmt::format("validation predictions of '{}', but no model has that name", model.name),
                fmt::format("give each as NAME=FILE; the models are: {}", fmt::join(names, ", ")));
  }
}

Valid read_valid(const stage::StageIo& io, const EvaluateOptions& options, const std::vector<Unit>& units,
                 const PredictionTable& test, const EvaluationSet& images, const stage::Context& context) {
  EvaluateOptions plain = options;
  plain.by = "none";
  const auto tables = read_tables(io.many(kThresholds), plain, context);
  Valid out;
  require_no_test_rows(tables.front(), test, out.is_test);
  if (has_studies(units)) {
    require_studies(tables.front());
    require_sound_studies(tables.front(), {});
  }
  out.images = stats::make_image_set(tables, stats::ClusterBy::none, true);
  match_models(out.images, images, io.many(kThresholds));
  return out;
}

Json brief(const stats::EvaluationResults& results, const Json& full) {
  Json out{{"models", Json::array()}, {"primary", nullptr}, {"text", stats::results_text(results)}};
  for (const Json& unit : full.at("units")) {
    if (unit.at("subset") != "all") continue;
    for (const Json& model : unit.at("models")) {
      const Json& inference = model.contains("clustered") ? model.at("clustered") : model.at("delong");
      out["models"].push_back({{"unit", unit.at("unit")},
                               {"name", model.at("name")},
                               {"auc", model.at("auc")},
                               {"ci", inference.at("ci_clipped")}});
    }
    for (const Json& c : unit.at("comparisons")) {
      if (!c.at("primary").get<bool>() || !out["primary"].is_null()) continue;
      out["primary"] = {{"unit", unit.at("unit")},
                        {"a", c.at("a")},
                        {"b", c.at("b")},
                        {"difference", c.at("difference")},
                        {"p_delong", c.at("delong").at("p")}};
      if (c.contains("clustered")) out["primary"]["p_clustered"] = c.at("clustered").at("p");
    }
  }
  return out;
}

stage::Summary run_evaluate(const EvaluateOptions& options, const stage::StageIo& io,
                            const stage::Context& context) {
  const auto tables = read_tables(io.many("predictions"), options, context);
  const PredictionTable& first = tables.front();
  stats::EvaluationResults results;
  results.split = split_of(first, options.allow_selection_split);
  results.optimistic = results.split && (results.split->find("train") != std::string::npos ||
                                         results.split->find("valid") != std::string::npos);
  results.aggregation = options.aggregate;
  results.bootstrap_seed = options.seed;
  results.margin = options.margin;
  results.by = options.by == "none" ? "" : options.by;

  require_parts(first, options);
  const std::vector<Unit> units = units_of(options, first);
  const EvaluationSet images = stats::make_image_set(tables, options.cluster);
  if (has_studies(units)) require_sound_studies(first, images.cluster);
  results.cluster = images.cluster.empty() ? stats::ClusterBy::none : options.cluster;
  std::optional<Valid> valid;
  if (io.has(kThresholds)) valid = read_valid(io, options, units, first, images, context);

  AnalysisPlan plan;
  plan.reference = options.reference;
  plan.replicates = static_cast<std::size_t>(options.bootstrap);
  plan.resampling = options.resampling;
  plan.seed = options.seed;
  plan.threads = options.threads > 0 ? options.threads : context.threads;
  plan.rules = options.fixed;
  plan.valid_is_test = valid && valid->is_test;

  const std::vector<std::size_t> tagged = stats::tagged_rows(images);
  const bool both = options.by_tag && !tagged.empty() && tagged.size() < images.labels.size();
  std::vector<stats::NamedSet> curves;
  for (const Unit unit : units) {
    const EvaluationSet& all = curves.emplace_back(stats::NamedSet{"all", set_of(unit, images, options)}).set;
    if (valid) {
      const EvaluationSet chosen_on = set_of(unit, valid->images, options);
      require_same_scores(chosen_on, all);
      plan.valid_thresholds = stats::thresholds_of(chosen_on, plan.rules);
    }
    stats::SubsetResult whole{"all", std::nullopt, std::nullopt, stats::analyse(all, plan)};
    if (!all.tagged.empty()) {
      whole.tagged = stats::tagged_rows(all).size();
      whole.untagged = all.labels.size() - *whole.tagged;
    }
    stats::SubsetResult part{"tagged", whole.tagged, whole.untagged, {}};
    results.units.push_back(std::move(whole));
    if (!both) continue;
    const EvaluationSet& subset =
        curves
            .emplace_back(
                stats::NamedSet{"tagged", set_of(unit, stats::select_rows(images, tagged), options)})
            .set;
    part.analysis = stats::analyse(subset, plan);
    results.units.push_back(std::move(part));
  }
  const Json full = stats::results_json(results);
  write_text(io.output("roc"), stats::roc_csv(curves));
  write_text(io.output("models"), stats::models_csv(results));
  write_text(io.output("comparisons"), stats::comparisons_csv(results));
  write_text(io.output("tables"), stats::tables_latex(results));
  write_text(io.output("results"), pretty_json(full));
  return brief(results, full);
}

}  // namespace

stage::Stage evaluate() {
  return stage::make_stage<EvaluateOptions>(evaluate_info(), run_evaluate);
}

}  // namespace tagconf::stages
