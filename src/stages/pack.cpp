// tagconf pack: an arm's images, decoded, covered or stripped, and resized once for training and prediction.
#include "tagconf/arms/pack.hpp"

#include <mutex>
#include <optional>

#include "cover_choice.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {
using options::field;
using options::per_instance;
using options::unhashed;
using options::within;

struct PackStageOptions {
  Arm arm = Arm::original;
  int size = 320;
  int bits = 16;
  tags::CoverOptions cover;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(per_instance(field<Arm>("arm", "what the images show: everything, tags covered, tags alone")), arm);
    v(within(field<int>("size", "side of the square images in pixels, a multiple of 32 to train on"), 1,
             4096),
      size);
    v(within(field<int>("bits", "16, or 8 for half the space at a loss of precision"), 8, 16), bits);
    describe_cover(v, cover);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo pack_info() {
  stage::StageInfo info;
  info.name = "pack";
  info.version = 1;
  info.summary = "decode, render as an arm and resize every image once";
  info.inputs = {{"images", "manifest, folder of images or image", true, false},
                 {"tags", "tags.csv; needed by the arms covered and tags_only", false, false}};
  info.outputs = {
      {"pack", "pack",
       "folder with pack.npy (N x size x size, uint16 or uint8) and pack.csv (image_id, patient_id, "
       "study_id, body_part, split, label, width, height, tagged, arm; width and height as stored)"},
      {"skipped", "skipped.csv", "images that cannot be used: image_id, reason"}};
  info.examples = {"tagconf pack cohort/manifest.csv --arm original --size 224 --out packs/original",
                   "tagconf pack cohort/manifest.csv --tags tags.csv --arm covered --out packs/covered"};
  return info;
}

stage::Summary run_pack(const PackStageOptions& options, const stage::StageIo& io,
                        const stage::Context& context) {
  std::optional<tags::TagTable> table;
  if (io.has("tags")) table = tags::read_tags(io.input("tags"));
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  arms::PackOptions wanted;
  wanted.arm = options.arm;
  wanted.size = options.size;
  wanted.bits = options.bits;
  wanted.cover = options.cover;
  wanted.threads = options.threads > 0 ? options.threads : context.threads;
  std::mutex guard;
  const auto result = arms::write_pack(
      io.output("pack"), manifest, table ? &*table : nullptr, wanted,
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested, io.refused);
  cohort::write_skipped(io.output("skipped"), result.skipped);
  return {{"arm", name_of(options.arm)},
          {"size", options.size},
          {"images", result.images},
          {"tagged", table ? Json(result.tagged) : Json(nullptr)},
          {"skipped", result.skipped.size()}};
}

}  // namespace

stage::Stage pack() {
  return stage::make_stage<PackStageOptions>(pack_info(), run_pack);
}

}  // namespace tagconf::stages
