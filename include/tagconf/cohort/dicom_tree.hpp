// A folder tree of DICOM files, as a hospital sends it: every file read once, its picture handed on as PNG,
// its ids replaced by pseudonyms, its study's label looked up before that. Paths, names and file texts stay
// inside: messages call a file by its number in the tree ("file 17").
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/cohort/dicom.hpp"
#include "tagconf/cohort/manifest.hpp"

namespace tagconf::cohort {

struct DicomTree {
  std::filesystem::path root;
  std::vector<std::string> files;  // relative paths, sorted: DICOM by content, or named .dcm or .dicom
  std::size_t passed_over = 0;     // other files, DICOMDIR among them
  std::size_t indexes = 0;         // of them: called DICOMDIR
  std::size_t links = 0;           // to folders, which are not entered, or to nothing

  // What the user should know of what was left out; nothing of names.
  [[nodiscard]] std::vector<std::string> warnings() const;
};

// Error input, naming nothing below the root: no such folder, a folder that cannot be read, a symbolic link
// that leaves it, no DICOM file.
[[nodiscard]] DicomTree walk_dicom(const std::filesystem::path& root);

// Is the folder's first picture, in the order of names, a DICOM file (and no PNG or JPEG)?
[[nodiscard]] bool begins_with_dicom(const std::filesystem::path& root);

// What a table of labels names a study by.
enum class StudyKey { study_uid, accession };

struct StudyLabel {
  std::optional<int> label;
  Split split = Split::none;
};

struct StudyLabels {
  StudyKey key = StudyKey::study_uid;
  std::map<std::string, StudyLabel> studies;

  // Null when the study stands in no row.
  [[nodiscard]] const StudyLabel* find(const DicomIds& ids) const;
};

struct StudyTableOptions {
  StudyKey key = StudyKey::study_uid;
  // Which column holds what: study or accession (by the key), label, split. What is not named is looked for
  // under that very name, else in another case, and the keys as StudyInstanceUID and AccessionNumber, too.
  std::map<std::string, std::string> columns;
  std::map<std::string, std::string> labels;  // as TableOptions::labels
  char separator = '\0';                      // as TableOptions::separator
};

// One row a study, or several that agree. Error input naming file and line, and no cell's text; error config
// for an unknown key of `columns`.
[[nodiscard]] StudyLabels read_study_labels(const std::filesystem::path& table,
                                            const StudyTableOptions& options);

// A digest of the id that only the holder of the key can make: 96 bits of HMAC-SHA256 behind a letter, so
// that no spreadsheet takes it for a number. Empty stays empty.
[[nodiscard]] std::string pseudonym(const std::string& key, const std::string& kind, const std::string& id);

struct DicomOptions {
  int bits = 8;                         // of the pictures: 8 or 16
  std::string key;                      // of the pseudonyms; empty = ids as they stand
  std::vector<std::string> modalities;  // the others are set aside; empty = all are taken
};

enum class DicomFate { taken, refused, set_aside, copy, conflict };

struct DicomResult {
  DicomFate fate = DicomFate::refused;
  std::string reason;     // unless taken
  ManifestRow row;        // path images/<image_id>.png; further as in kDicomColumns
  bool labelled = false;  // its study stands in the table of labels
};

// Manifest::further of a DICOM cohort. laterality is the image's where it has one, else the series'; notes
// are DicomNotes.
extern const std::vector<std::string> kDicomColumns;

// Has it those columns? Then a study's id is its alone, whatever its patient is called.
[[nodiscard]] bool is_of_dicom(const Manifest& manifest);

// One result a file of the tree. Refused: what DicomFile refuses. Set aside: objects without an image, raw
// detector data (FOR PROCESSING), other modalities. Copy: the same picture with the same attributes as an
// earlier file's. Conflict: another picture or other attributes under an earlier file's SOP instance. Memory
// for pixels is limited to about 2 GB whatever the number of threads; error incomplete when stop() turns
// true.
[[nodiscard]] std::vector<DicomResult> convert_dicom(const DicomTree& tree, const DicomOptions& options,
                                                     const StudyLabels& labels, int threads,
                                                     const PutPicture& put,
                                                     const std::function<void(std::size_t)>& progress,
                                                     const std::function<bool()>& stop);

// Error input when there are conflicts: which file is right cannot be told.
void check_conflicts(const std::vector<DicomResult>& results);

// What the user should know of the images taken, a line each with its count.
[[nodiscard]] std::vector<std::string> dicom_warnings(const std::vector<DicomResult>& results);

// "file 17": how messages and skipped.csv call a file of the tree.
[[nodiscard]] std::string name_of_file(std::size_t index);

}  // namespace tagconf::cohort

template <>
struct tagconf::EnumNames<tagconf::cohort::StudyKey> {
  static constexpr std::array kNames{std::pair{tagconf::cohort::StudyKey::study_uid, "study_uid"},
                                     std::pair{tagconf::cohort::StudyKey::accession, "accession"}};
};
