// The real chest cohort through ingest and pack, as a run does it.
#include <cmath>
#include <cstring>

#include "stage_call.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/imaging/resize.hpp"

using namespace tagconf;
using test::StageCall;

TEST_CASE("290 real radiographs are ingested and packed at 224 pixels") {
  const auto source = test::shared_folder_or_skip() / "data/nih/cohort.csv";
  const test::ScratchFolder scratch;
  StageCall ingest{stages::ingest(), {{"source", source}}, scratch / "cohort", {{"reader", "table"}}, {}};
  const Json found = ingest.run();
  CHECK(found["images"] == 290);
  CHECK(found["skipped"] == 0);
  CHECK(found["warnings"].empty());
  WARN(found["splits"].dump());
  StageCall pack{
      stages::pack(), {{"images", scratch / "cohort/manifest.csv"}}, scratch / "packed", {{"size", 224}}, {}};
  CHECK(pack.run()["images"] == 290);
  const auto packed = arms::read_pack(scratch / "packed/pack");
  const auto manifest = arms::open_images(scratch / "cohort/manifest.csv");
  REQUIRE(packed.rows.size() == manifest.rows.size());
  for (std::size_t i = 0; i < packed.rows.size(); i += 29) {
    CHECK(packed.rows[i].sample.image_id == manifest.rows[i].sample.image_id);
    const auto image = imaging::read_image(manifest.image_path(manifest.rows[i]));
    const auto plane = imaging::resize(imaging::to_plane(image), 224, 224);
    for (std::size_t k = 0; k < plane.values.size(); ++k) {
      std::uint16_t value = 0;
      std::memcpy(&value, packed.pixels.item(i).data() + 2 * k, 2);
      REQUIRE(std::abs(value / 65535.0 - plane.values[k]) <= 0.5 / 65535 + 1e-7);
    }
  }
}
