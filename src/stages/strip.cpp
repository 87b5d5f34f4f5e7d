// tagconf strip: nothing kept but the tags, as a tree of PNG files. Inside the boxes each pixel is the
// original's, elsewhere it is 0; an image without tags is written all black and stays in the arm. What PNG
// files say besides is kept and left out as `mask` does.
#include "arm_tree.hpp"
#include "cover_choice.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {
using options::unhashed;
using options::within;

struct StripOptions {
  tags::CoverOptions cover;
  bool keep_text = false;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_boxes(v, cover);
    v(options::field<bool>("keep_text", "keep the text and EXIF of PNG files, which may name patients"),
      keep_text);
    v(unhashed(within(options::field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo strip_info() {
  stage::StageInfo info;
  info.name = "strip";
  info.version = 2;
  info.summary = "keep the tags of every image alone and write them";
  info.inputs = {{"images", "manifest, folder of images or image", true, false},
                 {"tags", "tags.csv with a row for every image", true, false}};
  info.outputs = {{"images", "images", "the tags alone, <image_id>.png, stored size and depth"},
                  {"manifest", "manifest.csv", "the written images' manifest"},
                  {"record", "kept.csv", "image_id,boxes,pixels,area_fraction"},
                  {"skipped", "skipped.csv", "images that cannot be read: image_id, reason"}};
  info.examples = {"tagconf strip cohort/manifest.csv --tags tags.csv --out tags_only",
                   "tagconf strip films/ --tags tags.csv --pad 0 --out tags_only"};
  return info;
}

stage::Summary run_strip(const StripOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  return write_arm_tree({Arm::tags_only, options.cover, options.threads, "kept", options.keep_text, {}}, io,
                        context);
}

}  // namespace

stage::Stage strip() {
  return stage::make_stage<StripOptions>(strip_info(), run_strip);
}

}  // namespace tagconf::stages
