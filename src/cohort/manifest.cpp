#include "tagconf/cohort/manifest.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

const std::vector<std::string> kColumns{"image_id", "patient_id", "study_id", "body_part",
                                        "split",    "label",      "path",     "width",
                                        "height",   "bits",       "scaling",  "sha256"};

// Cells by column name; a column that is not there reads as empty.
class Row {
 public:
  Row(const CsvTable& table, std::size_t row) : table_(table), row_(row) {}

  [[nodiscard]] std::string text(std::string_view column) const {
    const auto index = table_.find(column);
    return index ? table_.at(row_, *index) : std::string();
  }
  [[nodiscard]] int count(std::string_view column) const {
    const std::string cell = text(column);
    if (cell.empty()) return 0;
    const auto value = parse_int(cell);
    if (!value || *value < 0 || *value > 1'000'000'000) {
      fail(std::string(column) + " '" + cell + "', expected a whole number");
    }
    return static_cast<int>(*value);
  }
  [[nodiscard]] std::string where() const { return table_.where(row_); }
  [[noreturn]] void fail(const std::string& what) const { throw_input(where() + ": " + what); }

 private:
  const CsvTable& table_;
  std::size_t row_;
};

std::optional<int> label_of(const Row& row) {
  const std::string cell = row.text("label");
  if (cell.empty()) return std::nullopt;
  if (cell != "0" && cell != "1") row.fail("label '" + cell + "', expected 0, 1 or nothing");
  return cell == "1" ? 1 : 0;
}

Split split_of(const Row& row) {
  const auto split = value_of<Split>(row.text("split"));
  if (!split) row.fail("split '" + row.text("split") + "', expected train, valid, test or nothing");
  return *split;
}

ManifestRow read_row(const Row& row, const fs::path& folder) {
  ManifestRow out;
  out.sample.image_id = row.text("image_id");
  check_image_id(out.sample.image_id, row.where());
  out.sample.patient_id = row.text("patient_id");
  out.sample.study_id = row.text("study_id");
  out.sample.body_part = upper(row.text("body_part"));
  out.sample.split = split_of(row);
  out.sample.label = label_of(row);
  out.path = row.text("path");
  out.width = row.count("width");
  out.height = row.count("height");
  const int bits = row.count("bits");
  if (bits != 0 && bits != 8 && bits != 16) row.fail("bits " + std::to_string(bits) + ", expected 8 or 16");
  out.bits = bits == 0 ? 8 : bits;
  if (const std::string scaling = row.text("scaling"); !scaling.empty()) out.scaling = scaling;
  out.sha256 = row.text("sha256");
  std::error_code error;
  if (!fs::is_regular_file(resolve_below(folder, out.path, row.where()), error)) {
    row.fail("no such image: " + (folder / out.path).string());
  }
  return out;
}

std::vector<std::size_t> further_columns(const CsvTable& table) {
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < table.columns().size(); ++i) {
    const std::string& name = table.columns()[i];
    if (name != "root" && std::find(kColumns.begin(), kColumns.end(), name) == kColumns.end())
      out.push_back(i);
  }
  return out;
}

// The images' folder: the manifest's own, or what the column `root` says.
fs::path folder_of(const CsvTable& table, const fs::path& manifest) {
  const fs::path own = manifest.parent_path();
  const auto column = table.find("root");
  if (!column || table.rows() == 0) return own;
  const std::string& root = table.at(0, *column);
  for (std::size_t i = 1; i < table.rows(); ++i) {
    if (table.at(i, *column) != root) {
      throw_input(
          table.where(i) + ": root '" + table.at(i, *column) + "', but the first row says '" + root + "'",
          "a manifest has one root");
    }
  }
  const fs::path folder = root.empty() ? own : own / root;
  std::error_code error;
  if (!fs::is_directory(folder.empty() ? "." : folder, error)) {
    throw_input(table.source() + ": its images' folder " + folder.string() + " is not there",
                "were the images or the manifest moved? Run ingest again, or correct the column root");
  }
  return folder;
}

// Empty when the images lie in the manifest's own folder.
std::string root_of(const fs::path& manifest, const fs::path& images) {
  const auto absolute = [](const fs::path& p) { return fs::weakly_canonical(p.empty() ? "." : p); };
  const std::string relative =
      absolute(images).lexically_relative(absolute(manifest.parent_path())).generic_string();
  return relative == "." ? "" : relative;
}

std::string number_or_empty(int value) {
  return value > 0 ? std::to_string(value) : "";
}

// Where all reasons stand, for a message; empty when the list cannot be written, since it is not what is
// wrong.
std::string leave_list(const fs::path& list, std::span<const Skipped> skipped) {
  if (list.empty()) return "";
  try {
    write_skipped(list, skipped);
  } catch (const Error&) {
    return "";
  }
  return "\n  all of them: " + list.string();
}

}  // namespace

void check_image_id(const std::string& image_id, const std::string& where) {
  const auto refuse = [&](const std::string& why) {
    throw_input(where + ": image_id '" + image_id + "' " + why,
                "an image_id is a relative path without extension, such as valid/patient7/image1");
  };
  if (image_id.empty()) refuse("is empty");
  for (const char c : image_id) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) refuse("holds a control character");
  }
  if (image_id.front() == '/') refuse("is absolute");
  for (const auto& part : fs::path(image_id)) {
    if (part == ".." || part == ".") refuse("has a step '" + part.string() + "'");
  }
}

Manifest read_manifest(const fs::path& path) {
  const CsvTable table = read_csv(path);
  (void)table.require("image_id");
  (void)table.require("path");
  Manifest manifest;
  manifest.folder = folder_of(table, path);
  manifest.rows.reserve(table.rows());
  const auto further = further_columns(table);
  for (const auto column : further) manifest.further.push_back(table.columns()[column]);
  std::map<std::string, std::size_t> first;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    ManifestRow row = read_row(Row(table, i), manifest.folder);
    const auto [place, fresh] = first.emplace(row.sample.image_id, i);
    if (!fresh) {
      throw_input(table.where(i) + ": image_id '" + row.sample.image_id + "' stands on line " +
                  std::to_string(table.line(place->second)) + " already");
    }
    for (const auto column : further) row.further.push_back(table.at(i, column));
    manifest.rows.push_back(std::move(row));
  }
  if (manifest.rows.empty()) throw_input(table.source() + ": holds no image");
  return manifest;
}

void write_manifest(const fs::path& path, const Manifest& manifest) {
  std::vector<std::string> columns = kColumns;
  columns.insert(columns.end(), manifest.further.begin(), manifest.further.end());
  const std::string root = root_of(path, manifest.folder);
  if (!root.empty()) columns.emplace_back("root");
  CsvWriter csv(columns);
  for (const auto& row : manifest.rows) {
    const Sample& s = row.sample;
    std::vector<std::string> cells{s.image_id,
                                   s.patient_id,
                                   s.study_id,
                                   s.body_part,
                                   std::string(name_of(s.split)),
                                   s.label ? std::to_string(*s.label) : "",
                                   row.path,
                                   number_or_empty(row.width),
                                   number_or_empty(row.height),
                                   std::to_string(row.bits),
                                   row.scaling,
                                   row.sha256};
    cells.insert(cells.end(), row.further.begin(), row.further.end());
    cells.resize(kColumns.size() + manifest.further.size());
    if (!root.empty()) cells.push_back(root);
    csv.row(cells);
  }
  write_text(path, csv.text());
}

void write_skipped(const fs::path& path, std::span<const Skipped> skipped) {
  CsvWriter csv({"image_id", "reason"});
  for (const auto& row : skipped) csv.row({row.source, row.reason});
  write_text(path, csv.text());
}

void check_skips(std::size_t cohort_size, std::span<const Skipped> skipped, const fs::path& list) {
  const std::size_t allowed = std::max<std::size_t>(3, cohort_size / 200);
  const bool nothing_left = skipped.size() >= cohort_size;
  if (!nothing_left && skipped.size() <= allowed) {
    std::error_code ignored;
    if (!list.empty()) fs::remove(list, ignored);
    return;
  }
  constexpr std::size_t kShown = 3;
  std::string reasons;
  for (std::size_t i = 0; i < std::min(kShown, skipped.size()); ++i) {
    reasons += "\n  " + skipped[i].source + ": " + skipped[i].reason;
  }
  if (skipped.size() > kShown) reasons += "\n  and " + std::to_string(skipped.size() - kShown) + " more";
  reasons += leave_list(list, skipped);
  if (nothing_left) {
    throw_input("no usable image is left of " + std::to_string(cohort_size) + reasons,
                "check that the images are where the cohort's table says, and whole");
  }
  throw_input(std::to_string(skipped.size()) + " of " + std::to_string(cohort_size) +
                  " images cannot be used, at most " + std::to_string(allowed) + " may be left out" + reasons,
              "fetch the broken images again, or take them out of the cohort");
}

}  // namespace tagconf::cohort
