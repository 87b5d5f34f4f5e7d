#include <cmath>
#include <cstring>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/arms/pack.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/codec.hpp"

using namespace tagconf;
using namespace tagconf::arms;
namespace fs = std::filesystem;

namespace {

constexpr int kSize = 32;

// Five images of several sizes and depths, one of them broken, with a manifest and a table of tags.
struct Cohort {
  test::ScratchFolder scratch;
  cohort::Manifest manifest;
  tags::TagTable tags;
  std::vector<imaging::GreyImage> images;

  Cohort() {
    std::string csv = "image_id,patient_id,study_id,body_part,split,label,path\n";
    for (int i = 0; i < 5; ++i) {
      const std::string id = "i" + std::to_string(i);
      imaging::GreyImage image(50 + 17 * i, 90 - 11 * i, i % 2 == 0 ? 8 : 16);
      Rng rng(static_cast<std::uint64_t>(i), "test.pack");
      for (auto& v : image.pixels) v = static_cast<std::uint16_t>(rng.below(image.full_scale() + 1U));
      imaging::write_png(scratch / (id + ".png"), image);
      csv += id + ",p" + id + ",s" + id + ",WRIST,train," + std::to_string(i % 2) + "," + id + ".png\n";
      tags.add_image(id);
      if (i != 1) {
        TagBox tag;
        tag.box = {5 + i, 6, 20, 12};
        tag.kind = i == 2 ? TagKind::text : TagKind::laterality;
        tags.add(id, tag);
      }
      images.push_back(std::move(image));
    }
    write_text(scratch / "i3.png", "cut");
    write_text(scratch / "manifest.csv", csv);
    manifest = open_images(scratch / "manifest.csv");
  }

  PackResult write(const std::string& name, const PackOptions& options, bool with_tags = true) const {
    return write_pack(
        scratch / name, manifest, with_tags ? &tags : nullptr, options, [](std::size_t) {},
        [] { return false; });
  }
};

PackOptions options_for(Arm arm, int bits = 16) {
  PackOptions options;
  options.arm = arm;
  options.size = kSize;
  options.bits = bits;
  options.cover.pad = 3;
  options.cover.kinds = {TagKind::laterality};
  options.threads = 2;
  return options;
}

// One output value straight from the definition: the arm's pixel, over full scale, weighted by the triangle
// filter in both directions.
double plain_value(const imaging::GreyImage& image, Arm arm, const Rect& tag, int pad, int x, int y) {
  struct Tap {
    int low, high;
    double centre, support, sum;
    Tap(int i, int n_in) {
      const double scale = static_cast<double>(n_in) / kSize;
      support = std::max(scale, 1.0);
      centre = (i + 0.5) * scale;
      low = std::max(static_cast<int>(centre - support + 0.5), 0);
      high = std::min(static_cast<int>(centre + support + 0.5), n_in);
      sum = 0;
      for (int j = low; j < high; ++j) sum += raw(j);
    }
    double raw(int j) const { return std::max(0.0, 1.0 - std::abs(j - centre + 0.5) / support); }
  };
  const Tap across(x, image.width);
  const Tap down(y, image.height);
  double value = 0;
  for (int j = down.low; j < down.high; ++j) {
    for (int i = across.low; i < across.high; ++i) {
      const bool inside = !tag.empty() && i >= tag.x - pad && i < tag.right() + pad && j >= tag.y - pad &&
                          j < tag.bottom() + pad;
      const bool shown = arm == Arm::original || (arm == Arm::covered ? !inside : inside);
      if (!shown) continue;
      value += across.raw(i) / across.sum * down.raw(j) / down.sum * image.at(i, j) / image.full_scale();
    }
  }
  return value;
}

double stored(const Pack& pack, std::size_t item, int x, int y) {
  const auto at = static_cast<std::size_t>(y * kSize + x);
  if (pack.pixels.type() == NpyType::uint8) return static_cast<double>(pack.pixels.item(item)[at]);
  std::uint16_t value = 0;
  std::memcpy(&value, pack.pixels.item(item).data() + 2 * at, 2);
  return value;
}

ErrorCode code_of(const std::function<void()>& work, const std::string& part) {
  try {
    work();
  } catch (const Error& error) {
    INFO(error.message());
    CHECK(error.message().find(part) != std::string::npos);
    return error.code();
  }
  return ErrorCode::bug;
}

}  // namespace

TEST_CASE("a pack is the plain computation, rounded once") {
  const Cohort cohort;
  const std::vector<int> kept{0, 1, 2, 4};
  for (const int bits : {16, 8}) {
    for (const Arm arm : {Arm::original, Arm::covered, Arm::tags_only}) {
      const auto result = cohort.write("pack", options_for(arm, bits));
      CHECK(result.images == 4);
      CHECK(result.tagged == 2);
      REQUIRE(result.skipped.size() == 1);
      CHECK(result.skipped[0].source == "i3");
      const Pack pack = read_pack(cohort.scratch / "pack");
      CHECK(pack.arm == arm);
      CHECK(pack.size == kSize);
      REQUIRE(pack.rows.size() == 4);
      const double full = bits == 16 ? 65535 : 255;
      double worst = 0;
      for (std::size_t n = 0; n < kept.size(); ++n) {
        const auto i = static_cast<std::size_t>(kept[n]);
        const bool tagged = i == 0 || i == 4;
        CHECK(pack.rows[n].sample.image_id == "i" + std::to_string(i));
        CHECK(pack.rows[n].sample.label == static_cast<int>(i % 2));
        CHECK(pack.rows[n].width == cohort.images[i].width);
        CHECK(pack.rows[n].tagged == tagged);
        const Rect box = tagged ? Rect{5 + static_cast<int>(i), 6, 20, 12} : Rect{};
        for (int y = 0; y < kSize; ++y) {
          for (int x = 0; x < kSize; ++x) {
            const double expected = plain_value(cohort.images[i], arm, box, 3, x, y) * full;
            worst = std::max(worst, std::abs(stored(pack, n, x, y) - expected));
          }
        }
      }
      // Half a step of rounding, and the single precision of the plane.
      CHECK(worst <= 0.51);
    }
  }
}

TEST_CASE("the header is what numpy writes, and bytes do not depend on threads") {
  const Cohort cohort;
  (void)cohort.write("a", options_for(Arm::covered));
  PackOptions serial = options_for(Arm::covered);
  serial.threads = 1;
  (void)cohort.write("b", serial);
  const std::string npy = read_text(cohort.scratch / "a/pack.npy");
  CHECK(npy == read_text(cohort.scratch / "b/pack.npy"));
  CHECK(read_text(cohort.scratch / "a/pack.csv") == read_text(cohort.scratch / "b/pack.csv"));
  REQUIRE(npy.size() == 128 + 4 * kSize * kSize * 2);
  CHECK(npy.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  CHECK(static_cast<unsigned char>(npy[8]) + 256 * static_cast<unsigned char>(npy[9]) == 118);
  CHECK(npy.find("{'descr': '<u2', 'fortran_order': False, 'shape': (4, 32, 32), }") == 10);
  CHECK(npy[127] == '\n');
  CHECK(read_text(cohort.scratch / "a/pack.csv").substr(0, 115) ==
        "image_id,patient_id,study_id,body_part,split,label,width,height,tagged,arm\n"
        "i0,pi0,si0,WRIST,train,0,50,90,1,covered");
}

TEST_CASE("the original arm needs no tags and then knows of none") {
  const Cohort cohort;
  const auto result = cohort.write("plain", options_for(Arm::original), false);
  CHECK(result.tagged == 0);
  (void)cohort.write("with", options_for(Arm::original), true);
  CHECK(read_text(cohort.scratch / "plain/pack.npy") == read_text(cohort.scratch / "with/pack.npy"));
  CHECK_FALSE(read_pack(cohort.scratch / "plain").rows[0].tagged);
  CHECK(read_pack(cohort.scratch / "with").rows[0].tagged);
  CHECK(code_of([&] { (void)cohort.write("c", options_for(Arm::covered), false); }, "needs a tag table") ==
        ErrorCode::usage);
}

TEST_CASE("what does not fit is refused and leaves nothing half written") {
  Cohort cohort;
  CHECK(code_of([&] { (void)cohort.write("x", options_for(Arm::original, 12)); }, "expected 8 or 16") ==
        ErrorCode::config);
  SECTION("an image that was not examined") {
    tags::TagTable fewer;
    fewer.add_image("i0");
    cohort.tags = fewer;
    CHECK(code_of([&] { (void)cohort.write("x", options_for(Arm::covered)); }, "no row for image 'i") ==
          ErrorCode::input);
  }
  SECTION("a box outside its image") {
    TagBox tag;
    tag.box = {45, 0, 6, 5};
    cohort.tags.add("i0", tag);
    CHECK(code_of([&] { (void)cohort.write("x", options_for(Arm::covered)); },
                  "box outside image (x 45 + w 6 > 50)") == ErrorCode::input);
  }
  SECTION("no usable image left") {
    for (const auto& row : cohort.manifest.rows) write_text(cohort.manifest.image_path(row), "");
    CHECK(code_of([&] { (void)cohort.write("x", options_for(Arm::original)); },
                  "no usable image is left of 5") == ErrorCode::input);
  }
  std::error_code error;
  CHECK((!fs::exists(cohort.scratch / "x") || fs::is_empty(cohort.scratch / "x", error)));
}

TEST_CASE("a pack whose halves disagree is refused") {
  const Cohort cohort;
  (void)cohort.write("pack", options_for(Arm::covered));
  const fs::path table = cohort.scratch / "pack/pack.csv";
  const std::string csv = read_text(table);
  const auto refused = [&](const std::string& part) {
    return code_of([&] { (void)read_pack(cohort.scratch / "pack"); }, part) == ErrorCode::input;
  };
  const auto with = [&](const std::string& what, const std::string& by) {
    std::string text = csv;
    write_text(table, text.replace(text.rfind(what), what.size(), by));
  };
  write_text(table, csv.substr(0, csv.rfind("i4,pi4")));
  CHECK(refused("3 rows, but pack.npy holds 4 images"));
  with("covered", "original");
  CHECK(refused("pack.csv:5: arm 'original'"));
  with("covered", "coverd");
  CHECK(refused("pack.csv:5: arm 'coverd'"));
  with(",1,covered", ",yes,covered");
  CHECK(refused("pack.csv:5: tagged 'yes'"));
  with(",train,0,", ",trian,0,");
  CHECK(refused("pack.csv:5: split 'trian'"));
  with(",train,0,", ",train,7,");
  CHECK(refused("pack.csv:5: label '7'"));
  write_text(table, csv);
  const std::string npy = read_text(cohort.scratch / "pack/pack.npy");
  write_text(cohort.scratch / "pack/pack.npy", npy.substr(0, npy.size() - 1));
  CHECK(refused("pack.npy"));
  fs::remove(cohort.scratch / "pack/pack.npy");
  CHECK(refused("pack.npy"));
}
