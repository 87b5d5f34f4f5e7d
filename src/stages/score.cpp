// tagconf score: tag boxes held against hand-made reference boxes: what is covered, what is missed, and what
// is covered for nothing. The figures are those of tags/scoring.hpp; shares carry Wilson's 95 % interval.
//
// An image of the reference that TAGS does not list counts as one without boxes, and is told. Ids are the
// manifest's; the reference or TAGS may name the file alone, or its last folders.
//
// Recall is told apart by what the reference notes of its marks: the phantom's truth knows style, cap height,
// angle and contrast of each, and calls unreadable what nobody could see; those count under quality alone.
#include <algorithm>
#include <map>
#include <mutex>

#include "score_text.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/box_formats.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {
using options::field;
using options::unhashed;
using options::within;

struct ScoreOptions {
  std::vector<tags::GroupBy> by;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<std::vector<tags::GroupBy>>(
          "by",
          "tell recall apart by these attributes of the reference marks; default: by kind and size, and by "
          "style, rotation, contrast and quality where the reference notes them"),
      by);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo score_info() {
  stage::StageInfo info;
  info.name = "score";
  info.version = 3;
  info.answers = true;
  info.summary = "hold tag boxes against hand-made reference boxes";
  info.inputs = {{"tags", "tags.csv to be judged", true, false},
                 {"truth", "reference boxes: labels.json, tags.csv, or the phantom's truth folder", true,
                  false, "", true},
                 {"images", "manifest, folder of images or image", true, false}};
  info.outputs = {
      {"scores", "scores.json", "every figure with its counts and interval, and the marks missed"},
      {"by_image", "by_image.csv",
       "one row an image: image_id, examined, boxes, marks, marks_covered, others, others_covered, tag_free, "
       "covered_area, false_area"},
      {"by_mark", "by_mark.csv",
       "one row a reference mark: image_id, x, y, w, h, kind, text, quality, share (covered), covered, iou, "
       "found_kind, found_score"}};
  info.examples = {"tagconf score tags.csv labels.json --images films/",
                   "tagconf score tags.csv truth/ --images MURA-v1.1/ --by style,size,rotation --out score"};
  return info;
}

// The manifest's rows of the reference's images, in the reference's order.
cohort::Manifest rows_of(const tags::Reference& reference, const cohort::Manifest& all) {
  std::vector<std::string> ids;
  for (const auto& row : all.rows) ids.push_back(row.sample.image_id);
  const tags::IdLookup lookup(std::move(ids), "the images");
  cohort::Manifest out;
  out.folder = all.folder;
  for (const auto& image : reference.images) {
    const auto row = lookup.find(image.id);
    if (!row)
      throw_input(reference.source + ": no image for the id '" + image.id + "'",
                  "--images must hold every image of the reference");
    out.rows.push_back(all.rows[*row]);
  }
  return out;
}

// The id under which the table has each of the images; nullopt where it has no row for it.
std::vector<std::optional<std::string>> table_ids_of(const tags::TagTable& table,
                                                     const cohort::Manifest& images) {
  const tags::IdLookup lookup(table.images(), table.source());
  std::vector<std::optional<std::string>> out;
  std::map<std::size_t, std::string> taken;
  for (const auto& row : images.rows) {
    const auto hit = lookup.find(row.sample.image_id);
    if (hit) {
      const auto [first, fresh] = taken.emplace(*hit, row.sample.image_id);
      if (!fresh)
        tags::fail_ambiguous(table.source(), table.images()[*hit], first->second, row.sample.image_id);
    }
    out.emplace_back(hit ? std::optional(table.images()[*hit]) : std::nullopt);
  }
  return out;
}

std::vector<std::optional<std::vector<TagBox>>> boxes_of(const tags::TagTable& table,
                                                         const std::vector<std::optional<std::string>>& ids) {
  std::vector<std::optional<std::vector<TagBox>>> out;
  out.reserve(ids.size());
  for (const auto& id : ids) out.emplace_back(id ? std::optional(table.boxes(*id)) : std::nullopt);
  return out;
}

std::string side_by_side(int width, int height) {
  return std::to_string(width) + " x " + std::to_string(height);
}

// Boxes made for images of another size would give figures that mean nothing.
void check_inside(const tags::Reference& reference, const tags::TagTable& table,
                  const std::vector<std::optional<std::string>>& ids, const std::vector<Rect>& frames) {
  for (std::size_t i = 0; i < frames.size(); ++i) {
    if (ids[i]) (void)tags::boxes_of_image(table, *ids[i], frames[i].w, frames[i].h);
    for (const auto& mark : reference.images[i].marks) {
      if (!intersect(mark.core, frames[i]).empty()) continue;
      throw_input(
          reference.source + ": image '" + reference.images[i].id + "': the mark at " +
              std::to_string(mark.core.x) + ", " + std::to_string(mark.core.y) + " of " +
              side_by_side(mark.core.w, mark.core.h) + " lies outside the image",
          "boxes are in pixels of the image given, which is " + side_by_side(frames[i].w, frames[i].h));
    }
  }
}

std::string by_image_csv(const tags::Reference& reference, const std::vector<tags::ImageScore>& scores,
                         const std::vector<std::optional<std::vector<TagBox>>>& boxes) {
  CsvWriter csv({"image_id", "examined", "boxes", "marks", "marks_covered", "others", "others_covered",
                 "tag_free", "covered_area", "false_area"});
  for (std::size_t i = 0; i < scores.size(); ++i) {
    tags::Count principal;
    tags::Count others;
    for (const auto& mark : scores[i].marks) {
      const bool counts = tags::is_principal(reference.images[i].marks[mark.mark].tag.kind);
      (counts ? principal : others).add(mark.covered());
    }
    const double share =
        static_cast<double>(scores[i].covered_pixels) / static_cast<double>(scores[i].pixels);
    csv.row({reference.images[i].id, boxes[i] ? "1" : "0", std::to_string(boxes[i] ? boxes[i]->size() : 0),
             std::to_string(principal.of), std::to_string(principal.hits), std::to_string(others.of),
             std::to_string(others.hits), scores[i].tag_free ? "1" : "0", format_number(share),
             format_number(scores[i].false_area())});
  }
  return csv.text();
}

std::string by_mark_csv(const tags::Reference& reference, const std::vector<tags::ImageScore>& scores,
                        const std::vector<std::optional<std::vector<TagBox>>>& boxes) {
  CsvWriter csv({"image_id", "x", "y", "w", "h", "kind", "text", "quality", "share", "covered", "iou",
                 "found_kind", "found_score"});
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (const auto& score : scores[i].marks) {
      const auto& mark = reference.images[i].marks[score.mark];
      const TagBox* found = score.nearest ? &(*boxes[i])[*score.nearest] : nullptr;
      csv.row({reference.images[i].id, std::to_string(mark.core.x), std::to_string(mark.core.y),
               std::to_string(mark.core.w), std::to_string(mark.core.h), std::string(name_of(mark.tag.kind)),
               mark.tag.text, mark.quality, format_number(score.share), score.covered() ? "1" : "0",
               format_number(score.iou), found != nullptr ? std::string(name_of(found->kind)) : "",
               found != nullptr && found->score ? format_number(*found->score) : ""});
    }
  }
  return csv.text();
}

std::size_t count_unreadable(const std::vector<tags::ReferenceImage>& references,
                             const std::vector<tags::ImageScore>& scores) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (const auto& mark : scores[i].marks)
      out += tags::is_unreadable(references[i].marks[mark.mark]) ? 1 : 0;
  }
  return out;
}

stage::Summary run_score(const ScoreOptions& options, const stage::StageIo& io,
                         const stage::Context& context) {
  const tags::Reference reference = tags::read_reference(io.input("truth"));
  const tags::TagTable table = tags::read_tags(io.input("tags"));
  const cohort::Manifest images = rows_of(reference, arms::open_images(io.input("images")));
  const auto ids = table_ids_of(table, images);
  const auto boxes = boxes_of(table, ids);
  const auto unexamined = static_cast<std::size_t>(
      std::count_if(boxes.begin(), boxes.end(), [](const auto& entry) { return !entry; }));
  if (unexamined == boxes.size())
    throw_input(table.source() + ": lists no image of the reference " + reference.source);
  if (unexamined > 0) {
    log_warning(table.source() + ": has no row for " + std::to_string(unexamined) +
                " images of the reference; they count as images without boxes");
  }
  std::vector<tags::ImageScore> scores(images.rows.size());
  std::vector<Rect> frames(images.rows.size());
  std::mutex guard;
  const auto broken = arms::for_each_image(
      images, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t i, const imaging::GreyImage& image) {
        frames[i] = image.frame();
        scores[i] =
            tags::score_image(image, reference.images[i],
                              boxes[i] ? std::span<const TagBox>(*boxes[i]) : std::span<const TagBox>{});
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, images.rows.size(), "images", "");
      },
      context.stop_requested);
  // A figure over fewer images than the reference has would be another figure.
  if (!broken.empty()) throw_input(broken.front().reason, "every image of the reference must be readable");
  check_inside(reference, table, ids, frames);

  std::vector<std::string> parts;
  for (const auto& row : images.rows) parts.push_back(row.sample.body_part);
  ScoreReport report{tags::total_scores(reference.images, scores),
                     reference.left_out,
                     unexamined,
                     count_unreadable(reference.images, scores),
                     {}};
  for (const tags::GroupBy by : options.by.empty() ? tags::groups_noted(reference.images) : options.by)
    report.groups.emplace_back(by, tags::score_groups(reference.images, scores, parts, by));
  stage::Summary summary = score_json(report);
  Json file = summary;
  file["schema"] = "tagconf.score/1";
  file["missed"] = missed_json(reference, scores);
  write_text(io.output("scores"), pretty_json(file));
  write_text(io.output("by_image"), by_image_csv(reference, scores, boxes));
  write_text(io.output("by_mark"), by_mark_csv(reference, scores, boxes));
  summary["text"] = score_text(report);
  return summary;
}

}  // namespace

stage::Stage score() {
  return stage::make_stage<ScoreOptions>(score_info(), run_score);
}

}  // namespace tagconf::stages
