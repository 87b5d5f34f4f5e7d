// tagconf mask: every tag painted over, as a tree of PNG files. Outside the boxes each pixel is the
// original's; an image without tags is written as it is. An image that the tag table does not know is an
// error: it is never passed on unmasked.
//
// PNG files keep what they say of their pixels (pHYs, gAMA, sRGB, iCCP). Text and EXIF often name patients,
// places and dates: they are left out, and their number told, unless --keep-text asks for them. With --check
// the finder looks at every covered image, and residual.csv lists what it still sees.
#include "arm_tree.hpp"
#include "cover_choice.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {
using options::unhashed;
using options::within;

struct MaskOptions {
  tags::CoverOptions cover;
  bool keep_text = false;
  bool check = false;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    describe_cover(v, cover);
    v(options::field<bool>("keep_text", "keep the text and EXIF of PNG files, which may name patients"),
      keep_text);
    v(options::field<bool>("check", "look for tags on the covered images and list them in residual.csv"),
      check);
    v(unhashed(within(options::field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo mask_info() {
  stage::StageInfo info;
  info.name = "mask";
  info.version = 2;
  info.summary = "cover the tags of every image and write the covered images";
  info.inputs = {{"images", "manifest, folder of images or image", true, false},
                 {"tags", "tags.csv with a row for every image", true, false}};
  info.outputs = {{"images", "images", "the covered images, <image_id>.png, stored size and depth"},
                  {"manifest", "manifest.csv", "the covered images' manifest"},
                  {"record", "covered.csv", "image_id,boxes,pixels,area_fraction"},
                  {"residual", "residual.csv", "with --check: what the finder still sees"},
                  {"skipped", "skipped.csv", "images that cannot be read, with the reason"}};
  info.examples = {
      "tagconf mask cohort/manifest.csv --tags tags.csv --out covered",
      "tagconf mask films/ --tags tags.csv --kinds laterality,technologist --pad 8 --out covered"};
  return info;
}

stage::Summary run_mask(const MaskOptions& options, const stage::StageIo& io, const stage::Context& context) {
  ArmTreeOptions tree{Arm::covered, options.cover, options.threads, "covered", options.keep_text, {}};
  if (options.check)
    tree.check = [](const imaging::GreyImage& image) { return tags::find_classical(image, {}); };
  return write_arm_tree(tree, io, context);
}

}  // namespace

stage::Stage mask() {
  return stage::make_stage<MaskOptions>(mask_info(), run_mask);
}

}  // namespace tagconf::stages
