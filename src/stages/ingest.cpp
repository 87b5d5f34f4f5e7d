// tagconf ingest: a cohort on disk becomes manifest.csv, with a split for every image.
#include <mutex>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/cohort/collect.hpp"
#include "tagconf/cohort/readers.hpp"
#include "tagconf/cohort/splits.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {

enum class Reader { automatic, mura, table, folder };
enum class Separator { automatic, comma, semicolon, tab };

}  // namespace
}  // namespace tagconf::stages

template <>
struct tagconf::EnumNames<tagconf::stages::Reader> {
  static constexpr std::array kNames{std::pair{tagconf::stages::Reader::automatic, "auto"},
                                     std::pair{tagconf::stages::Reader::mura, "mura"},
                                     std::pair{tagconf::stages::Reader::table, "table"},
                                     std::pair{tagconf::stages::Reader::folder, "folder"}};
};

template <>
struct tagconf::EnumNames<tagconf::stages::Separator> {
  static constexpr std::array kNames{std::pair{tagconf::stages::Separator::automatic, "auto"},
                                     std::pair{tagconf::stages::Separator::comma, "comma"},
                                     std::pair{tagconf::stages::Separator::semicolon, "semicolon"},
                                     std::pair{tagconf::stages::Separator::tab, "tab"}};
};

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;
using options::field;
using options::unhashed;
using options::within;

struct IngestOptions {
  Reader reader = Reader::automatic;
  std::string root;
  std::map<std::string, std::string> columns;
  std::map<std::string, std::string> labels;
  Separator separator = Separator::automatic;
  double valid_fraction = 0.1;
  double test_fraction = 0.2;
  std::uint64_t seed = 1;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<Reader>("reader",
                    "what the source is; auto: a file is a table, a folder with MURA's tables is MURA"),
      reader);
    v(field<std::string>("root",
                         "table: folder of the images, relative to the table's own; empty = that one"),
      root);
    v(field<std::map<std::string, std::string>>(
          "columns", "table: column of image, patient, study, label, split, body_part"),
      columns);
    v(field<std::map<std::string, std::string>>(
          "labels", "table, folder: what each label word means: 0 normal, 1 abnormal, empty no label"),
      labels);
    v(field<Separator>("separator", "table: what separates its columns"), separator);
    v(within(field<double>("valid_fraction", "share of training patients set aside for selection"), 0, 0.5),
      valid_fraction);
    v(within(field<double>("test_fraction", "share of patients held back when the cohort brings no splits"),
             0, 0.9),
      test_fraction);
    v(field<std::uint64_t>("seed", "seed of the draw of patients"), seed);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo ingest_info() {
  stage::StageInfo info;
  info.name = "ingest";
  info.version = 1;
  info.summary = "read a cohort (MURA, table, folder), check every image and assign splits by patient";
  info.inputs = {
      {"source", "MURA-v1.1 or the folder that holds it, a CSV table, or a folder a class", true, false}};
  info.inputs.front().missing =
      "get MURA v1.1 as data/README.md says, or name your own images: ingest.inputs.source in the config";
  info.outputs = {{"manifest", "manifest.csv", "one row an image"},
                  {"skipped", "skipped.csv", "images that cannot be used, with the reason"}};
  info.examples = {"tagconf ingest data/MURA-v1.1 --reader mura --out cohort",
                   "tagconf ingest films.csv --columns image=file,label=finding --labels fracture=1,none=0 "
                   "--out cohort"};
  return info;
}

Reader resolve_reader(Reader asked, const fs::path& source) {
  if (asked != Reader::automatic) return asked;
  std::error_code error;
  if (fs::is_regular_file(source, error)) return Reader::table;
  for (const auto* sign : {"train_image_paths.csv", "MURA-v1.1", "MURA-v1.0"}) {
    if (fs::exists(source / sign, error)) return Reader::mura;
  }
  const std::string name = fs::weakly_canonical(source, error).filename().string();
  return name.rfind("MURA-v1.", 0) == 0 ? Reader::mura : Reader::folder;
}

void refuse_unused(const IngestOptions& options, Reader reader) {
  const auto refuse = [&](const std::string& key) {
    throw_config("ingest: option '" + key + "' means nothing to the reader " + std::string(name_of(reader)),
                 "leave it out, or choose another reader");
  };
  if (reader != Reader::table) {
    if (!options.root.empty()) refuse("root");
    if (!options.columns.empty()) refuse("columns");
    if (options.separator != Separator::automatic) refuse("separator");
  }
  if (reader == Reader::mura && !options.labels.empty()) refuse("labels");
}

char separator_of(Separator separator) {
  switch (separator) {
    case Separator::comma:
      return ',';
    case Separator::semicolon:
      return ';';
    case Separator::tab:
      return '\t';
    case Separator::automatic:
      break;
  }
  return '\0';
}

cohort::Listing list_images(const IngestOptions& options, Reader reader, const fs::path& source) {
  refuse_unused(options, reader);
  if (reader == Reader::mura) return cohort::read_mura(source);
  if (reader == Reader::folder) return cohort::read_folder(source, options.labels);
  return cohort::read_table(source,
                            {options.columns, options.labels, options.root, separator_of(options.separator)});
}

// A table names images that lie elsewhere: a run must notice when they change. Folders are noticed as a
// whole.
std::vector<fs::path> images_of_table(const stage::Stage::Options& handle, const stage::StageIo& io) {
  const auto& options = *static_cast<const IngestOptions*>(handle.object.get());
  const fs::path& source = io.input("source");
  const Reader reader = resolve_reader(options.reader, source);
  std::vector<fs::path> files;
  if (reader != Reader::table) return files;
  const cohort::Listing listing = list_images(options, reader, source);
  for (const auto& image : listing.images) {
    std::error_code error;
    const fs::path path = listing.root / image.path;
    if (fs::is_regular_file(path, error)) files.push_back(path);  // the others become rows of skipped.csv
  }
  return files;
}

// Images, patients and abnormal images of every split.
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

stage::Summary run_ingest(const IngestOptions& options, const stage::StageIo& io,
                          const stage::Context& context) {
  const fs::path& source = io.input("source");
  const Reader reader = resolve_reader(options.reader, source);
  cohort::Listing listing = list_images(options, reader, source);
  const auto leaks =
      cohort::assign_splits(listing, {options.valid_fraction, options.test_fraction, options.seed});

  std::mutex guard;
  const std::size_t total = listing.images.size();
  const auto collected = cohort::collect(
      listing, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, total, "images", "");
      },
      context.stop_requested);
  cohort::check_skips(total, collected.skipped);
  for (const auto& copies : collected.conflicting_copies) {
    listing.warnings.push_back("one image under several ids, with different splits or labels: " + copies);
  }
  for (const auto& warning : listing.warnings) log_warning(warning);

  cohort::write_manifest(io.output("manifest"), collected.manifest);
  cohort::write_skipped(io.output("skipped"), collected.skipped);
  return {{"reader", name_of(reader)},
          {"found", total},
          {"images", collected.manifest.rows.size()},
          {"skipped", collected.skipped.size()},
          {"splits", count_splits(collected.manifest)},
          {"leaking_patients", leaks},
          {"warnings", listing.warnings}};
}

}  // namespace

stage::Stage ingest() {
  auto made = stage::make_stage<IngestOptions>(ingest_info(), run_ingest);
  made.also_reads = images_of_table;
  return made;
}

}  // namespace tagconf::stages
