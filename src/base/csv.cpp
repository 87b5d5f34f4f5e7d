#include "tagconf/base/csv.hpp"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <set>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"

namespace tagconf {
namespace {

// A byte-order mark at the beginning of a file is none of its text, unless it stands in quotes.
constexpr std::string_view kMark = "\xEF\xBB\xBF";

// Walks the text record by record.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, const std::string& source, char separator)
      : text_(text), source_(source), separator_(separator) {
    if (text_.starts_with(kMark)) text_.remove_prefix(kMark.size());
  }

  [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  // The next record's cells.
  std::vector<std::string> record() {
    std::vector<std::string> cells;
    for (;;) {
      cells.push_back(cell());
      if (at_end()) return cells;
      const char c = text_[position_++];
      if (c == separator_) continue;
      if (c == '\r') {
        if (!at_end() && text_[position_] == '\n') ++position_;
      }
      ++line_;
      return cells;
    }
  }

 private:
  std::string cell() {
    if (!at_end() && text_[position_] == '"') return quoted();
    const std::size_t start = position_;
    while (!at_end() && text_[position_] != separator_ && text_[position_] != '\n' &&
           text_[position_] != '\r') {
      if (text_[position_] == '\0') fail("holds a zero byte: not a text table");
      ++position_;
    }
    return std::string(text_.substr(start, position_ - start));
  }

  std::string quoted() {
    const std::size_t opened = line_;
    ++position_;
    std::string out;
    for (;;) {
      if (at_end()) {
        line_ = opened;
        fail("a quoted field is never closed");
      }
      const char c = text_[position_++];
      if (c == '"') {
        if (!at_end() && text_[position_] == '"') {
          out += '"';
          ++position_;
          continue;
        }
        if (!at_end() && text_[position_] != separator_ && text_[position_] != '\n' &&
            text_[position_] != '\r') {
          fail("text after a closing quote");
        }
        return out;
      }
      if (c == '\n') ++line_;
      if (c == '\0') fail("holds a zero byte: not a text table");
      out += c;
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw_input(source_ + ":" + std::to_string(line_) + ": " + what);
  }

  std::string_view text_;
  const std::string& source_;
  char separator_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

std::string quoted_if_needed(const std::string& cell) {
  if (cell.find_first_of(",\"\n\r") == std::string::npos && !cell.starts_with(kMark)) return cell;
  std::string out = "\"";
  for (const char c : cell) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

}  // namespace

std::optional<std::size_t> CsvTable::find(std::string_view column) const {
  const auto it = std::find(columns_.begin(), columns_.end(), column);
  if (it == columns_.end()) return std::nullopt;
  return static_cast<std::size_t>(it - columns_.begin());
}

std::size_t CsvTable::require(std::string_view column) const {
  if (const auto index = find(column)) return *index;
  std::string have;
  for (const auto& c : columns_) have += (have.empty() ? "" : ", ") + c;
  throw_input(source_ + ": no column '" + std::string(column) + "'", "its columns are: " + have);
}

std::string CsvTable::where(std::size_t row) const {
  return source_ + ":" + std::to_string(lines_[row]);
}

CsvTable parse_csv(std::string_view text, std::string source, const CsvOptions& options) {
  CsvTable table;
  table.source_ = std::move(source);
  CsvScanner scanner(text, table.source_, options.separator);
  if (scanner.at_end()) throw_input(table.source_ + ": is empty, expected a table");
  if (options.header) {
    table.columns_ = scanner.record();
    std::set<std::string> seen;
    for (const auto& column : table.columns_) {
      if (!seen.insert(column).second)
        throw_input(table.source_ + ":1: column '" + column + "' stands twice");
    }
  }
  while (!scanner.at_end()) {
    const std::size_t line = scanner.line();
    std::vector<std::string> cells = scanner.record();
    // An empty line holds no record, unless the table has a single column.
    if (cells.size() == 1 && cells[0].empty() && table.columns_.size() != 1) continue;
    if (table.columns_.empty()) {
      for (std::size_t i = 0; i < cells.size(); ++i) table.columns_.push_back(std::to_string(i));
    }
    if (cells.size() != table.columns_.size()) {
      throw_input(table.source_ + ":" + std::to_string(line) + ": " + std::to_string(cells.size()) +
                  " fields, expected " + std::to_string(table.columns_.size()));
    }
    std::move(cells.begin(), cells.end(), std::back_inserter(table.cells_));
    table.lines_.push_back(line);
  }
  return table;
}

CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options) {
  if (path == "-") {
    const std::string text{std::istreambuf_iterator<char>(std::cin), {}};
    return parse_csv(text, "standard input", options);
  }
  return parse_csv(read_text(path), path.string(), options);
}

CsvWriter::CsvWriter(std::vector<std::string> columns) : width_(columns.size()) {
  row(columns);
}

void CsvWriter::row(std::span<const std::string> cells) {
  if (cells.size() != width_) {
    throw Error(ErrorCode::bug, "a table row has " + std::to_string(cells.size()) + " cells, its header " +
                                    std::to_string(width_));
  }
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) text_ += ',';
    text_ += quoted_if_needed(cells[i]);
  }
  text_ += '\n';
}

void CsvWriter::row(std::initializer_list<std::string> cells) {
  row(std::span(cells.begin(), cells.size()));
}

}  // namespace tagconf
