// tagconf report: one offline HTML file that tells what a study found.
//
// Only results.json is needed; every further input fills a section. The file loads nothing: pictures are
// inside it, there is no script and no font. With --share it holds no pixels and no ids, and every number.
#include <algorithm>
#include <set>

#include "cover_choice.hpp"
#include "report_inputs.hpp"
#include "report_pictures.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stages/all.hpp"

namespace tagconf::stages {
namespace {

using options::field;
using options::within;

struct ReportOptions {
  std::string title = "Tag confounding report";
  bool share = false;
  int gallery = 24;
  std::uint64_t seed = 1;
  tags::CoverOptions cover;  // as the arms were made

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<std::string>("title", "the page's title"), title);
    v(field<bool>("share", "for passing on: no pixels, ids as pseudonyms, every number"), share);
    v(within(field<int>("gallery", "Grad-CAM pictures at most"), 0, kMostPictures - 4 * kExamples), gallery);
    v(field<std::uint64_t>("seed", "draws the images that are shown"), seed);
    describe_cover(v, cover);
  }
};

stage::StageInfo report_info() {
  stage::StageInfo info;
  info.name = "report";
  info.version = 2;
  info.summary = "one offline HTML file: verdict, cohort, tags, arms, ROC curves, maps, methods";
  info.inputs = {
      {"results", "results.json of evaluate", true, false},
      {"roc", "roc.csv of evaluate", false, false},
      {"manifest", "manifest.csv of ingest; pictures are read through it", false, false},
      {"skipped", "skipped.csv of any stage", false, true},
      {"tags", "tags.csv of detect", false, false},
      {"predictions", "prediction tables, [NAME=]FILE, for the probabilities under pictures", false, true},
      {"epochs", "epochs.jsonl of train, [NAME=]FILE", false, true},
      {"records", "train.json of train, [NAME=]FILE, under the names of the epochs", false, true},
      {"cams", "output folders of gradcam (cam.csv, cams.npy), [NAME=]FOLDER", false, true},
      {"verdict", "verify.json of verify", false, false},
      {"truth", "the phantom's truth folder", false, false}};
  info.outputs = {{"report", "report.html", "the report"}};
  info.examples = {
      "tagconf report results.json --roc roc.csv --out report.html",
      "tagconf report results.json --manifest manifest.csv --tags tags.csv --share --out to_send.html"};
  return info;
}

bool wanted(const ReportOptions& o, TagKind kind) {
  return std::find(o.cover.kinds.begin(), o.cover.kinds.end(), kind) != o.cover.kinds.end();
}

// An image that a later stage left out still stands in the manifest, and several stages may name it: it
// counts once, as left out.
std::optional<report::CohortFacts> cohort_facts(const ReportInputs& in) {
  if (!in.manifest) return std::nullopt;
  report::CohortFacts out;
  out.skipped_known = in.skipped.has_value();
  std::set<std::string> left_out;
  if (in.skipped) {
    for (const auto& image : *in.skipped) {
      if (left_out.insert(image.source).second) out.skipped.push_back(image);
    }
  }
  for (const auto& row : in.manifest->rows) {
    if (!left_out.contains(row.sample.image_id)) out.samples.push_back(row.sample);
  }
  return out;
}

std::vector<report::TaggedImage> tagged_images(const ReportInputs& in, const ReportOptions& o) {
  std::vector<report::TaggedImage> out;
  for (const auto& row : in.manifest->rows) {
    if (!in.tags->examined(row.sample.image_id)) continue;
    report::TaggedImage image{row.sample, row.width, row.height, {}};
    for (TagBox box : in.tags->boxes(row.sample.image_id)) {
      if (!wanted(o, box.kind)) continue;
      if (row.width > 0) box.box = intersect(box.box, {0, 0, row.width, row.height});
      image.boxes.push_back(std::move(box));
    }
    out.push_back(std::move(image));
  }
  return out;
}

std::optional<report::TagMatch> match_truth(const ReportInputs& in,
                                            const std::vector<report::TaggedImage>& images,
                                            const ReportOptions& o) {
  if (!in.truth || !in.truth->tags) return std::nullopt;
  std::vector<report::MatchedImage> matched;
  for (const auto& image : images) {
    if (!in.truth->tags->examined(image.sample.image_id)) continue;
    report::MatchedImage m;
    for (const auto& box : image.boxes) m.found.push_back(box.box);
    for (const auto& box : in.truth->tags->boxes(image.sample.image_id)) {
      Rect rect = box.box;
      if (image.width > 0) rect = intersect(rect, {0, 0, image.width, image.height});
      if (wanted(o, box.kind) && !rect.empty()) m.truth.push_back(rect);
    }
    matched.push_back(std::move(m));
  }
  if (matched.empty()) return std::nullopt;
  return report::match_tags(matched);
}

std::vector<std::string> sources_of(const std::vector<report::TaggedImage>& images) {
  std::set<std::string> names;
  for (const auto& image : images) {
    for (const auto& box : image.boxes) names.insert(std::string(name_of(box.source)));
  }
  return {names.begin(), names.end()};
}

std::vector<std::string> kind_names(const ReportOptions& o) {
  std::vector<std::string> out;
  for (const TagKind kind : o.cover.kinds) out.emplace_back(name_of(kind));
  return out;
}

std::vector<std::pair<std::string, std::string>> settings_of(const ReportOptions& o, const ReportInputs& in) {
  return {{"split", in.results.split.empty() ? "not told by the predictions" : in.results.split},
          {"seed of the pictures", std::to_string(o.seed)},
          {"kinds of tag", report::join_words(kind_names(o))},
          {"pad", report::format_counted(o.cover.pad, "pixel", "pixels")},
          {"fill", std::string(name_of(o.cover.fill))},
          {"made to be passed on", o.share ? "yes" : "no"},
          {"stage version", std::to_string(report_info().version)}};
}

std::string subtitle_of(const ReportInputs& in) {
  const auto* unit = in.results.find("image", "all");
  if (unit == nullptr || unit->models.empty()) return "";
  const auto& m = unit->models.front();
  std::string out = report::format_counted(m.n, "test image", "test images") + ", " +
                    report::format_count(m.n_pos) + " abnormal";
  const std::string cluster = in.results.cluster_word();
  if (m.clusters && !cluster.empty()) {
    out +=
        ", " + report::format_counted(*m.clusters, cluster, cluster == "study" ? "studies" : cluster + "s");
  }
  return out;
}

void set_banner(report::Page& page, const ReportOptions& o, bool has_pictures, bool synthetic) {
  if (o.share) {
    page.banner_title = "Copy to pass on.";
    page.banner =
        "It holds no pixels; image ids are pseudonyms, which whoever holds the list of ids can make again. "
        "Every "
        "number is that of the full report.";
  } else if (synthetic) {
    page.banner_title = "Synthetic images.";
    page.banner = "They were drawn by tagconf phantom, show no patient, and may be passed on.";
  } else if (has_pictures) {
    page.banner_title = "Not to be passed on as it is.";
    page.banner =
        "This file holds images, and their licence may forbid giving them away: MURA\u2019s does, for "
        "processed "
        "images too. Make a copy without pixels and ids by tagconf report --share.";
  }
}

stage::Summary run_report(const ReportOptions& o, const stage::StageIo& io, const stage::Context& context) {
  const ReportInputs in = read_report_inputs(io);
  const report::Privacy privacy(o.share, in.digests.empty() ? "" : in.digests.front().sha256);
  std::size_t drawn = 0;
  PictureSettings settings{o.cover, o.seed, o.gallery, context.stop_requested, {}};
  settings.drawn = [&] { context.progress->update(++drawn, kMostPictures, "pictures", ""); };
  const bool arms_known = in.manifest && in.tags;

  report::MethodsFacts methods;
  methods.results = in.results;
  methods.cohort = cohort_facts(in);
  std::optional<report::TagFacts> tag_facts;
  std::optional<report::ArmFacts> arm_facts;
  if (arms_known) {
    const auto images = tagged_images(in, o);
    tag_facts.emplace();
    tag_facts->summary = report::summarize_tags(images);
    tag_facts->match = match_truth(in, images, o);
    tag_facts->pixels_left_out = o.share;
    arm_facts.emplace();
    arm_facts->pixels_left_out = o.share;
    if (!o.share) {
      tag_facts->examples = draw_tags(in, settings);
      arm_facts->arms = draw_arms(in, settings);
    }
    methods.tags = tag_facts->summary;
    methods.tag_sources = sources_of(images);
  }
  std::optional<report::CamFacts> cam_facts;
  if (!in.cams.empty()) {
    cam_facts.emplace();
    for (const auto& folder : in.cams)
      cam_facts->models.push_back(report::summarize_cams(folder.name, folder.rows));
    cam_facts->pixels_left_out = o.share;
    cam_facts->no_images = !in.manifest;
    if (!o.share && in.manifest) cam_facts->gallery = draw_cams(in, settings);
  }
  methods.training = in.training;
  methods.pad = o.cover.pad;
  methods.fill = name_of(o.cover.fill);
  methods.kinds = kind_names(o);
  methods.all_kinds = std::set<TagKind>(o.cover.kinds.begin(), o.cover.kinds.end()).size() ==
                      EnumNames<TagKind>::kNames.size();
  methods.cams = !in.cams.empty();
  methods.synthetic = in.truth.has_value();

  report::Page page;
  page.title = o.title;
  page.subtitle = subtitle_of(in);
  page.sections = {report::verdict_section(
                       {in.results, in.verdict, in.truth ? in.truth->ideal_auc : std::nullopt,
                        in.truth ? in.truth->ideal_auc_on_images : std::nullopt, in.truth.has_value()}),
                   report::cohort_section(methods.cohort, privacy),
                   report::tags_section(tag_facts),
                   report::arms_section(arm_facts),
                   report::roc_section(in.roc, in.results),
                   report::matrix_section(in.results),
                   report::body_part_section(in.results),
                   report::cam_section(cam_facts),
                   report::training_section(in.training),
                   report::methods_section(methods),
                   report::provenance_section({in.digests, settings_of(o, in)})};
  set_banner(page, o, drawn > 0, in.truth.has_value());
  const std::string html = report::render_page(page);
  write_text(io.output("report"), html);
  context.progress->update(kMostPictures, kMostPictures, "pictures", "");
  std::size_t filled = 0;
  for (const auto& section : page.sections) filled += section.empty ? 0 : 1;
  return {{"sections", filled},
          {"pictures", drawn},
          {"bytes", html.size()},
          {"text", "report of " + std::to_string(filled) + " sections, " + std::to_string(drawn) +
                       " pictures, " + format_fixed(static_cast<double>(html.size()) / 1e6, 1) + " MB\n"}};
}

}  // namespace

stage::Stage report() {
  return stage::make_stage<ReportOptions>(report_info(), run_report);
}

}  // namespace tagconf::stages
