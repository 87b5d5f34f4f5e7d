// Real DICOM files, which may not be passed on, against their expectations.
#include "catch.hpp"
#include "covered_case.hpp"
#include "dicom_case.hpp"
#include "support.hpp"

using namespace tagconf;

TEST_CASE("real DICOM files decode to the expected values or are refused") {
  const auto folder = test::shared_folder_or_skip() / "oracles/dicom";
  const auto cases = test::dicom_cases(folder / "expected_real.json", folder / "real");
  CHECK(cases.size() == 27);
  for (const auto& one : cases) test::check_dicom_case(one);
}

TEST_CASE("covered copies of real DICOM files are read like the originals but for the boxes") {
  const auto folder = test::shared_folder_or_skip() / "oracles/dicom";
  int covered = 0;
  for (const auto& one : test::dicom_cases(folder / "expected_real.json", folder / "real"))
    covered += test::check_covered_case(one) ? 1 : 0;
  CHECK(covered == 21);
}
