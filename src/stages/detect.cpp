// tagconf detect: finds the tags of every image, or takes them from a table, and writes tags.csv.
//
// With --boxes FILE (a tags.csv; image_id,x,y,w,h are enough):
//   boxes_mode replace  an image that FILE lists takes exactly FILE's boxes (none, where its row is empty);
//                       the finder does the others
//   boxes_mode add      the finder does every image, and FILE's boxes are added
// A FILE that a person corrected (rows of source `person`, as `review --apply` writes them) counts for the
// images that a person examined or that were given before; what an earlier finder said of the others is found
// anew. Boxes from FILE have source `person` where a person set them, else `given`.
#include <algorithm>
#include <mutex>
#include <optional>
#include <set>
#include <tuple>

#include "finder_choice.hpp"
#include "learned_scores.hpp"
#include "tag_counts.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/cluster.hpp"
#include "tagconf/tags/finder.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {

enum class FinderName { automatic, classical, learned };
enum class BoxesMode { replace, add };

}  // namespace
}  // namespace tagconf::stages

template <>
struct tagconf::EnumNames<tagconf::stages::FinderName> {
  using F = tagconf::stages::FinderName;
  static constexpr std::array kNames{std::pair{F::automatic, "auto"}, std::pair{F::classical, "classical"},
                                     std::pair{F::learned, "learned"}};
};

template <>
struct tagconf::EnumNames<tagconf::stages::BoxesMode> {
  static constexpr std::array kNames{std::pair{tagconf::stages::BoxesMode::replace, "replace"},
                                     std::pair{tagconf::stages::BoxesMode::add, "add"}};
};

namespace tagconf::stages {
namespace {
using options::field;
using options::unhashed;
using options::within;

struct DetectOptions {
  FinderName finder = FinderName::automatic;
  std::optional<double> min_score;
  int pad = tags::ClassicalOptions{}.pad;
  std::vector<int> sides = tags::LearnedOptions{}.sides;
  BoxesMode boxes_mode = BoxesMode::replace;
  nn::Precision dtype = nn::Precision::automatic;
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(field<FinderName>(
          "finder",
          "classical: contrast, stroke and shape of letters, without weights; learned: a network, of the "
          "given weights or those that come with the program; auto: learned, classical in a program without "
          "LibTorch"),
      finder);
    v(within(field<std::optional<double>>(
                 "min_score", "least confidence of a tag that is kept; default: 0.5 classical, 0.7 learned"),
             0, 1),
      min_score);
    v(within(field<int>("pad", "pixels added round what was found, stored image"), 0, 64), pad);
    v(within(field<std::vector<int>>("sides",
                                     "of the learned finder: long sides, in pixels, at which it looks at an "
                                     "image; fewer are faster and miss more small tags"),
             64, 4096),
      sides);
    v(field<BoxesMode>("boxes_mode", "given boxes: replace the finder's on the images they list, or add"),
      boxes_mode);
    v(field<nn::Precision>(
          "dtype", "of the learned finder: fp32, bf16, or auto: bf16 where the processor multiplies it"),
      dtype);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo detect_info() {
  stage::StageInfo info;
  info.name = "detect";
  info.version = 8;
  info.summary = "find laterality letters, initials and other tags on every image";
  info.inputs = {{"images", "manifest, folder of images or image", true, false},
                 {"boxes", "tags.csv of your own, or corrected by review; see boxes_mode", false, false},
                 {"weights", "finder.safetensors of train-finder, for the learned finder", false, false}};
  info.outputs = {{"tags", "tags.csv",
                   "one row a tag, in pixels of the stored image: image_id, x, y, w, h, kind, score, source, "
                   "text, letter, rotation (degrees, counter-clockwise), mirrored, polarity, plate, ring, "
                   "clipped, contrast, cluster, letter_score; x to h are empty where an image was examined "
                   "and none was found; only image_id to h need be there when it is read"},
                  {"skipped", "skipped.csv", "images that cannot be read: image_id, reason"}};
  info.examples = {"tagconf detect cohort/manifest.csv --out tags",
                   "tagconf detect films/ --boxes mine.csv --boxes-mode add --out tags"};
  return info;
}

std::vector<TagBox> given_boxes(const tags::TagTable& table, const std::string& image_id,
                                const imaging::GreyImage& image) {
  std::vector<TagBox> boxes = tags::boxes_of_image(table, image_id, image.width, image.height);
  for (TagBox& tag : boxes) {
    if (tag.source != TagSource::person) tag.source = TagSource::given;
  }
  return boxes;
}

bool by_finder(TagSource source) {
  return source == TagSource::learned || source == TagSource::classical;
}

// What holds of a table of boxes: all of it, or of one that a person corrected, the images that no finder
// did.
tags::TagTable read_given(const std::filesystem::path& path) {
  tags::TagTable table = tags::read_tags(path);
  const auto some_box = [&](const std::string& id, const auto& fits) {
    const auto& boxes = table.boxes(id);
    return std::any_of(boxes.begin(), boxes.end(), [&](const TagBox& tag) { return fits(tag.source); });
  };
  const auto is_person = [](TagSource source) { return source == TagSource::person; };
  const bool corrected =
      std::any_of(table.images().begin(), table.images().end(), [&](const std::string& id) {
        return table.none_by(id) == TagSource::person || some_box(id, is_person);
      });
  if (!corrected) return table;
  return table.only([&](const std::string& id) {
    if (table.boxes(id).empty()) return table.none_by(id) && !by_finder(*table.none_by(id));
    return some_box(id, [](TagSource source) { return !by_finder(source); });
  });
}

// Who says that the image has no tag; nothing where it was the finder.
std::optional<TagSource> none_by(const tags::TagTable* given, const std::string& image_id, BoxesMode mode) {
  if (given == nullptr || mode != BoxesMode::replace || !given->examined(image_id)) return std::nullopt;
  return given->none_by(image_id).value_or(TagSource::given);
}

std::vector<TagBox> boxes_of(const std::string& image_id, const imaging::GreyImage& image,
                             const tags::Finder& find, const tags::TagTable* given, BoxesMode mode) {
  const bool listed = given != nullptr && given->examined(image_id);
  if (listed && mode == BoxesMode::replace) return given_boxes(*given, image_id, image);
  std::vector<TagBox> boxes = find(image);
  if (listed) {
    const auto more = given_boxes(*given, image_id, image);
    boxes.insert(boxes.end(), more.begin(), more.end());
    std::stable_sort(boxes.begin(), boxes.end(), [](const TagBox& a, const TagBox& b) {
      return std::tuple(a.box.y, a.box.x) < std::tuple(b.box.y, b.box.x);
    });
  }
  return boxes;
}

// Images of the table that the cohort lacks: fewer is a cohort in part, all of them a mix-up.
std::size_t count_strangers(const tags::TagTable& given, const cohort::Manifest& manifest) {
  std::set<std::string> known;
  for (const auto& row : manifest.rows) known.insert(row.sample.image_id);
  std::size_t strangers = 0;
  std::string first;
  for (const auto& id : given.images()) {
    if (known.count(id) != 0) continue;
    if (strangers++ == 0) first = id;
  }
  if (strangers == 0) return 0;
  if (strangers == given.images().size()) {
    throw_input(given.source() + ": lists no image of this cohort; its first is '" + first + "'",
                "image_id must be the manifest's, such as '" + manifest.rows.front().sample.image_id + "'");
  }
  log_warning(given.source() + ": " + std::to_string(strangers) +
              " of its images are not in this cohort, first '" + first + "'");
  return strangers;
}

bool is_learned(FinderName finder, bool weights) {
  return finder == FinderName::learned ||
         (finder == FinderName::automatic && (weights || learned_by_default()));
}

tags::Finder finder_of(const DetectOptions& options, const stage::StageIo& io) {
  const auto weights = io.has("weights") ? std::optional(io.input("weights")) : std::nullopt;
  if (!is_learned(options.finder, weights.has_value()))
    return classical_finder(options.min_score, options.pad);
  if (options.sides.empty())
    throw_config("detect: sides is an empty list", "name at least one long side, such as 512");
  tags::LearnedOptions learned;
  learned.min_score = options.min_score.value_or(learned.min_score);
  learned.pad = options.pad;
  learned.sides = options.sides;
  return learned_finder(weights, learned, options.dtype);
}

stage::Summary summarise(const tags::TagTable& table, std::size_t skipped, std::size_t given_images,
                         std::size_t strangers) {
  KindCounts kinds;
  std::size_t tagged = 0;
  for (const auto& id : table.images()) {
    kinds.add(table.boxes(id));
    tagged += table.boxes(id).empty() ? 0 : 1;
  }
  std::string text = std::to_string(table.images().size()) + " images examined: " + std::to_string(tagged) +
                     " with tags, " + std::to_string(table.images().size() - tagged) + " without; " +
                     std::to_string(kinds.total()) + " boxes (" + kinds.text() + ")";
  if (given_images > 0) text += "; boxes given for " + std::to_string(given_images) + " images";
  if (skipped > 0) text += "; " + std::to_string(skipped) + " images skipped";
  return {{"images", table.images().size()},
          {"tagged", tagged},
          {"boxes", kinds.json()},
          {"given_images", given_images},
          {"given_unused", strangers},
          {"skipped", skipped},
          {"text", text + "."}};
}

std::vector<tags::Appearance> appearances_of(const imaging::GreyImage& image,
                                             const std::vector<TagBox>& boxes) {
  std::vector<tags::Appearance> out;
  for (const TagBox& tag : boxes) out.push_back(tags::appearance_of(image, tag.box));
  return out;
}

// Gives every box its group among all boxes of the cohort; `looks` runs beside them.
void set_clusters(std::vector<std::optional<std::vector<TagBox>>>& found,
                  const std::vector<std::vector<tags::Appearance>>& looks) {
  std::vector<tags::Appearance> all;
  for (const auto& some : looks) all.insert(all.end(), some.begin(), some.end());
  const std::vector<int> clusters = tags::cluster_appearances(all);
  auto next = clusters.begin();
  for (auto& boxes : found) {
    if (!boxes) continue;
    for (TagBox& tag : *boxes) tag.cluster = *next++;
  }
}

stage::Summary run_detect(const DetectOptions& options, const stage::StageIo& io,
                          const stage::Context& context) {
  std::optional<tags::TagTable> given;
  if (io.has("boxes")) given = read_given(io.input("boxes"));
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  const std::size_t strangers = given ? count_strangers(*given, manifest) : 0;
  const tags::Finder find = finder_of(options, io);

  std::vector<std::optional<std::vector<TagBox>>> found(manifest.rows.size());
  std::vector<std::vector<tags::Appearance>> looks(manifest.rows.size());
  std::mutex guard;
  const auto skipped = arms::for_each_image(
      manifest, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t i, const imaging::GreyImage& image) {
        found[i] = boxes_of(manifest.rows[i].sample.image_id, image, find, given ? &*given : nullptr,
                            options.boxes_mode);
        looks[i] = appearances_of(image, *found[i]);
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested);
  cohort::check_skips(manifest.rows.size(), skipped, io.refused);
  set_clusters(found, looks);

  tags::TagTable table;
  std::size_t given_images = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (!found[i]) continue;
    const std::string& id = manifest.rows[i].sample.image_id;
    table.add_image(id, none_by(given ? &*given : nullptr, id, options.boxes_mode));
    for (const TagBox& tag : *found[i]) table.add(id, tag);
    given_images += given && given->examined(id) ? 1 : 0;
  }
  tags::write_tags(io.output("tags"), table);
  cohort::write_skipped(io.output("skipped"), skipped);
  return summarise(table, skipped.size(), given_images, strangers);
}

}  // namespace

stage::Stage detect() {
  stage::Stage made = stage::make_stage<DetectOptions>(detect_info(), run_detect);
  made.machine_facts = [](const stage::Stage::Options& options, const stage::Context&) {
    const auto& chosen = *static_cast<const DetectOptions*>(options.object.get());
    Json facts = Json::object();
    if (chosen.finder != FinderName::classical) facts["shipped_finder"] = shipped_scores_digest();
    if (chosen.dtype == nn::Precision::automatic)
      facts["precision"] = name_of(resolved_precision(chosen.dtype));
    return facts;
  };
  return made;
}

}  // namespace tagconf::stages
