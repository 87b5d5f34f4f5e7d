#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <set>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/memory_budget.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/cohort/dicom_tree.hpp"
#include "tagconf/imaging/codec.hpp"

namespace tagconf::cohort {
namespace {

// Compressed and raw data, cells, a decoder's own copies, the picture and its PNG.
constexpr std::int64_t kBytesPerPixel = 16;

std::string id_of(const DicomOptions& options, const std::string& kind, const std::string& id) {
  return options.key.empty() ? id : pseudonym(options.key, kind, id);
}

// Why a readable file is not of this cohort; empty when it is.
std::string why_set_aside(const DicomFile& file, const std::vector<std::string>& modalities) {
  const auto& a = file.attributes();
  if (!file.has_image()) return "holds no image (SOP class " + file.sop_class() + ")";
  if (a.intent == "FOR PROCESSING") return "raw detector data (FOR PROCESSING), not meant to be seen";
  if (modalities.empty() || a.modality.empty() ||
      std::find(modalities.begin(), modalities.end(), a.modality) != modalities.end()) {
    return "";
  }
  return "modality " + a.modality + " is not among those asked for";
}

std::string join(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

ManifestRow describe(const DicomFile& file, const DicomOptions& options, const Rendered& rendered) {
  const DicomIds& ids = file.ids();
  const DicomAttributes& a = file.attributes();
  ManifestRow row;
  row.sample.image_id = id_of(options, "image", ids.instance);
  row.sample.patient_id = id_of(options, "patient", ids.patient);
  row.sample.study_id = id_of(options, "study", ids.study);
  row.sample.body_part = a.body_part;
  row.path = "images/" + row.sample.image_id + ".png";
  row.width = rendered.image.width;
  row.height = rendered.image.height;
  row.bits = rendered.image.bits;
  row.scaling = rendered.scaling;
  DicomNotes notes = file.notes();
  if (rendered.window_ignored) notes.emplace_back("window_ignored");
  row.further = {a.laterality,
                 a.image_laterality,
                 a.series_laterality,
                 a.view,
                 a.modality,
                 id_of(options, "series", ids.series),
                 a.burned_in,
                 a.overlays,
                 a.pixel_aspect,
                 a.manufacturer,
                 a.model,
                 join(notes)};
  return row;
}

// The ids of which a picture has been stored.
class Claims {
 public:
  // True for the first to ask.
  bool claim(const std::string& id) {
    const std::lock_guard lock(guard_);
    return ids_.insert(id).second;
  }

 private:
  std::mutex guard_;
  std::set<std::string> ids_;
};

struct Workshop {
  const DicomOptions& options;
  const StudyLabels& labels;
  const PutPicture& put;
  MemoryBudget budget{kPixelMemory};
  Claims claims{};
};

void convert_one(const std::filesystem::path& path, Workshop& shop, DicomResult& out) {
  // Where a whole data set is inflated, each of its bytes may be a pixel.
  std::optional<MemoryBudget::Share> share;
  DicomFile file(path, DicomFile::kLimits,
                 [&](std::int64_t bytes) { share.emplace(shop.budget, kBytesPerPixel * bytes); });
  out.reason = why_set_aside(file, shop.options.modalities);
  if (!out.reason.empty()) {
    out.fate = DicomFate::set_aside;
    return;
  }
  if (file.ids().instance.empty()) throw_input("has no SOPInstanceUID");
  const DicomFrame& frame = file.frame();
  if (!share) share.emplace(shop.budget, kBytesPerPixel * frame.width * frame.height);
  const Rendered rendered = render_grey(file.cells(), frame.layout, frame.scale, shop.options.bits);
  out.row = describe(file, shop.options, rendered);
  check_image_id(out.row.sample.image_id, "its SOPInstanceUID");
  if (const StudyLabel* study = shop.labels.find(file.ids())) {
    out.labelled = true;
    out.row.sample.label = study->label;
    out.row.sample.split = study->split;
  }
  const auto png = imaging::encode_png(rendered.image);
  Sha256 digest;
  digest.update(png);
  out.row.sha256 = digest.hex();
  // Copies have the same bytes, so that it does not matter which of them is stored; where they differ, all
  // fails.
  if (shop.claims.claim(out.row.sample.image_id)) shop.put(out.row.path, png);
  out.fate = DicomFate::taken;
}

bool same_image(const ManifestRow& a, const ManifestRow& b) {
  return a.sha256 == b.sha256 && a.sample.patient_id == b.sample.patient_id &&
         a.sample.study_id == b.sample.study_id && a.sample.label == b.sample.label &&
         a.sample.split == b.sample.split && a.sample.body_part == b.sample.body_part &&
         a.scaling == b.scaling && a.further == b.further;
}

void find_copies(std::vector<DicomResult>& results) {
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].fate != DicomFate::taken) continue;
    const auto [place, fresh] = first.emplace(results[i].row.sample.image_id, i);
    if (fresh) continue;
    const bool same = same_image(results[place->second].row, results[i].row);
    results[i].fate = same ? DicomFate::copy : DicomFate::conflict;
    results[i].reason =
        same ? "a copy of " + name_of_file(place->second)
             : "another image than " + name_of_file(place->second) + ", which has the same SOPInstanceUID";
  }
}

std::size_t column(const std::string& name) {
  return static_cast<std::size_t>(std::find(kDicomColumns.begin(), kDicomColumns.end(), name) -
                                  kDicomColumns.begin());
}

}  // namespace

const std::vector<std::string> kDicomColumns{
    "laterality", "image_laterality", "series_laterality", "view",         "modality", "series_id",
    "burned_in",  "overlays",         "pixel_aspect",      "manufacturer", "model",    "notes"};

bool is_of_dicom(const Manifest& manifest) {
  return std::all_of(kDicomColumns.begin(), kDicomColumns.end(), [&](const std::string& column) {
    return std::find(manifest.further.begin(), manifest.further.end(), column) != manifest.further.end();
  });
}

std::string pseudonym(const std::string& key, const std::string& kind, const std::string& id) {
  constexpr std::size_t kDigits = 24;
  if (id.empty()) return "";
  return kind.substr(0, 1) + hmac_sha256_hex(key, kind + "\n" + id).substr(0, kDigits);
}

std::vector<DicomResult> convert_dicom(const DicomTree& tree, const DicomOptions& options,
                                       const StudyLabels& labels, int threads, const PutPicture& put,
                                       const std::function<void(std::size_t)>& progress,
                                       const std::function<bool()>& stop) {
  Workshop shop{options, labels, put};
  std::vector<DicomResult> results(tree.files.size());
  std::atomic<std::size_t> done{0};
  parallel_for(results.size(), threads, [&](std::size_t i) {
    if (stop()) throw Error(ErrorCode::incomplete, "stopped while reading images", "run again to go on");
    try {
      convert_one(tree.root / tree.files[i], shop, results[i]);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::input) throw;
      results[i].reason = error.message();
    }
    progress(++done);
  });
  find_copies(results);
  return results;
}

void check_conflicts(const std::vector<DicomResult>& results) {
  constexpr std::size_t kShown = 3;
  std::size_t count = 0;
  std::string lines;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].fate != DicomFate::conflict || ++count > kShown) continue;
    lines += "\n  " + name_of_file(i) + ": " + results[i].reason;
  }
  if (count == 0) return;
  if (count > kShown) lines += "\n  and " + std::to_string(count - kShown) + " more";
  throw_input(std::to_string(count) + " files have the SOPInstanceUID of another, but differ from it" + lines,
              "remove the wrong ones; --source-map says which files these are");
}

std::vector<std::string> dicom_warnings(const std::vector<DicomResult>& results) {
  std::map<std::string, std::size_t> notes;
  std::map<std::string, std::size_t> cells;
  for (const auto& result : results) {
    if (result.fate != DicomFate::taken) continue;
    const std::string& words = result.row.further[column("notes")];
    for (std::size_t at = 0; at < words.size();) {
      const std::size_t end = std::min(words.find(' ', at), words.size());
      ++notes[words.substr(at, end - at)];
      at = end + 1;
    }
    for (const auto* name : {"overlays", "pixel_aspect"}) {
      if (!result.row.further[column(name)].empty()) ++cells[name];
    }
    if (result.row.further[column("burned_in")] == "YES") ++cells["burned_in"];
  }
  std::vector<std::string> out;
  const auto tell = [&](const std::map<std::string, std::size_t>& counts, const std::string& name,
                        const std::string& text) {
    if (const auto found = counts.find(name); found != counts.end())
      out.push_back(std::to_string(found->second) + " images " + text);
  };
  tell(cells, "burned_in", "are said to have burned-in annotation: names may stand in their pixels");
  tell(cells, "overlays", "have overlays, which were left out");
  tell(cells, "pixel_aspect", "have pixels that are not square; they were not stretched");
  tell(notes, "laterality_conflict", "have another laterality than their series; the image's counts");
  tell(notes, "shape_ignored",
       "have a PresentationLUTShape that contradicts the photometric interpretation; the latter counts");
  tell(notes, "window_ignored", "have a window of no width; darkest and brightest pixel took its place");
  tell(notes, "extra_bytes", "have bytes behind their pixels, which were ignored");
  tell(notes, "frames_0", "declare 0 frames and were read as one");
  return out;
}

}  // namespace tagconf::cohort
