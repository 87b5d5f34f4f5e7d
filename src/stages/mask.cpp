// tagconf mask: every tag painted over, as a tree of PNG files. Outside the boxes each pixel is the
// original's; an image without tags is written as it is. An image that the tag table does not know is an
// error: it is never passed on unmasked.
//
// PNG files keep what they say of their pixels (pHYs, gAMA, sRGB, iCCP). Text and EXIF often name patients,
// places and dates: they are left out, and their number told, unless --keep-text asks for them. With --check
// a finder looks at every covered image, and residual.csv lists what it still sees: the learned one where
// weights are given or it found any of the tags, else the classical one.
//
// With --dicom the boxes are covered in copies of the DICOM files that the images were ingested from
// (mask_dicom.hpp). That hides tags; it does not de-identify: the files keep all they say of the patient.
#include <algorithm>

#include "arm_tree.hpp"
#include "cover_choice.hpp"
#include "finder_choice.hpp"
#include "folder_draft.hpp"
#include "learned_scores.hpp"
#include "mask_dicom.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;
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
  info.version = 4;
  info.summary = "cover the tags of every image and write the covered images";
  info.inputs = {
      {"images", "manifest, folder of images or image", true, false},
      {"tags", "tags.csv with a row for every image", true, false},
      {"weights", "finder.safetensors, for --check", false, false},
      {"dicom",
       "folder that the images were ingested from: cover the boxes in copies of its files, which is no "
       "de-identification",
       false, false},
      {"source_map", "for --dicom: which image is which file, by ingest --source-map", false, false}};
  info.outputs = {
      {"images", "images", "the covered images, <image_id>.png, stored size and depth"},
      {"manifest", "manifest.csv", "the covered images' manifest"},
      {"dicom", "dicom",
       "with --dicom, in place of images and manifest: the covered files, <image_id>.dcm; they "
       "keep the patient's data"},
      {"record", "covered.csv", "image_id,boxes,pixels,area_fraction; with --dicom also fill,window"},
      {"residual", "residual.csv",
       "with --check: what the finder still sees: image_id, x, y, w, h, kind, score, covered"},
      {"skipped", "skipped.csv", "images that cannot be read: image_id, reason"}};
  info.examples = {
      "tagconf mask cohort/manifest.csv --tags tags.csv --out covered",
      "tagconf mask films/ --tags tags.csv --kinds laterality,technologist --pad 8 --out covered",
      "tagconf mask cohort/manifest.csv --tags tags.csv --dicom export/ --source-map map.csv --out covered"};
  return info;
}

bool any_classical(const tags::TagTable& table) {
  const auto classical = [](const TagBox& tag) { return tag.source == TagSource::classical; };
  return std::any_of(table.images().begin(), table.images().end(), [&](const std::string& id) {
    const auto& boxes = table.boxes(id);
    return std::any_of(boxes.begin(), boxes.end(), classical);
  });
}

tags::Finder checking_finder(const stage::StageIo& io) {
  if (io.has("weights")) return learned_finder(io.input("weights"), {});
  const bool learned = learned_by_default() && !any_classical(tags::read_tags(io.input("tags")));
  return learned ? learned_finder({}, {}) : classical_finder({}, tags::ClassicalOptions{}.pad);
}

// The record beside them speaks of one kind of output alone.
void check_alone(const fs::path& others) {
  std::error_code error;
  if (fs::exists(others, error))
    throw_input(others.string() + ": holds covered images of the other kind", "choose another --out");
}

stage::Summary run_dicom(const MaskOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  if (!io.has("source_map"))
    throw Error(ErrorCode::usage, "--dicom needs --source-map",
                "give the table that ingest --source-map wrote with these images");
  if (options.check || options.keep_text)
    throw Error(ErrorCode::usage, "check and keep_text mean nothing with --dicom",
                "ingest the covered files to look at them");
  check_alone(io.output("images"));
  return mask_dicom(options.cover, options.threads > 0 ? options.threads : context.threads, io, context);
}

stage::Summary run_mask(const MaskOptions& options, const stage::StageIo& io, const stage::Context& context) {
  if (io.has("dicom")) return run_dicom(options, io, context);
  if (io.has("source_map")) throw Error(ErrorCode::usage, "--source-map means nothing without --dicom");
  check_alone(io.output("dicom"));
  ArmTreeOptions tree{Arm::covered, options.cover, options.threads, "covered", options.keep_text, {}};
  if (options.check) tree.check = checking_finder(io);
  return write_arm_tree(tree, io, context);
}

}  // namespace

stage::Stage mask() {
  stage::Stage made = stage::make_stage<MaskOptions>(mask_info(), run_mask);
  // What the finder that comes along still sees changes with it.
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context&) {
    const bool check = static_cast<const MaskOptions*>(options.object.get())->check;
    return check ? Json{{"shipped_finder", shipped_scores_digest()}} : Json::object();
  };
  return made;
}

}  // namespace tagconf::stages
