#include "tagconf/phantom/cohort_files.hpp"

#include <atomic>
#include <cmath>
#include <map>
#include <optional>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::phantom {
namespace fs = std::filesystem;
namespace {

// What is kept of an image once its pixels are on disk.
struct Facts {
  std::vector<TagBox> tags;
  std::vector<TagTruth> looks;
  Rect lesion;
};

std::string in_tree(const ImagePlan& item) {
  return item.in_train ? "train" : "valid";
}

// MURA's four tables have no header; studies end with a slash.
void write_tables(std::span<const ImagePlan> plan, const fs::path& cohort) {
  for (const std::string tree : {"train", "valid"}) {
    std::string images;
    std::string studies;
    std::string last;
    for (const auto& item : plan) {
      if (in_tree(item) != tree) continue;
      images += "MURA-v1.1/" + item.image_id + ".png\n";
      if (item.study_id == last) continue;
      last = item.study_id;
      studies += "MURA-v1.1/" + item.study_id + "/," + std::to_string(item.label) + "\n";
    }
    write_text(cohort / (tree + "_image_paths.csv"), images);
    write_text(cohort / (tree + "_labeled_studies.csv"), studies);
  }
}

// Half-pairs AUC of the ideal observer's scores on the images drawn.
std::optional<double> auc_on_images(std::span<const ImagePlan> plan, const std::string& tree,
                                    const Knobs& knobs) {
  // The observer's score takes few values: count both classes at each.
  std::map<double, std::pair<double, double>> counts;
  double positives = 0;
  double negatives = 0;
  for (const auto& item : plan) {
    if (in_tree(item) != tree) continue;
    auto& [n1, n0] = counts[std::round(log_likelihood_ratio(item.tag, knobs) * 1e9) / 1e9];
    (item.label == 1 ? n1 : n0) += 1;
    (item.label == 1 ? positives : negatives) += 1;
  }
  if (positives == 0 || negatives == 0) return std::nullopt;
  double below = 0;
  double wins = 0;
  for (const auto& [score, n] : counts) {
    wins += n.first * (below + 0.5 * n.second);
    below += n.second;
  }
  return wins / (positives * negatives);
}

Json tree_truth(std::span<const ImagePlan> plan, const std::string& tree, const Knobs& knobs) {
  std::map<std::string, int> lesions;
  int images = 0;
  int abnormal = 0;
  int tagged = 0;
  for (const auto& item : plan) {
    if (in_tree(item) != tree) continue;
    ++images;
    abnormal += item.label;
    tagged += item.tag.present ? 1 : 0;
    ++lesions[std::string(name_of(item.lesion))];
  }
  Json out;
  out["images"] = images;
  out["abnormal"] = abnormal;
  out["tagged"] = tagged;
  out["lesions"] = lesions;
  out["knobs"] = {{"presence", knobs.presence},
                  {"letter", knobs.letter},
                  {"position", knobs.position},
                  {"style", knobs.style}};
  for (const int label : {0, 1}) {
    const TagProbabilities p = tag_probabilities(knobs, label);
    out["probabilities"][label == 1 ? "abnormal" : "normal"] = {
        {"present", p.present}, {"letter_r", p.right}, {"upper_half", p.upper}, {"on_plate", p.on_plate}};
  }
  out["ideal_auc"] = ideal_observer_auc(knobs);
  const auto seen = auc_on_images(plan, tree, knobs);
  out["ideal_auc_on_images"] = seen ? Json(*seen) : Json(nullptr);
  return out;
}

// One row a tag, in the order of tags.csv.
std::string looks_csv(std::span<const ImagePlan> plan, std::span<const Facts> facts) {
  CsvWriter csv({"image_id", "x",       "y",       "w",        "h",      "style",    "cap_height", "stroke",
                 "face",     "slant",   "angle",   "mirrored", "letter", "initials", "stacked",    "ink",
                 "plate",    "opacity", "visible", "contrast", "noise",  "signal",   "quality"});
  for (std::size_t i = 0; i < plan.size(); ++i) {
    for (std::size_t k = 0; k < facts[i].tags.size(); ++k) {
      const Rect& box = facts[i].tags[k].box;
      const TagTruth& truth = facts[i].looks[k];
      const TagLook& look = truth.look;
      csv.row({plan[i].image_id,
               std::to_string(box.x),
               std::to_string(box.y),
               std::to_string(box.w),
               std::to_string(box.h),
               std::string(name_of(look.style)),
               format_number(look.cap_height),
               format_number(look.stroke),
               std::to_string(look.face),
               format_number(look.slant),
               format_number(look.angle),
               look.mirrored ? "1" : "0",
               look.letter,
               look.initials,
               look.stacked ? "1" : "0",
               format_number(look.ink),
               format_number(look.plate),
               format_number(look.opacity),
               format_number(truth.visible),
               format_number(truth.contrast),
               format_number(truth.noise),
               format_number(truth.stroke_signal()),
               std::string(name_of(quality_of(truth)))});
    }
  }
  return csv.text();
}

void write_truth(std::span<const ImagePlan> plan, std::span<const Facts> facts, const fs::path& truth) {
  tags::TagTable tags;
  CsvWriter lesions({"image_id", "x", "y", "w", "h", "type", "severity"});
  for (std::size_t i = 0; i < plan.size(); ++i) {
    tags.add_image(plan[i].image_id);
    for (const auto& tag : facts[i].tags) tags.add(plan[i].image_id, tag);
    const Rect& r = facts[i].lesion;
    if (r.empty()) continue;
    lesions.row({plan[i].image_id, std::to_string(r.x), std::to_string(r.y), std::to_string(r.w),
                 std::to_string(r.h), std::string(name_of(plan[i].lesion)), format_number(plan[i].severity)});
  }
  tags::write_tags(truth / "tags.csv", tags);
  write_text(truth / "looks.csv", looks_csv(plan, facts));
  write_text(truth / "lesions.csv", lesions.text());
}

}  // namespace

Json write_cohort(const PlanOptions& options, const fs::path& cohort, const fs::path& truth,
                  const WriteOptions& write, const std::function<void(std::size_t, std::size_t)>& progress,
                  const std::function<bool()>& stop) {
  const std::vector<ImagePlan> plan = plan_cohort(options);
  std::vector<Facts> facts(plan.size());
  std::atomic<std::size_t> done{0};
  parallel_for(plan.size(), write.threads, [&](std::size_t i) {
    if (stop && stop())
      throw Error(ErrorCode::incomplete, "stopped while drawing images", "run again to go on");
    const Rendered picture = render_image(plan[i]);
    imaging::write_png(cohort / (plan[i].image_id + ".png"), picture.image);
    if (write.bones) imaging::write_png(truth / "bones" / (plan[i].image_id + ".png"), picture.bones);
    facts[i] = {picture.tags, picture.looks, picture.lesion};
    if (progress) progress(++done, plan.size());
  });
  write_tables(plan, cohort);
  write_truth(plan, facts, truth);

  Json out;
  out["schema"] = "tagconf.phantom/1";
  out["seed"] = options.seed;
  out["size"] = options.size;
  out["visibility"] = options.visibility;
  out["abnormal_fraction"] = options.abnormal_fraction;
  out["formula"] = {{"present", "0.60 + 0.38 k s"},
                    {"letter_r", "0.50 + 0.48 k s, given present"},
                    {"upper_half", "0.50 + 0.48 k s, given present"},
                    {"on_plate", "0.50 + 0.48 k s, given present"},
                    {"where", "k = the knob of that name, s = +1 for abnormal and -1 for normal images"}};
  out["train"] = tree_truth(plan, "train", options.train);
  out["valid"] = tree_truth(plan, "valid", options.valid);
  write_text(truth / "truth.json", pretty_json(out));
  return out;
}

}  // namespace tagconf::phantom
