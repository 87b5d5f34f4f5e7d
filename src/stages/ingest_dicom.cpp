#include "ingest_dicom.hpp"

#include <algorithm>
#include <mutex>
#include <set>

#include "folder_draft.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/cohort/collect.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;
using cohort::DicomFate;
using cohort::DicomResult;

struct Key {
  std::string text;  // empty: ids are kept
  fs::path place;    // empty: none, or the user's
  bool made = false;
};

void check_place(const fs::path& source, const stage::StageIo& io) {
  const fs::path images = io.output("images");
  const fs::path out = io.output("manifest").parent_path();
  if (lies_below(out.empty() ? "." : out, source) || lies_below(source, images)) {
    throw_input("the output folder lies in the folder to read, or that one in it", "choose another --out");
  }
  check_new_or_own(io);
}

void check_source_map(const std::string& map, const stage::StageIo& io) {
  const fs::path out = io.output("manifest").parent_path();
  if (!map.empty() && lies_below(map, out.empty() ? "." : out)) {
    throw_config("ingest: the source map lies in the output folder, which holds no private data otherwise",
                 "name a place outside it");
  }
}

std::string read_key(const fs::path& path) {
  constexpr std::size_t kShortest = 16;
  constexpr std::size_t kLongest = 4096;
  std::string text = read_text(path, kLongest);
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  if (text.size() < kShortest) {
    throw_input(path.string() + ": holds no key of 16 characters or more",
                "a line of random letters and digits that is kept secret");
  }
  const auto others = fs::perms::group_read | fs::perms::others_read;
  std::error_code error;
  if ((fs::status(path, error).permissions() & others) != fs::perms::none) {
    log_warning("the key of the pseudonyms can be read by others: chmod 600 " + path.string());
  }
  return text;
}

Key choose_key(bool keep_ids, const stage::StageIo& io) {
  if (keep_ids) {
    if (io.has("key_file")) throw_config("ingest: a key file means nothing with keep_ids", "leave one out");
    return {};
  }
  if (io.has("key_file")) return {read_key(io.input("key_file")), {}, false};
  if (io.cached) {
    throw_config("ingest: a run needs a key for the pseudonyms of DICOM files",
                 "name a file with 16 random characters or more as ingest.inputs.key_file, or set "
                 "ingest.keep_ids");
  }
  const fs::path out = io.output("manifest").parent_path();
  fs::path place = fs::weakly_canonical(out.empty() ? "." : out);
  place += ".key";
  std::error_code error;
  if (fs::exists(place, error)) return {read_key(place), place, false};
  return {new_secret(), place, true};
}

std::string map_text(const cohort::DicomTree& tree, const std::vector<DicomResult>& results) {
  CsvWriter csv({"image_id", "source", "reason", "file"});
  for (std::size_t i = 0; i < results.size(); ++i) {
    const bool taken = results[i].fate == DicomFate::taken;
    csv.row({taken ? results[i].row.sample.image_id : "", tree.files[i], results[i].reason,
             std::to_string(i + 1)});
  }
  return csv.text();
}

std::vector<cohort::Skipped> skipped_of(const std::vector<DicomResult>& results,
                                        std::initializer_list<DicomFate> fates) {
  std::vector<cohort::Skipped> out;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (std::find(fates.begin(), fates.end(), results[i].fate) != fates.end())
      out.push_back({cohort::name_of_file(i), results[i].reason});
  }
  return out;
}

// What is no broken image does not count against the limit; when nothing is left, all of it is the reason.
void check_refused(const std::vector<DicomResult>& results, const fs::path& list) {
  const auto refused = skipped_of(results, {DicomFate::refused});
  const auto beside = skipped_of(results, {DicomFate::set_aside, DicomFate::copy});
  if (refused.size() + beside.size() == results.size()) {
    cohort::check_skips(results.size(), skipped_of(results, {DicomFate::refused, DicomFate::set_aside}),
                        list);
  }
  cohort::check_skips(results.size() - beside.size(), refused, list);
}

cohort::Manifest manifest_of(std::vector<DicomResult>& results, const cohort::SplitOptions& splits,
                             std::vector<std::string>& warnings, std::vector<std::string>& leaks) {
  cohort::Listing listing;
  listing.unique_studies = true;
  cohort::Manifest manifest;
  manifest.further = cohort::kDicomColumns;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].fate != DicomFate::taken) continue;
    listing.images.push_back({results[i].row.sample, results[i].row.path, cohort::name_of_file(i)});
    manifest.rows.push_back(std::move(results[i].row));
  }
  leaks = cohort::assign_splits(listing, splits);
  for (std::size_t i = 0; i < manifest.rows.size(); ++i) manifest.rows[i].sample = listing.images[i].sample;
  warnings.insert(warnings.end(), listing.warnings.begin(), listing.warnings.end());
  for (const auto& copies : cohort::find_conflicting_copies(manifest.rows)) {
    warnings.push_back("one image under several ids, with different splits or labels: " + copies);
  }
  return manifest;
}

std::size_t count(const std::vector<DicomResult>& results, DicomFate fate) {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [&](const auto& r) { return r.fate == fate; }));
}

std::vector<DicomResult> convert(const DicomIngest& options, const std::string& key,
                                 const cohort::DicomTree& tree, const cohort::StudyLabels& labels,
                                 int threads, const FolderDraft& draft, const stage::Context& context) {
  std::mutex guard;
  return cohort::convert_dicom(
      tree, {options.bits, key, options.modalities}, labels, threads,
      [&](const std::string& path, std::span<const std::byte> png) {
        draft.put(fs::path(path).filename().string(), png);
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, tree.files.size(), "files", "");
      },
      context.stop_requested);
}

}  // namespace

void check_new_or_own(const stage::StageIo& io) {
  const fs::path images = io.output("images");
  std::error_code error;
  const bool occupied = fs::exists(images, error) && !fs::is_empty(images, error);
  if (occupied && !fs::exists(io.output("skipped"), error)) {
    throw_input(images.string() + ": exists and was not made by this command",
                "choose another --out, or remove the folder");
  }
}

Json count_splits(const cohort::Manifest& manifest) {
  Json out = Json::object();
  for (const auto split : {Split::train, Split::valid, Split::test}) {
    std::size_t images = 0;
    std::size_t abnormal = 0;
    std::size_t unlabelled = 0;
    std::set<std::string> patients;
    for (const auto& row : manifest.rows) {
      if (row.sample.split != split) continue;
      ++images;
      if (row.sample.label == 1) ++abnormal;
      if (!row.sample.label) ++unlabelled;
      if (!row.sample.patient_id.empty()) patients.insert(row.sample.patient_id);
    }
    out[std::string(name_of(split))] = {{"images", images},
                                        {"patients", patients.size()},
                                        {"abnormal", abnormal},
                                        {"unlabelled", unlabelled}};
  }
  return out;
}

stage::Summary ingest_dicom(const DicomIngest& options, const cohort::SplitOptions& splits, int threads,
                            const stage::StageIo& io, const stage::Context& context) {
  const fs::path& source = io.input("source");
  check_place(source, io);
  check_source_map(options.source_map, io);
  const Key key = choose_key(options.keep_ids, io);
  const bool labelled = io.has("label_table");
  const auto labels =
      labelled ? cohort::read_study_labels(io.input("label_table"), options.labels) : cohort::StudyLabels{};
  const cohort::DicomTree tree = cohort::walk_dicom(source);

  FolderDraft draft(io.output("images"));
  auto results = convert(options, key.text, tree, labels, threads, draft, context);
  if (!options.source_map.empty()) write_private_text(options.source_map, map_text(tree, results));
  cohort::check_conflicts(results);
  check_refused(results, io.refused);

  std::vector<std::string> warnings = tree.warnings();
  const auto of_images = cohort::dicom_warnings(results);
  warnings.insert(warnings.end(), of_images.begin(), of_images.end());
  const auto unknown = std::count_if(results.begin(), results.end(), [](const DicomResult& r) {
    return r.fate == DicomFate::taken && !r.labelled;
  });
  if (labelled && unknown > 0) {
    warnings.push_back(std::to_string(unknown) + " images are of studies that the table of labels lacks");
  }
  std::vector<std::string> leaks;
  cohort::Manifest manifest = manifest_of(results, splits, warnings, leaks);
  manifest.folder = io.output("images").parent_path();
  for (const auto& warning : warnings) log_warning(warning);

  if (key.made) {
    write_private_text(key.place, key.text + "\n");
    log_info("the key of the pseudonyms is " + key.place.string() + ": keep it, and keep it secret");
  }
  remove_earlier(io.output("manifest"));
  // Before the pictures: by it the next run knows them as its own.
  cohort::write_skipped(io.output("skipped"),
                        skipped_of(results, {DicomFate::refused, DicomFate::set_aside, DicomFate::copy}));
  draft.take_place();
  cohort::write_manifest(io.output("manifest"), manifest);
  stage::Summary summary{{"reader", "dicom"},
                         {"found", tree.files.size()},
                         {"images", manifest.rows.size()},
                         {"skipped", count(results, DicomFate::refused)},
                         {"set_aside", count(results, DicomFate::set_aside)},
                         {"copies", count(results, DicomFate::copy)},
                         {"passed_over", tree.passed_over},
                         {"splits", count_splits(manifest)},
                         {"leaking_patients", leaks},
                         {"warnings", warnings}};
  if (!key.place.empty()) summary["key_file"] = key.place.string();
  return summary;
}

}  // namespace tagconf::stages
