#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/cohort/readers.hpp"
#include "words.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

constexpr std::array<std::string_view, 6> kRoles{"image", "patient", "study", "label", "split", "body_part"};

// Column of a role: by the user's word, else by the role's own name if the table has it.
std::optional<std::size_t> column_of(const CsvTable& table, const TableOptions& options,
                                     const std::string& role) {
  const auto given = options.columns.find(role);
  if (given != options.columns.end()) return table.require(given->second);
  const auto found = find_role(table, role);
  return found || role != "image" ? found : table.require(role);
}

void check_roles(const TableOptions& options) {
  for (const auto& [role, column] : options.columns) {
    if (std::find(kRoles.begin(), kRoles.end(), role) != kRoles.end()) continue;
    throw_config("columns: unknown key '" + role + "'",
                 "expected image, patient, study, label, split or body_part");
  }
}

// What stands before a column's cell, for each; `after` stands behind the last.
struct PathTemplate {
  std::vector<std::pair<std::string, std::size_t>> pieces;
  std::string after;
};

// Column of a word in braces: of that very name, else of that role.
std::size_t braced_column(const CsvTable& table, const TableOptions& options, const std::string& word) {
  if (const auto exact = table.find(word)) return *exact;
  const bool role = std::find(kRoles.begin(), kRoles.end(), word) != kRoles.end();
  const auto found = role ? column_of(table, options, word) : std::nullopt;
  return found ? *found : table.require(word);
}

PathTemplate parse_path(const CsvTable& table, const TableOptions& options) {
  const std::string& text = options.path;
  PathTemplate out;
  std::size_t at = 0;
  for (std::size_t open = text.find_first_of("{}"); open != std::string::npos;
       open = text.find_first_of("{}", at)) {
    const std::size_t close = text.find_first_of("{}", open + 1);
    if (text[open] != '{' || close == std::string::npos || text[close] != '}') {
      throw_config("path '" + text + "': a brace without its other",
                   "write a column's name in braces, as in films/{image}/ap.png");
    }
    out.pieces.emplace_back(text.substr(at, open - at),
                            braced_column(table, options, text.substr(open + 1, close - open - 1)));
    at = close + 1;
  }
  out.after = text.substr(at);
  return out;
}

std::string expand(const PathTemplate& path, const CsvTable& table, std::size_t row) {
  std::string out;
  for (const auto& [before, column] : path.pieces) out += before + table.at(row, column);
  return out + path.after;
}

// An image column that is not the path may hold numbers with dots: only a picture's extension is none of it.
std::string id_beside_path(const std::string& cell) {
  const std::string extension = lower(fs::path(cell).extension().string());
  const bool picture = extension == ".png" || extension == ".jpg" || extension == ".jpeg";
  return picture ? id_of_path(cell) : cell;
}

Split split_of_cell(const std::string& cell, const std::string& where) {
  if (cell.empty()) return Split::none;
  const auto split = split_of_word(cell);
  if (!split) throw_input(where + ": split '" + cell + "', expected train, valid or test");
  return *split;
}

}  // namespace

Listing read_table(const fs::path& path, const TableOptions& options) {
  check_roles(options);
  const LabelWords labels(options.labels);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    throw_input(path.string() +
                    (fs::is_directory(path, error) ? ": is a folder, expected a table" : ": no such table"),
                "give a CSV file with a header and one row an image");
  }
  const std::string text = read_text(path);
  const char separator = options.separator == '\0' ? guess_separator(text) : options.separator;
  const CsvTable table = parse_csv(text, path.string(), {separator, true});

  Listing listing;
  const fs::path own = path.parent_path();
  listing.root = options.root.empty() ? own : own / options.root;
  if (listing.root.empty()) listing.root = ".";
  if (!fs::is_directory(listing.root, error)) {
    throw_input(listing.root.string() + ": no such folder (root of the images of " + path.string() + ")",
                "root is relative to the table's folder");
  }
  std::array<std::optional<std::size_t>, kRoles.size()> columns;
  for (std::size_t r = 0; r < kRoles.size(); ++r)
    columns[r] = column_of(table, options, std::string(kRoles[r]));
  const auto cell = [&](std::size_t row, std::size_t role) {
    return columns[role] ? table.at(row, *columns[role]) : std::string();
  };
  const PathTemplate place = parse_path(table, options);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    Listed image;
    image.where = table.where(i);
    image.path = options.path.empty() ? cell(i, 0) : expand(place, table, i);
    (void)resolve_below(listing.root, image.path, image.where);
    image.sample.image_id = options.path.empty() ? id_of_path(image.path) : id_beside_path(cell(i, 0));
    image.sample.patient_id = cell(i, 1);
    image.sample.study_id = cell(i, 2);
    const std::string label = cell(i, 3);
    if (columns[3]) {
      if (!labels.known(label)) {
        throw_input(image.where + ": label '" + label + "', expected one of " + labels.all(),
                    "say what each word means by the option labels, as in labels: {Pneumonia: 1}");
      }
      image.sample.label = labels.label(label);
    }
    image.sample.split = split_of_cell(cell(i, 4), image.where);
    image.sample.body_part = upper(cell(i, 5));
    listing.images.push_back(std::move(image));
  }
  if (listing.images.empty()) throw_input(path.string() + ": holds no image");
  check_unique(listing.images);
  return listing;
}

}  // namespace tagconf::cohort
