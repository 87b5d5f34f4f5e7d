// The expectations of a folder of DICOM files: what each must decode to, or that it must be refused.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"

namespace tagconf::test {

struct DicomCase {
  std::string name;  // of the file
  std::filesystem::path path;
  Json expected;

  [[nodiscard]] std::string expect() const { return expected.at("expect").get<std::string>(); }
};

[[nodiscard]] std::vector<DicomCase> dicom_cases(const std::filesystem::path& table,
                                                 const std::filesystem::path& folder);

// Decodes or is refused as expected; the stored values and the 8-bit picture by their digests, the attributes
// by their texts. Reports through Catch.
void check_dicom_case(const DicomCase& one);

}  // namespace tagconf::test
