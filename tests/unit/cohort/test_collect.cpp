#include <atomic>

#include "cohort_support.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/cohort/collect.hpp"
#include "tagconf/cohort/readers.hpp"

using namespace tagconf;
using namespace tagconf::cohort;
namespace fs = std::filesystem;

namespace {

Collected collect_all(const Listing& listing, int threads = 2) {
  return collect(
      listing, threads, [](std::size_t) {}, [] { return false; });
}

}  // namespace

TEST_CASE("every image is measured and hashed, broken ones are set aside with the reason") {
  const test::ScratchFolder scratch;
  imaging::write_png(scratch / "normal/deep.png", imaging::GreyImage(7, 5, 16, 40000));
  test::write_image(scratch / "normal/plain.png", 9, 8);
  write_text(scratch / "normal/empty.png", "");
  write_text(scratch / "normal/text.png", "this is no picture");
  const std::string whole = read_text(scratch / "normal/plain.png");
  write_text(scratch / "normal/cut.png", whole.substr(0, whole.size() - 20));
  const Listing listing = read_folder(scratch.path(), {});
  const Collected found = collect_all(listing);
  REQUIRE(found.manifest.rows.size() == 2);
  const ManifestRow& deep = found.manifest.rows[0];
  CHECK(deep.sample.image_id == "normal/deep");
  CHECK(deep.width == 7);
  CHECK(deep.height == 5);
  CHECK(deep.bits == 16);
  CHECK(deep.sha256 == sha256_file(scratch / "normal/deep.png"));
  REQUIRE(found.skipped.size() == 3);
  CHECK(found.skipped[0].source == "normal/cut");
  CHECK(found.skipped[0].reason.find("broken PNG") != std::string::npos);
  CHECK(found.skipped[1].reason == "normal/empty.png: is empty");
  CHECK(found.skipped[2].reason == "normal/text.png: is not an image");
}

TEST_CASE("a listed image that is not there is set aside; copies that disagree are told") {
  const test::ScratchFolder scratch;
  test::write_image(scratch / "a.png");
  test::write_image(scratch / "b.png");
  test::write_image(scratch / "c.png", 3, 3);
  write_text(scratch / "t.csv", "image,label\na.png,0\nb.png,1\nc.png,1\nnone.png,1\n");
  const Collected found = collect_all(read_table(scratch / "t.csv", {}));
  REQUIRE(found.skipped.size() == 1);
  CHECK(found.skipped[0].source == "none");
  CHECK(found.skipped[0].reason == "none.png: no such file");
  CHECK(found.conflicting_copies == std::vector<std::string>{"a, b"});
}

TEST_CASE("the result does not depend on threads, and a stop ends it") {
  const test::ScratchFolder scratch;
  for (int i = 0; i < 20; ++i) {
    test::write_image(scratch / ("normal/" + std::to_string(i) + ".png"), 5 + i, 4);
  }
  const Listing listing = read_folder(scratch.path(), {});
  const Collected one = collect_all(listing, 1);
  const Collected four = collect_all(listing, 4);
  write_manifest(scratch / "one.csv", one.manifest);
  write_manifest(scratch / "four.csv", four.manifest);
  CHECK(read_text(scratch / "one.csv") == read_text(scratch / "four.csv"));
  std::atomic<int> calls{0};
  const Error stopped = test::error_of([&] {
    (void)collect(
        listing, 2, [](std::size_t) {}, [&] { return ++calls > 5; });
  });
  CHECK(stopped.code() == ErrorCode::incomplete);
}
