// Tables: what is read can be written, and reads back as the same cells.
#include "tagconf/base/csv.hpp"
#include "fuzz.hpp"

namespace tagconf::fuzz {
namespace {

std::string written(const CsvTable& table) {
  CsvWriter out(table.columns());
  std::vector<std::string> cells(table.columns().size());
  for (std::size_t row = 0; row < table.rows(); ++row) {
    for (std::size_t column = 0; column < cells.size(); ++column) cells[column] = table.at(row, column);
    out.row(cells);
  }
  return out.text();
}

void check_same(const CsvTable& a, const CsvTable& b) {
  check(a.columns() == b.columns(), "columns read back");
  check(a.rows() == b.rows(), "every row reads back");
  for (std::size_t row = 0; row < a.rows(); ++row) {
    check(row == 0 || a.line(row) > a.line(row - 1), "rows stand in the order of their lines");
    for (std::size_t column = 0; column < a.columns().size(); ++column) {
      check(a.at(row, column) == b.at(row, column), "every cell reads back");
    }
  }
}

void try_table(std::string_view text, const CsvOptions& options) {
  CsvTable table;
  if (!accepts(ErrorCode::input, [&] { table = parse_csv(text, "f.csv", options); })) return;
  if (table.columns().empty()) return;  // no header, and no row either
  check_same(table, parse_csv(written(table), "written.csv"));
}

}  // namespace
}  // namespace tagconf::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = tagconf::fuzz::text_of(data, size);
  tagconf::fuzz::try_table(text, {});
  tagconf::fuzz::try_table(text, {.separator = ';', .header = false});
  return 0;
}
