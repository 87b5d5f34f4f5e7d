// A small cohort on disk: 8 and 16 bit pictures in sub-folders, with a manifest.
#pragma once

#include <string>
#include <vector>

#include "../ingest_pack/stage_call.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/cohort/manifest.hpp"

namespace tagconf::test {

inline imaging::GreyImage noise(std::uint64_t number, int width, int height, int bits) {
  imaging::GreyImage image(width, height, bits);
  Rng rng(3, "small_cohort", number);
  for (auto& p : image.pixels)
    p = static_cast<std::uint16_t>(1 + rng.below(static_cast<std::uint64_t>(image.full_scale())));
  return image;
}

// No pixel is 0, so that 0 says "painted" or "not kept". Sizes 80 x 60; the second is 16 bit.
class SmallCohort {
 public:
  SmallCohort() {
    const std::vector<std::string> ids{"train/XR_HAND/p1/image1", "train/XR_HAND/p1/image2",
                                       "valid/p2/image1"};
    cohort::Manifest manifest;
    manifest.folder = folder_.path() / "source";
    for (std::size_t i = 0; i < ids.size(); ++i) {
      images.push_back(noise(i, 80, 60, i == 1 ? 16 : 8));
      imaging::write_png(manifest.folder / (ids[i] + ".png"), images.back());
      cohort::ManifestRow row;
      row.sample = {ids[i],
                    "p" + std::to_string(i),
                    "s" + std::to_string(i),
                    "HAND",
                    i == 2 ? Split::test : Split::train,
                    static_cast<int>(i % 2)};
      row.path = ids[i] + ".png";
      row.width = 80;
      row.height = 60;
      row.bits = images.back().bits;
      row.scaling = i == 1 ? "voi_lut" : "stored";
      manifest.rows.push_back(row);
    }
    cohort::write_manifest(manifest_path(), manifest);
  }

  [[nodiscard]] std::filesystem::path manifest_path() const {
    return folder_.path() / "source" / "manifest.csv";
  }
  [[nodiscard]] std::filesystem::path operator/(const std::string& name) const { return folder_ / name; }
  // Writes a table of tags and returns its path.
  [[nodiscard]] std::filesystem::path table(const std::string& rows,
                                            const std::string& name = "tags.csv") const {
    write_text(folder_ / name, "image_id,x,y,w,h,kind\n" + rows);
    return folder_ / name;
  }

  std::vector<imaging::GreyImage> images;

 private:
  ScratchFolder folder_;
};

}  // namespace tagconf::test
