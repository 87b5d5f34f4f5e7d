// tagconf audit: does anything of one split come back in another? The same patient, the same study, the same
// pixels, near-duplicates (encoded anew, resized, brighter or darker, a tag covered) and mirrored ones. What
// is found across splits is a leak; copies within a split are told as information.
//
// Pixels are compared, not files: two files of one picture are identical whatever their encoding. A near-
// duplicate is a pair whose difference hashes differ in at most max_distance of 128 bits and whose 64 x 64
// thumbnails correlate, over the 97 % of points that agree best, by at least min_correlation in grey and
// min_detail in edges. Pictures that were cropped, shifted or turned are not found.
#include <algorithm>
#include <mutex>

#include "audit_text.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/cohort/dicom_tree.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {
using cohort::Fingerprint;
using options::field;
using options::unhashed;
using options::within;

struct AuditOptions {
  cohort::LeakOptions leaks;
  bool fail_on_leaks = false;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(within(field<int>("max_distance", "near-duplicates: bits of 128 in which the hashes may differ"), 0,
             40),
      leaks.max_distance);
    v(within(field<double>("min_correlation",
                           "near-duplicates: least correlation of the thumbnails (64 x 64, 97 % of points)"),
             0.5, 1),
      leaks.min_correlation);
    v(within(field<double>("min_detail", "near-duplicates: least correlation of the thumbnails' edges"), 0,
             1),
      leaks.min_detail);
    v(field<bool>("mirrored", "look for copies turned left to right, too"), leaks.mirrored);
    v(field<bool>("fail_on_leaks", "exit code 5 when anything is in two splits"), fail_on_leaks);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo audit_info() {
  stage::StageInfo info;
  info.name = "audit";
  info.version = 2;
  info.answers = true;
  info.summary = "find patients, studies and images that are in two splits, copies and near-duplicates too";
  info.inputs = {{"images", "manifest, folder of images or image", true, false}};
  info.outputs = {{"audit", "audit.json", "counts by kind, across splits and within, and the verdict"},
                  {"leaks", "leaks.csv",
                   "one row a pair, those across splits first: kind, image_a, image_b, split_a, split_b, "
                   "label_a, label_b, patient_a, patient_b, distance, correlation"}};
  info.examples = {"tagconf audit cohort/manifest.csv --out audit",
                   "tagconf audit cohort/manifest.csv --fail-on-leaks --min-correlation 0.99"};
  return info;
}

std::vector<std::optional<Fingerprint>> read_fingerprints(const cohort::Manifest& manifest, int threads,
                                                          const stage::Context& context,
                                                          std::vector<cohort::Skipped>& skipped) {
  std::vector<std::optional<Fingerprint>> out(manifest.rows.size());
  std::mutex guard;
  skipped = arms::for_each_image(
      manifest, threads,
      [&](std::size_t i, const imaging::GreyImage& image) { out[i] = cohort::make_fingerprint(image); },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested);
  return out;
}

stage::Summary run_audit(const AuditOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  const int threads = options.threads > 0 ? options.threads : context.threads;
  AuditReport report;
  const auto fingerprints = read_fingerprints(manifest, threads, context, report.skipped);
  cohort::check_skips(manifest.rows.size(), report.skipped, io.refused);
  for (const auto& image : report.skipped) log_warning("not compared: " + image.reason);
  for (std::size_t i = 0; i < fingerprints.size(); ++i) {
    if (fingerprints[i] && fingerprints[i]->blank) report.blank.push_back(manifest.rows[i].sample.image_id);
  }
  cohort::LeakOptions asked = options.leaks;
  asked.unique_studies = cohort::is_of_dicom(manifest);
  const auto leaks = cohort::find_leaks(manifest.rows, fingerprints, asked, threads, context.stop_requested);
  count_leaks(leaks, manifest.rows, asked, report);
  write_text(io.output("leaks"), cohort::leaks_csv(leaks, manifest.rows));
  stage::Summary summary = audit_json(report);
  Json file = summary;
  file["schema"] = "tagconf.audit/1";
  file["max_distance"] = options.leaks.max_distance;
  file["min_correlation"] = options.leaks.min_correlation;
  file["min_detail"] = options.leaks.min_detail;
  file["mirrored"] = options.leaks.mirrored;
  write_text(io.output("audit"), pretty_json(file));
  summary["text"] = audit_text(report);
  // The tables are outputs like any other and must be kept: the exit code is told, not thrown.
  if (options.fail_on_leaks && report.leaks() > 0) summary["exit"] = static_cast<int>(ErrorCode::mismatch);
  return summary;
}

}  // namespace

stage::Stage audit() {
  return stage::make_stage<AuditOptions>(audit_info(), run_audit);
}

}  // namespace tagconf::stages
