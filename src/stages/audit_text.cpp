#include "audit_text.hpp"

#include <algorithm>

#include "text_table.hpp"

namespace tagconf::stages {
namespace {

using cohort::LeakKind;

const KindCount& count_of(const AuditReport& report, LeakKind kind) {
  return report.kinds[static_cast<std::size_t>(kind)];
}

// Pairs of pictures; a patient or a study that stays in one split is no finding, and has many labels.
bool is_of_pictures(LeakKind kind) {
  return kind != LeakKind::patient && kind != LeakKind::study;
}

std::string title_of(LeakKind kind) {
  switch (kind) {
    case LeakKind::patient:
      return "patients";
    case LeakKind::study:
      return "studies";
    case LeakKind::identical:
      return "identical pixels, pairs";
    case LeakKind::near:
      return "near-duplicates, pairs";
    case LeakKind::mirrored:
      return "mirrored copies, pairs";
  }
  return "";
}

Json pairs_json(const PairCount& count) {
  return {{"pairs", count.pairs}, {"labels_differ", count.labels_differ}};
}

std::string counted(std::size_t n, const std::string& one, const std::string& many) {
  return std::to_string(n) + " " + (n == 1 ? one : many);
}

std::string verdict_of(const AuditReport& report) {
  if (report.leaks() > 0) return "leaks";
  return report.splits() < 2 ? "one_split" : "clean";
}

std::string verdict_sentence(const AuditReport& report) {
  if (report.splits() < 2 && report.leaks() == 0)
    return "verdict: fewer than two splits, so nothing can be in two of them";
  if (report.leaks() == 0)
    return "verdict: no leak found between " + std::to_string(report.splits()) + " splits";
  std::string shares;
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    const auto i = static_cast<std::size_t>(split);
    if (report.concerned[i] == 0) continue;
    shares += (shares.empty() ? "" : ", ") + std::to_string(report.concerned[i]) + " of " +
              std::to_string(report.in_split[i]) + " " + std::string(name_of(split));
  }
  return "verdict: LEAKS between splits; images concerned: " + shares;
}

}  // namespace

std::size_t AuditReport::leaks() const {
  std::size_t out = 0;
  for (const auto& count : kinds) out += count.across.pairs;
  return out;
}

std::size_t AuditReport::splits() const {
  return static_cast<std::size_t>(
      std::count_if(in_split.begin() + 1, in_split.end(), [](std::size_t n) { return n > 0; }));
}

void count_leaks(std::span<const cohort::Leak> leaks, std::span<const cohort::ManifestRow> rows,
                 const cohort::LeakOptions& options, AuditReport& report) {
  report.images = rows.size();
  for (const auto& row : rows) {
    ++report.in_split[static_cast<std::size_t>(row.sample.split)];
    report.without_patient += row.sample.patient_id.empty() ? 1 : 0;
  }
  report.concerned = cohort::count_concerned(leaks, rows, options);
  for (const auto& leak : leaks) {
    KindCount& kind = report.kinds[static_cast<std::size_t>(leak.kind)];
    PairCount& count = cohort::is_across(leak, rows) ? kind.across : kind.within;
    ++count.pairs;
    count.labels_differ += cohort::labels_differ(leak, rows) ? 1 : 0;
  }
}

Json audit_json(const AuditReport& report) {
  Json out{{"verdict", verdict_of(report)}, {"images", report.images},
           {"leaks", report.leaks()},       {"without_patient", report.without_patient},
           {"blank", report.blank},         {"skipped", Json::array()}};
  for (const auto& image : report.skipped)
    out["skipped"].push_back({{"source", image.source}, {"reason", image.reason}});
  for (const auto& [kind, name] : EnumNames<LeakKind>::kNames) {
    const KindCount& count = count_of(report, kind);
    Json& entry = out["kinds"][std::string(name)];
    if (is_of_pictures(kind)) {
      entry = {{"across", pairs_json(count.across)}, {"within", pairs_json(count.within)}};
    } else {
      entry["across"]["pairs"] = count.across.pairs;
    }
  }
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    const auto i = static_cast<std::size_t>(split);
    out["splits"][std::string(name_of(split))] = {{"images", report.in_split[i]},
                                                  {"concerned", report.concerned[i]}};
  }
  return out;
}

std::string audit_text(const AuditReport& report) {
  std::string out = counted(report.images, "image", "images");
  if (!report.skipped.empty()) out += "; " + std::to_string(report.skipped.size()) + " cannot be read";
  if (!report.blank.empty())
    out += "; " + std::to_string(report.blank.size()) + " of one grey, not compared (audit.json names them)";
  if (report.without_patient > 0)
    out += "; " + std::to_string(report.without_patient) + " without a patient id";
  std::vector<std::vector<std::string>> rows{
      {"in two splits or twice", "across splits", "labels differ", "within a split", "labels differ"}};
  for (const auto& [kind, name] : EnumNames<LeakKind>::kNames) {
    const KindCount& count = count_of(report, kind);
    rows.push_back({title_of(kind), std::to_string(count.across.pairs)});
    if (!is_of_pictures(kind)) continue;
    for (const std::size_t n : {count.across.labels_differ, count.within.pairs, count.within.labels_differ})
      rows.back().push_back(std::to_string(n));
  }
  return out + "\n\n" + aligned(rows) + "\n" + verdict_sentence(report) + "\n";
}

}  // namespace tagconf::stages
