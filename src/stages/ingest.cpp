// tagconf ingest: a cohort on disk becomes manifest.csv, with a split for every image.
//
// DICOM files are written as PNG, since nothing later reads them: grey values by the file's own lookup tables
// or window, once and for all (column scaling). Ids become pseudonyms by a keyed hash, and labels are looked
// up by the real ones before that. skipped.csv lists what was refused and what was set aside (reports, other
// modalities, raw detector data, copies); only the former count against the limit of broken images.
//
// Other readers leave the images where they are, unless the values of 16-bit ones take fewer bits (option
// bits): then those are spread to 16 bits, and all images are written beside the manifest.
#include <algorithm>
#include <mutex>
#include <optional>

#include "folder_draft.hpp"
#include "ingest_dicom.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/cohort/collect.hpp"
#include "tagconf/cohort/readers.hpp"
#include "tagconf/cohort/splits.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {

enum class Reader { automatic, mura, table, folder, dicom };
enum class Separator { automatic, comma, semicolon, tab };

}  // namespace
}  // namespace tagconf::stages

template <>
struct tagconf::EnumNames<tagconf::stages::Reader> {
  static constexpr std::array kNames{std::pair{tagconf::stages::Reader::automatic, "auto"},
                                     std::pair{tagconf::stages::Reader::mura, "mura"},
                                     std::pair{tagconf::stages::Reader::table, "table"},
                                     std::pair{tagconf::stages::Reader::folder, "folder"},
                                     std::pair{tagconf::stages::Reader::dicom, "dicom"}};
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
  std::string path;
  std::map<std::string, std::string> columns;
  std::map<std::string, std::string> labels;
  Separator separator = Separator::automatic;
  double valid_fraction = 0.1;
  double test_fraction = 0.2;
  std::uint64_t seed = 1;
  int threads = 0;
  std::optional<int> bits;
  DicomIngest dicom;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<Reader>(
          "reader",
          "what the source is; auto: a file is a table, a folder with MURA's tables is MURA, one whose "
          "first picture is a DICOM file is DICOM"),
      reader);
    v(field<std::string>("root",
                         "table: folder of the images, relative to the table's own; empty = that one"),
      root);
    v(field<std::string>("path",
                         "table: where an image lies below root, with columns in braces, as in "
                         "films/{image}/ap.png; empty = what the image column says"),
      path);
    v(field<std::map<std::string, std::string>>(
          "columns",
          "table: column of image, patient, study, label, split, body_part; dicom: of study or accession, "
          "label, split in the table of labels"),
      columns);
    v(field<std::map<std::string, std::string>>(
          "labels", "what each label word means: 0 normal, 1 abnormal, empty no label (not MURA)"),
      labels);
    v(field<Separator>("separator", "table, table of labels: what separates its columns"), separator);
    v(within(field<double>("valid_fraction", "share of training patients set aside for selection"), 0, 0.5),
      valid_fraction);
    v(within(field<double>("test_fraction", "share of patients held back when the cohort brings no splits"),
             0, 0.9),
      test_fraction);
    v(field<std::uint64_t>("seed", "seed of the draw of patients"), seed);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
    v(within(field<std::optional<int>>(
                 "bits",
                 "dicom: of the pictures written, 8 (default) or 16; other readers: bits that the values of "
                 "16-bit images take, which must be said where none is over 4095"),
             8, 16),
      bits);
    v(field<bool>("keep_ids", "dicom: patient, study and image ids as they stand, not pseudonyms"),
      dicom.keep_ids);
    v(field<std::vector<std::string>>("modalities", "dicom: taken, the others set aside; empty = all"),
      dicom.modalities);
    v(field<cohort::StudyKey>("label_key", "dicom: what the table of labels names a study by"),
      dicom.labels.key);
    v(unhashed(field<std::string>("source_map",
                                  "dicom: write here which image is which file (real paths, mode 600)")),
      dicom.source_map);
  }
};

stage::StageInfo ingest_info() {
  stage::StageInfo info;
  info.name = "ingest";
  info.version = 3;
  info.summary = "read a cohort (MURA, table, folder, DICOM), check every image and assign splits by patient";
  info.inputs = {
      {"source", "MURA-v1.1 or the folder that holds it, a CSV table, a folder a class, or a DICOM tree",
       true, false},
      {"label_table", "dicom: CSV table of labels by study", false, false},
      {"key_file", "dicom: secret key of the pseudonyms; without it OUT.key, made when it is not there",
       false, false}};
  info.inputs.back().secret = true;
  info.inputs.front().missing =
      "get MURA v1.1 as data/README.md says, or name your own images: ingest.inputs.source in the config";
  info.outputs = {{"manifest", "manifest.csv",
                   "one row an image: image_id, patient_id, study_id, body_part, split (train, valid, test), "
                   "label (0 normal, 1 abnormal), path (relative to the table), width, height, bits, scaling "
                   "(how grey values came about), sha256"},
                  {"skipped", "skipped.csv", "images that cannot be used: image_id, reason"},
                  {"images", "images", "dicom, and others with bits below 16: the pictures, <image_id>.png"}};
  info.examples = {"tagconf ingest data/MURA-v1.1 --reader mura --out cohort",
                   "tagconf ingest films.csv --columns image=file,label=finding --labels fracture=1,none=0 "
                   "--out cohort",
                   "tagconf ingest export/ --reader dicom --label-table films.csv --label-key accession "
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
  if (name.rfind("MURA-v1.", 0) == 0) return Reader::mura;
  return fs::is_directory(source, error) && cohort::begins_with_dicom(source) ? Reader::dicom
                                                                              : Reader::folder;
}

void refuse_unused(const IngestOptions& options, Reader reader, const stage::StageIo& io) {
  const auto refuse_if = [&](bool given, const std::string& key) {
    if (!given) return;
    throw_config("ingest: option '" + key + "' means nothing to the reader " + std::string(name_of(reader)),
                 "leave it out, or choose another reader");
  };
  const bool dicom = reader == Reader::dicom;
  const bool table = reader == Reader::table || (dicom && io.has("label_table"));
  refuse_if(reader != Reader::table && !options.root.empty(), "root");
  refuse_if(reader != Reader::table && !options.path.empty(), "path");
  refuse_if(!table && !options.columns.empty(), "columns");
  refuse_if(!table && options.separator != Separator::automatic, "separator");
  refuse_if(!table && reader != Reader::folder && !options.labels.empty(), "labels");
  const DicomIngest initial;
  refuse_if(!dicom && options.dicom.keep_ids, "keep_ids");
  refuse_if(!dicom && options.dicom.modalities != initial.modalities, "modalities");
  refuse_if(!dicom && options.dicom.labels.key != initial.labels.key, "label_key");
  refuse_if(!dicom && !options.dicom.source_map.empty(), "source_map");
  refuse_if(!dicom && io.has("label_table"), "label_table");
  refuse_if(!dicom && io.has("key_file"), "key_file");
  if (dicom && options.bits && *options.bits != 8 && *options.bits != 16) {
    throw_config("ingest: bits " + std::to_string(*options.bits) + ", expected 8 or 16");
  }
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
  if (reader == Reader::mura) return cohort::read_mura(source);
  if (reader == Reader::folder) return cohort::read_folder(source, options.labels);
  return cohort::read_table(
      source, {options.columns, options.labels, options.root, separator_of(options.separator), options.path});
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

// Where the pictures go when values are spread, which no later stage then needs to know; else nothing.
std::optional<FolderDraft> pictures_draft(const IngestOptions& options, Reader reader,
                                          const cohort::Listing& listing, const stage::StageIo& io) {
  if (!options.bits || *options.bits == 16) return std::nullopt;
  const fs::path images = io.output("images");
  check_new_or_own(io);
  // A table or MURA names its images: there an output folder beside them is not read the next time.
  const bool walked = reader == Reader::folder && lies_below(images, listing.root);
  if (walked || std::any_of(listing.images.begin(), listing.images.end(), [&](const cohort::Listed& image) {
        return lies_below(listing.root / image.path, images);
      })) {
    throw_input(images.string() + ": the images to read lie in the folder to write, or that one among them",
                "choose another --out");
  }
  return std::optional<FolderDraft>(std::in_place, images);
}

std::vector<fs::path> private_files(const stage::Stage::Options& handle) {
  const std::string& map = static_cast<const IngestOptions*>(handle.object.get())->dicom.source_map;
  return map.empty() ? std::vector<fs::path>{} : std::vector<fs::path>{map};
}

stage::Summary run_ingest(const IngestOptions& options, const stage::StageIo& io,
                          const stage::Context& context) {
  const fs::path& source = io.input("source");
  const Reader reader = resolve_reader(options.reader, source);
  refuse_unused(options, reader, io);
  const cohort::SplitOptions splits{options.valid_fraction, options.test_fraction, options.seed};
  const int threads = options.threads > 0 ? options.threads : context.threads;
  if (reader == Reader::dicom) {
    DicomIngest dicom = options.dicom;
    dicom.bits = options.bits.value_or(dicom.bits);
    dicom.labels.columns = options.columns;
    dicom.labels.labels = options.labels;
    dicom.labels.separator = separator_of(options.separator);
    return ingest_dicom(dicom, splits, threads, io, context);
  }
  cohort::Listing listing = list_images(options, reader, source);
  const auto leaks = cohort::assign_splits(listing, splits);

  std::optional<FolderDraft> draft = pictures_draft(options, reader, listing, io);
  cohort::Reading reading;
  if (draft) {
    reading.bits = *options.bits;
    reading.put = [&](const std::string& path, std::span<const std::byte> bytes) {
      draft->put(fs::path(path).lexically_relative("images").string(), bytes);
    };
  }
  std::mutex guard;
  const std::size_t total = listing.images.size();
  auto collected = cohort::collect(
      listing, threads,
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, total, "images", "");
      },
      context.stop_requested, reading);
  cohort::check_skips(total, collected.skipped, io.refused);
  cohort::check_bits(collected.brightest, options.bits);
  for (const auto& copies : collected.conflicting_copies) {
    listing.warnings.push_back("one image under several ids, with different splits or labels: " + copies);
  }
  for (const auto& warning : listing.warnings) log_warning(warning);

  if (draft) remove_earlier(io.output("manifest"));
  cohort::write_skipped(io.output("skipped"), collected.skipped);
  if (draft) {
    draft->take_place();
    collected.manifest.folder = io.output("images").parent_path();
  }
  // The manifest last: where it is, all is there.
  cohort::write_manifest(io.output("manifest"), collected.manifest);
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
  made.also_writes = private_files;
  return made;
}

}  // namespace tagconf::stages
