// The invented DICOM files that ship with the project (data/dicom; invented, seed 7) against what each
// decodes to by plain formulas, or why it is refused.
#include <chrono>

#include "catch.hpp"
#include "covered_case.hpp"
#include "dicom_case.hpp"
#include "support.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/cohort/dicom.hpp"

using namespace tagconf;

TEST_CASE("invented DICOM files decode to the expected values or are refused") {
  const auto folder = test::source_folder() / "tests/oracle/data/dicom";
  const auto cases = test::dicom_cases(folder / "expected.json", folder);
  CHECK(cases.size() == 79);
  for (const auto& one : cases) test::check_dicom_case(one);
}

TEST_CASE("covered copies of invented DICOM files are read like the originals but for the boxes") {
  const auto folder = test::source_folder() / "tests/oracle/data/dicom";
  int covered = 0;
  for (const auto& one : test::dicom_cases(folder / "expected.json", folder))
    covered += test::check_covered_case(one) ? 1 : 0;
  CHECK(covered == 53);
}

TEST_CASE("a declared size that the file cannot hold is refused at once") {
  const auto path = test::source_folder() / "tests/oracle/data/dicom/bad_huge_65535.dcm";
  (void)cohort::is_dicom(path);
  try {
    (void)cohort::DicomFile(path).frame();  // DCMTK's dictionary is read here
  } catch (const Error&) {
  }
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_AS(cohort::DicomFile(path).frame(), Error);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(200));
}
