// Tables for people, in plain text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace tagconf::stages {

// Columns padded to equal width, counted in bytes; the first to the left, the rest to the right.
[[nodiscard]] inline std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> width;
  for (const auto& row : rows) {
    width.resize(std::max(width.size(), row.size()));
    for (std::size_t k = 0; k < row.size(); ++k) width[k] = std::max(width[k], row[k].size());
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t k = 0; k < row.size(); ++k) {
      const std::string gap(width[k] - row[k].size(), ' ');
      line += k == 0 ? row[k] + gap : "  " + gap + row[k];
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace tagconf::stages
