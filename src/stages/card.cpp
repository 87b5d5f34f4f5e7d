// tagconf card: a cohort in numbers, by body part, size, depth, scaling and tag against split and label, and
// what of it goes with the label: a model can learn that in place of the anatomy. Reads no pixels.
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/tag_table.hpp"

#include "card_text.hpp"

namespace tagconf::stages {
namespace {

// There is nothing to choose.
struct CardOptions {
  template <class Visitor>
  void describe(Visitor&) {}
};

stage::StageInfo card_info() {
  stage::StageInfo info;
  info.name = "card";
  info.version = 1;
  info.answers = true;
  info.summary = "a cohort in numbers, and what in it goes with the label";
  info.inputs = {{"images", "manifest, folder of images or image", true, false},
                 {"tags", "tags.csv: which images carry a tag", false, false}};
  info.outputs = {{"card", "card.json", "counts by split and label, sizes, association with the label"},
                  {"table", "card.csv", "table, value, split, label, images, patients, studies"}};
  info.examples = {"tagconf card cohort/manifest.csv",
                   "tagconf card cohort/manifest.csv --tags tags/tags.csv --out card"};
  return info;
}

// Whether each image carries a tag; nothing where the table has no row for it.
std::vector<std::optional<bool>> tagged_images(const cohort::Manifest& manifest,
                                               const tags::TagTable& table) {
  std::vector<std::optional<bool>> out;
  std::size_t unexamined = 0;
  for (const auto& row : manifest.rows) {
    const std::string& id = row.sample.image_id;
    if (table.examined(id)) {
      out.emplace_back(!table.boxes(id).empty());
    } else {
      out.emplace_back(std::nullopt);
      ++unexamined;
    }
  }
  if (unexamined == out.size())
    throw_input(table.source() + ": lists no image of the cohort",
                "image_id must be the manifest's, such as '" + manifest.rows.front().sample.image_id + "'");
  if (unexamined > 0)
    log_warning(table.source() + ": has no row for " + std::to_string(unexamined) + " images");
  return out;
}

stage::Summary run_card(const CardOptions&, const stage::StageIo& io, const stage::Context& context) {
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  std::vector<std::optional<bool>> tagged;
  if (io.has("tags")) tagged = tagged_images(manifest, tags::read_tags(io.input("tags")));
  const CardReport report = make_card_report(cohort::make_card(manifest.rows, tagged));
  context.progress->update(manifest.rows.size(), manifest.rows.size(), "images", "");
  write_text(io.output("table"), cohort::card_csv(report.card));
  stage::Summary summary = card_json(report);
  Json file = summary;
  file["schema"] = "tagconf.card/1";
  write_text(io.output("card"), pretty_json(file));
  summary["text"] = card_text(report);
  return summary;
}

}  // namespace

stage::Stage card() {
  return stage::make_stage<CardOptions>(card_info(), run_card);
}

}  // namespace tagconf::stages
