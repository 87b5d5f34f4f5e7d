#include <atomic>
#include <chrono>
#include <thread>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/imaging/codec.hpp"

using namespace tagconf;
using namespace tagconf::arms;
namespace fs = std::filesystem;

namespace {

void put(const fs::path& path, int width = 6, int height = 4) {
  imaging::write_png(path, imaging::GreyImage(width, height, 8, 50));
}

ErrorCode code_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::bug;
}

}  // namespace

TEST_CASE("a folder, a manifest and a single file are all taken") {
  const test::ScratchFolder scratch;
  put(scratch / "films/b/two.png", 9, 3);
  put(scratch / "films/one.png");
  write_text(scratch / "films/readme.txt", "no image");
  const auto folder = open_images(scratch / "films");
  REQUIRE(folder.rows.size() == 2);
  CHECK(folder.rows[0].sample.image_id == "b/two");
  CHECK(folder.rows[0].width == 9);
  CHECK(folder.rows[1].sample.image_id == "one");
  CHECK(fs::exists(folder.image_path(folder.rows[0])));

  const auto single = open_images(scratch / "films/one.png");
  REQUIRE(single.rows.size() == 1);
  CHECK(single.rows[0].sample.image_id == "one");
  CHECK(single.rows[0].height == 4);

  write_text(scratch / "films/list.csv", "image_id,path,label\nx,one.png,1\n");
  const auto listed = open_images(scratch / "films/list.csv");
  REQUIRE(listed.rows.size() == 1);
  CHECK(listed.rows[0].sample.label == 1);
  CHECK(listed.rows[0].width == 6);

  // A folder's own manifest knows more than its files.
  fs::rename(scratch / "films/list.csv", scratch / "films/manifest.csv");
  CHECK(open_images(scratch / "films").rows[0].sample.image_id == "x");
}

TEST_CASE("nothing there, an empty folder, no image, two images of one name: error input") {
  const test::ScratchFolder scratch;
  fs::create_directories(scratch / "empty");
  write_text(scratch / "text.png", "hello");
  put(scratch / "twice/a.png");
  put(scratch / "twice/a.jpg");
  for (const auto* name : {"none", "empty", "text.png", "twice"}) {
    INFO(name);
    CHECK(code_of([&] { (void)open_images(scratch / name); }) == ErrorCode::input);
  }
}

TEST_CASE("every image is worked on once and broken ones come back in order") {
  const test::ScratchFolder scratch;
  for (int i = 0; i < 9; ++i) put(scratch / ("films/" + std::to_string(i) + ".png"), 3 + i, 4);
  write_text(scratch / "films/3.png", "");
  write_text(scratch / "films/7.png", "junk");
  const auto manifest = open_images(scratch / "films");
  std::vector<int> widths(manifest.rows.size(), -1);
  std::atomic<std::size_t> reported{0};
  const auto skipped = for_each_image(
      manifest, 3, [&](std::size_t i, const imaging::GreyImage& image) { widths[i] = image.width; },
      [&](std::size_t) { ++reported; }, [] { return false; });
  CHECK(widths == std::vector<int>{3, 4, 5, -1, 7, 8, 9, -1, 11});
  CHECK(reported == 9);
  REQUIRE(skipped.size() == 2);
  CHECK(skipped[0].source == "3");
  CHECK(skipped[0].reason == "3.png: is empty");
  CHECK(skipped[1].source == "7");
}

TEST_CASE("no more pictures are at work than fit the memory; one that is larger than all of it works alone") {
  const test::ScratchFolder scratch;
  for (int i = 0; i < 8; ++i) put(scratch / ("films/" + std::to_string(i) + ".png"), 100, i == 3 ? 900 : 100);
  const auto manifest = open_images(scratch / "films");
  constexpr std::int64_t kOne = 16 * 100 * 100;
  for (const int fit : {1, 2}) {
    std::atomic<int> at_work{0};
    std::atomic<int> most{0};
    std::atomic<int> beside_large{0};
    std::atomic<int> worked{0};
    const auto skipped = for_each_file(
        manifest, 4,
        [&](std::size_t, const imaging::GreyImage& image, std::span<const std::byte>) {
          const int now = ++at_work;
          for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
          }
          std::this_thread::sleep_for(std::chrono::milliseconds(10));
          if (image.height == 900) beside_large = at_work - 1;
          ++worked;
          --at_work;
        },
        [](std::size_t) {}, [] { return false; }, fit * kOne + kOne / 2);
    CHECK(skipped.empty());
    CHECK(worked == 8);
    CHECK(most <= fit);
    CHECK(beside_large == 0);
  }
}

TEST_CASE("an error of the work itself is no skip, and a stop is incomplete") {
  const test::ScratchFolder scratch;
  put(scratch / "a.png");
  const auto manifest = open_images(scratch / "a.png");
  const auto nothing = [](std::size_t) {};
  CHECK_THROWS_AS(for_each_image(
                      manifest, 1, [](std::size_t, const imaging::GreyImage&) { throw_input("own trouble"); },
                      nothing, [] { return false; }),
                  Error);
  CHECK(code_of([&] {
          (void)for_each_image(
              manifest, 1, [](std::size_t, const imaging::GreyImage&) {}, nothing, [] { return true; });
        }) == ErrorCode::incomplete);
}
