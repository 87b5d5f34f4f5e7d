// The pack stage: from a folder or a manifest, with and without tags.
#include "stage_call.hpp"
#include "tagconf/arms/pack.hpp"

using namespace tagconf;
using test::ScratchFolder;
using test::StageCall;
namespace fs = std::filesystem;

namespace {

StageCall call(const ScratchFolder& scratch, std::map<std::string, fs::path> inputs,
               std::map<std::string, Json> options) {
  return {stages::pack(), std::move(inputs), scratch / "out", std::move(options), {}};
}

}  // namespace

TEST_CASE("a folder of images is packed, covered or not") {
  const ScratchFolder scratch;
  for (int i = 0; i < 5; ++i) {
    imaging::write_png(scratch / ("films/" + std::to_string(i) + ".png"), imaging::GreyImage(64, 64, 8, 255));
  }
  write_text(scratch / "tags.csv", "image_id,x,y,w,h\n0,8,8,16,16\n1,,,,\n2,,,,\n3,,,,\n4,,,,\n");

  auto original = call(scratch, {{"images", scratch / "films"}}, {{"size", 32}});
  const Json plain = original.run();
  CHECK(plain["images"] == 5);
  CHECK(plain["tagged"] == nullptr);
  CHECK(original.progress.last == 5);
  const auto pack = arms::read_pack(scratch / "out/pack");
  CHECK(pack.size == 32);
  for (const auto byte : pack.pixels.bytes()) REQUIRE(byte == std::byte{255});
  CHECK(read_text(scratch / "out/skipped.csv") == "image_id,reason\n");

  auto covered = call(scratch, {{"images", scratch / "films"}, {"tags", scratch / "tags.csv"}},
                      {{"size", 64}, {"arm", "covered"}, {"pad", 0}, {"bits", 8}});
  CHECK(covered.run()["tagged"] == 1);
  const auto half = arms::read_pack(scratch / "out/pack");
  CHECK(half.pixels.type() == NpyType::uint8);
  CHECK(half.rows[0].tagged);
  CHECK_FALSE(half.rows[1].tagged);
  for (int y = 0; y < 64; ++y) {
    for (int x = 0; x < 64; ++x) {
      const bool tag = Rect{8, 8, 16, 16}.contains(x, y);
      REQUIRE(half.pixels.item(0)[static_cast<std::size_t>(64 * y + x)] == std::byte(tag ? 0 : 255));
    }
  }
}

TEST_CASE("an arm made of tags needs them") {
  const ScratchFolder scratch;
  imaging::write_png(scratch / "a.png", imaging::GreyImage(8, 8, 8, 1));
  for (const auto* arm : {"covered", "tags_only"}) {
    auto pack = call(scratch, {{"images", scratch / "a.png"}}, {{"arm", arm}});
    CHECK(pack.failure().code() == ErrorCode::usage);
  }
  auto bits = call(scratch, {{"images", scratch / "a.png"}}, {{"bits", 12}});
  CHECK(bits.failure().code() == ErrorCode::config);
  CHECK_FALSE(fs::exists(scratch / "out"));
}
