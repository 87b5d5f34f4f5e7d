#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <thread>

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

TEST_CASE(
    "values that take fewer than 16 bits are spread over them, other images are handed on as they are") {
  const test::ScratchFolder scratch;
  imaging::GreyImage deep(4, 1, 16);
  deep.pixels = {0, 1, 2048, 4095};
  imaging::write_png(scratch / "in/normal/deep.PNG", deep);
  imaging::write_png(scratch / "in/normal/dark.png", imaging::GreyImage(3, 2, 16, 17));
  write_bytes(scratch / "in/normal/plain.jpg", imaging::encode_jpeg(imaging::GreyImage(8, 8, 8, 90), 90));
  write_text(scratch / "in/normal/broken.png", "");
  std::map<std::string, std::vector<std::byte>> put;
  std::mutex guard;
  Reading reading;
  reading.bits = 12;
  reading.put = [&](const std::string& path, std::span<const std::byte> bytes) {
    const std::lock_guard lock(guard);
    put[path] = {bytes.begin(), bytes.end()};
  };
  const Listing listing = read_folder(scratch / "in", {});
  const Collected found = collect(
      listing, 2, [](std::size_t) {}, [] { return false; }, reading);
  REQUIRE(found.brightest);
  CHECK(found.brightest->value == 4095);
  CHECK(found.brightest->image_id == "normal/deep");
  CHECK(found.skipped.size() == 1);
  REQUIRE(found.manifest.rows.size() == 3);
  REQUIRE(put.size() == 3);
  const auto spread = imaging::decode(put.at("images/normal/deep.png"), "deep");
  CHECK(spread.bits == 16);
  CHECK(spread.pixels == std::vector<std::uint16_t>{0, 16, 32776, 65535});
  CHECK(put.at("images/normal/plain.jpg") == read_bytes(scratch / "in/normal/plain.jpg"));
  std::map<std::string, std::string> scalings;
  for (const auto& row : found.manifest.rows) {
    scalings[row.path] = row.scaling;
    Sha256 digest;
    digest.update(put.at(row.path));
    CHECK(row.sha256 == digest.hex());
  }
  CHECK(scalings == std::map<std::string, std::string>{{"images/normal/dark.png", "bits_12"},
                                                       {"images/normal/deep.png", "bits_12"},
                                                       {"images/normal/plain.jpg", "stored"}});
}

TEST_CASE("images of 16 bits that hold no value over 4095 need their bits said") {
  const Brightest twelve{4095, "films/7"};
  const Error silent = test::error_of([&] { check_bits(twelve, std::nullopt); });
  CHECK(silent.code() == ErrorCode::input);
  CHECK(silent.message() ==
        "the images of 16 bits hold no value over 4095: the largest is 4095, in films/7; taken for parts of "
        "65535 they would be nearly black");
  CHECK(silent.hint() ==
        "say how many bits their values take: --bits 12 (ingest.bits in a config), or 16 if they are that "
        "dark");
  for (const int bits : {12, 13, 16}) CHECK_NOTHROW(check_bits(twelve, bits));
  CHECK_NOTHROW(check_bits(Brightest{4096, "a"}, std::nullopt));
  CHECK_NOTHROW(check_bits(std::nullopt, std::nullopt));
  CHECK_NOTHROW(check_bits(std::nullopt, 16));
  const Error few = test::error_of([&] { check_bits(twelve, 11); });
  CHECK(few.code() == ErrorCode::input);
  CHECK(few.message() ==
        "the values of the images of 16 bits take more than 11 bits: the largest is 4095, in films/7");
  CHECK(few.hint().find("--bits 12") != std::string::npos);
  CHECK(test::error_of([&] {
          check_bits(Brightest{3, "a"}, std::nullopt);
        })
            .hint()
            .find("--bits 8 ") != std::string::npos);
  test::check_refused([&] { check_bits(std::nullopt, 12); }, "no image has 16 bits");
}

TEST_CASE("no more images are decoded at a time than fit the memory") {
  const test::ScratchFolder scratch;
  for (int i = 0; i < 8; ++i)
    imaging::write_png(scratch / ("in/" + std::to_string(i) + ".png"), imaging::GreyImage(50, 50, 16, 9));
  for (const int fit : {1, 2}) {
    std::atomic<int> at_work{0};
    std::atomic<int> most{0};
    Reading reading;
    reading.bits = 12;
    reading.memory = 8 * 50 * 50 * fit + 100;
    reading.put = [&](const std::string&, std::span<const std::byte>) {
      const int now = ++at_work;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      --at_work;
    };
    const Collected found = collect(
        read_folder(scratch / "in", {}), 4, [](std::size_t) {}, [] { return false; }, reading);
    CHECK(found.manifest.rows.size() == 8);
    CHECK(most <= fit);
  }
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
