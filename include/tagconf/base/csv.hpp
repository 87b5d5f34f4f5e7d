// Tables as CSV: RFC 4180, UTF-8, LF, one header line. The reader also takes a byte-order mark, CRLF and
// quoted fields; it refuses ragged rows, duplicate column names and text after a closing quote, naming
// file and line.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tagconf {

struct CsvOptions {
  char separator = ',';
  bool header = true;  // false: columns are named "0", "1", ...
};

class CsvTable {
 public:
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  [[nodiscard]] std::size_t rows() const { return lines_.size(); }
  [[nodiscard]] std::optional<std::size_t> find(std::string_view column) const;
  // Index of the column; error input naming the file and the columns there are.
  [[nodiscard]] std::size_t require(std::string_view column) const;
  [[nodiscard]] const std::string& at(std::size_t row, std::size_t column) const {
    return cells_[row * columns_.size() + column];
  }
  // 1-based line of the file on which the row starts.
  [[nodiscard]] std::size_t line(std::size_t row) const { return lines_[row]; }
  // "tags.csv:17", for messages.
  [[nodiscard]] std::string where(std::size_t row) const;
  [[nodiscard]] const std::string& source() const { return source_; }

  friend CsvTable parse_csv(std::string_view, std::string, const CsvOptions&);

 private:
  std::string source_;
  std::vector<std::string> columns_;
  std::vector<std::string> cells_;  // row major
  std::vector<std::size_t> lines_;
};

[[nodiscard]] CsvTable parse_csv(std::string_view text, std::string source, const CsvOptions& options = {});
// "-" reads standard input.
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& path, const CsvOptions& options = {});

// Builds the text of a table; every row must have as many cells as there are columns.
class CsvWriter {
 public:
  explicit CsvWriter(std::vector<std::string> columns);
  void row(std::span<const std::string> cells);
  void row(std::initializer_list<std::string> cells);
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::size_t width_;
  std::string text_;
};

}  // namespace tagconf
