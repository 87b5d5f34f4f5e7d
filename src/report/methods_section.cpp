#include <algorithm>
#include <set>

#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

std::int64_t count_split(const CohortFacts& c, Split split) {
  return std::count_if(c.samples.begin(), c.samples.end(), [&](const auto& s) { return s.split == split; });
}

std::string cohort_text(const CohortFacts& c, bool synthetic) {
  std::set<std::string> patients;
  std::set<std::string> studies;
  for (const auto& s : c.samples) {
    if (!s.patient_id.empty()) patients.insert(s.patient_id);
    if (!s.study_id.empty()) studies.insert(s.study_id);
  }
  std::string out = "The cohort held " + format_counted(static_cast<std::int64_t>(c.samples.size()),
                                                        synthetic ? "synthetic radiograph" : "radiograph",
                                                        synthetic ? "synthetic radiographs" : "radiographs");
  if (!studies.empty())
    out += " in " + format_counted(static_cast<std::int64_t>(studies.size()), "study", "studies");
  if (!patients.empty())
    out += " of " + format_counted(static_cast<std::int64_t>(patients.size()), "patient", "patients");
  out += ": " + format_count(count_split(c, Split::train)) + " for training, " +
         format_count(count_split(c, Split::valid)) + " for validation and " +
         format_count(count_split(c, Split::test)) + " for testing.";
  if (c.skipped_known) {
    const auto n = static_cast<std::int64_t>(c.skipped.size());
    out += n == 0 ? " No image had to be left out."
                  : " " + format_counted(n, "image", "images") + " could not be used.";
  }
  return out;
}

std::string tags_text(const MethodsFacts& f) {
  std::string out;
  if (f.tags) {
    out = "Tags (laterality markers, initials and other marks on the film) were boxed";
    if (!f.tag_sources.empty()) out += " (source of the boxes: " + join_words(f.tag_sources) + ")";
    out += "; " + format_count(static_cast<std::int64_t>(f.tags->tagged)) + " of " +
           format_counted(static_cast<std::int64_t>(f.tags->examined), "examined image", "examined images") +
           " carried at least one. ";
  }
  out += "In the covered arm every box";
  if (!f.all_kinds) out += " of the kinds " + join_words(f.kinds);
  out += ", enlarged by " + format_counted(f.pad, "pixel", "pixels") + " on each side, was painted over (" +
         spoken(f.fill) +
         "); in the tags-only arm everything outside these boxes was set to 0. Both were done at stored "
         "resolution, before "
         "resizing, with grey values on one fixed scale. Images without tags stayed in every arm.";
  return out;
}

// The value that all runs share, if they do.
template <class T, class Member>
std::optional<T> common(const std::vector<TrainingRun>& runs, Member member) {
  std::optional<T> out;
  for (const auto& run : runs) {
    if (!run.record) return std::nullopt;
    const std::optional<T> value = (*run.record).*member;
    if (!value || (out && *out != *value)) return std::nullopt;
    out = value;
  }
  return out;
}

std::string start_text(const std::vector<TrainingRun>& runs) {
  bool random = true;
  bool given = true;
  for (const auto& run : runs) {
    random = random && run.record && run.record->start == "random";
    given = given && run.record && run.record->start.size() == 64;
  }
  if (random) return ", from random weights";
  return given ? ", from weights trained before (SHA-256 " + runs.front().record->start.substr(0, 12) +
                     "\u2026)"
               : "";
}

std::string training_text(const std::vector<TrainingRun>& runs) {
  std::string out = "One DenseNet-121 was trained for each arm and seed";
  const auto size = common<std::int64_t>(runs, &TrainingRecord::input_size);
  if (size) out += " at " + std::to_string(*size) + " \u00d7 " + std::to_string(*size) + " pixels";
  out += start_text(runs);
  std::int64_t fewest = 0;
  std::int64_t most = 0;
  std::vector<std::string> best;
  bool kept = true;
  for (const auto& run : runs) {
    const auto n = static_cast<std::int64_t>(run.epochs.size());
    fewest = fewest == 0 ? n : std::min(fewest, n);
    most = std::max(most, n);
    kept = kept && run.record && run.record->kept_epoch;
    if (const Epoch* e = run.best()) best.push_back(std::to_string(e->epoch) + " (" + spoken(run.name) + ")");
  }
  out += ", for " + (fewest == most ? format_counted(most, "epoch", "epochs")
                                    : format_count(fewest) + " to " + format_count(most) + " epochs");
  const auto train = common<std::int64_t>(runs, &TrainingRecord::train_images);
  const auto valid = common<std::int64_t>(runs, &TrainingRecord::valid_images);
  if (train && valid) {
    out += ", on " + format_count(*train) + " training images with " + format_count(*valid) +
           " validation images";
  }
  out += ".";
  if (!best.empty()) {
    out += kept ? " The weights kept are those of epoch "
                : " The AUC on the validation images was largest at epoch ";
    out += join_words(best) + ".";
  }
  return out;
}

std::string statistics_text(const Results& results) {
  std::string out =
      "Areas under the ROC curve (AUC) are given with 95 % confidence intervals by DeLong\u2019s method and "
      "compared between arms by DeLong\u2019s paired test (Biometrics 1988;44:837\u2013845)";
  const std::string cluster = results.cluster_word();
  if (!cluster.empty()) {
    out += "; because images of one " + cluster + " are not independent, intervals and tests clustered by " +
           cluster + " are given as well (Obuchowski, Biometrics 1997;53:567\u2013578)";
  }
  out += ". Tests are two-sided; p values of several comparisons were also adjusted by Holm\u2019s method.";
  std::int64_t replicates = 0;
  bool study = false;
  bool tagged = false;
  for (const auto& unit : results.units) {
    study = study || unit.unit == "study";
    tagged = tagged || unit.subset == "tagged";
    for (const auto& m : unit.models) replicates = std::max(replicates, m.bootstrap_replicates);
  }
  if (replicates > 0)
    out += " Percentile bootstrap intervals rest on " + format_count(replicates) + " replicates.";
  if (study) {
    const std::string how = results.aggregation == "max" ? "largest" : "mean";
    out += " At study level a study\u2019s score was the " + how + " of its images\u2019 probabilities.";
  }
  if (tagged) out += " Results were repeated on tagged images alone.";
  return out;
}

}  // namespace

Section methods_section(const MethodsFacts& f) {
  std::vector<std::string> text;
  if (f.cohort) text.push_back(cohort_text(*f.cohort, f.synthetic));
  text.push_back(tags_text(f));
  if (!f.training.empty()) text.push_back(training_text(f.training));
  if (f.results.split == "test")
    text.push_back(
        "All results were taken on the test images, which had no part in training or in any choice.");
  text.push_back(statistics_text(f.results));
  if (f.cams) {
    text.push_back(
        "Class activation maps were made by Grad-CAM (Selvaraju et al., ICCV 2017). The share of a "
        "map\u2019s energy "
        "inside the tags was compared with the share found when the same boxes are placed at random.");
  }
  text.push_back("The analysis was made with tagconf.");
  Html body = paragraph("Ready to paste; every number is taken from this run\u2019s files.");
  body += quotation(text);
  return {"methods", "Methods text", body};
}

Section provenance_section(const ProvenanceFacts& facts) {
  Table inputs;
  inputs.caption = "Inputs";
  inputs.columns = {{"Input", false}, {"File", false}, {"SHA-256", false}};
  for (const auto& i : facts.inputs) {
    inputs.rows.push_back(
        {cell(i.name.empty() ? i.port : i.port + ", " + spoken(i.name)), cell(i.file), code(i.sha256)});
  }
  Table settings;
  settings.caption = "Settings of this report";
  settings.columns = {{"Setting", false}, {"Value", false}};
  for (const auto& [name, value] : facts.settings) settings.rows.push_back({cell(name), cell(value)});
  return {
      "provenance", "Provenance",
      table(inputs) + table(settings) +
          note("The same inputs and settings give the same bytes of this file; it holds no time of day.")};
}

}  // namespace tagconf::report
