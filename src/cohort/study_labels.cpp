#include <algorithm>
#include <array>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/dicom_tree.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

std::string role_of(StudyKey key) {
  return key == StudyKey::study_uid ? "study" : "accession";
}

void check_roles(const StudyTableOptions& options) {
  const std::array<std::string, 3> roles{role_of(options.key), "label", "split"};
  for (const auto& [role, column] : options.columns) {
    if (std::find(roles.begin(), roles.end(), role) != roles.end()) continue;
    throw_config("columns: unknown key '" + role + "'",
                 "for this table of labels: " + roles[0] + ", " + roles[1] + " or " + roles[2]);
  }
}

std::optional<std::size_t> column_of(const CsvTable& table, const StudyTableOptions& options,
                                     const std::string& role) {
  const auto given = options.columns.find(role);
  return given != options.columns.end() ? table.require(given->second) : find_role(table, role);
}

std::size_t key_column(const CsvTable& table, const StudyTableOptions& options) {
  const std::string role = role_of(options.key);
  if (const auto column = column_of(table, options, role)) return *column;
  const auto keyword =
      find_role(table, options.key == StudyKey::study_uid ? "StudyInstanceUID" : "AccessionNumber");
  return keyword ? *keyword : table.require(role);
}

std::string without_blanks(std::string text) {
  const auto end = text.find_last_not_of(' ');
  text.erase(end == std::string::npos ? 0 : end + 1);
  return text.erase(0, text.find_first_not_of(' '));
}

}  // namespace

const StudyLabel* StudyLabels::find(const DicomIds& ids) const {
  const auto found = studies.find(key == StudyKey::study_uid ? ids.study : ids.accession);
  return found == studies.end() ? nullptr : &found->second;
}

StudyLabels read_study_labels(const fs::path& path, const StudyTableOptions& options) {
  check_roles(options);
  const LabelWords words(options.labels);
  const std::string text = read_text(path);
  const char separator = options.separator == '\0' ? guess_separator(text) : options.separator;
  const CsvTable table = parse_csv(text, path.string(), {separator, true});
  const std::size_t key = key_column(table, options);
  const std::size_t label = column_of(table, options, "label").value_or(table.columns().size());
  if (label == table.columns().size()) (void)table.require("label");
  const auto split = column_of(table, options, "split");

  StudyLabels out{options.key, {}};
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string id = without_blanks(table.at(i, key));
    if (id.empty()) throw_input(table.where(i) + ": no " + role_of(options.key));
    if (!words.known(table.at(i, label))) {
      throw_input(table.where(i) + ": the label is none of " + words.all(),
                  "say what each word means by the option labels, as in labels: {Fracture: 1}");
    }
    StudyLabel study{words.label(table.at(i, label)), Split::none};
    if (split && !table.at(i, *split).empty()) {
      const auto part = split_of_word(table.at(i, *split));
      if (!part) throw_input(table.where(i) + ": the split is none of train, valid, test");
      study.split = *part;
    }
    const auto [place, fresh] = out.studies.emplace(id, study);
    first.emplace(id, i);
    if (!fresh && (place->second.label != study.label || place->second.split != study.split)) {
      throw_input(table.where(i) + ": the study of line " + std::to_string(table.line(first.at(id))) +
                      " again, with another label or split",
                  "give each study one label");
    }
  }
  if (out.studies.empty()) throw_input(path.string() + ": names no study");
  return out;
}

}  // namespace tagconf::cohort
