// The library against every statistics case that ships with the project.
#include "catch.hpp"
#include "oracle_case.hpp"
#include "support.hpp"

namespace tagconf::test {

TEST_CASE("the library gives the reference results of every shipped case") {
  const auto files = case_files(source_folder() / "tests/oracle/data/stats");
  REQUIRE(files.size() == 37);
  for (const auto& file : files) {
    DYNAMIC_SECTION(file.stem().string()) {
      check_case(read_case(file));
    }
  }
}

}  // namespace tagconf::test
