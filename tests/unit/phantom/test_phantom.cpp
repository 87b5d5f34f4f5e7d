// The phantom against closed forms, brute force and its own promises.
#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/phantom/cohort_files.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/phantom/tag_model.hpp"
#include "tagconf/phantom/tag_sprite.hpp"
#include "tagconf/tags/tag_table.hpp"

using namespace tagconf;
using namespace tagconf::phantom;

namespace {

PlanOptions small_plan() {
  PlanOptions options;
  options.patients_train = 14;
  options.patients_valid = 7;
  options.size = 192;
  options.train.presence = 0.5;
  options.valid.presence = 0.5;
  return options;
}

TagTraits draw(const Knobs& knobs, int label, Rng& rng) {
  // Inverse transform over the enumerated traits: independent of how the plan draws them.
  double u = rng.uniform();
  for (const auto& traits : all_traits()) {
    u -= probability(traits, knobs, label);
    if (u < 0) return traits;
  }
  return all_traits().back();
}

}  // namespace

TEST_CASE("the traits' probabilities sum to one, and without knobs they do not know the label") {
  Rng rng(3, "knobs");
  for (int i = 0; i < 50; ++i) {
    const Knobs knobs{rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1), rng.uniform(-1, 1)};
    for (const int label : {0, 1}) {
      double sum = 0;
      for (const auto& traits : all_traits()) sum += probability(traits, knobs, label);
      CHECK(sum == Approx(1.0).margin(1e-12));
    }
  }
  for (const auto& traits : all_traits()) CHECK(log_likelihood_ratio(traits, {}) == 0.0);
  CHECK(ideal_observer_auc({}) == 0.5);
}

TEST_CASE("with presence alone the ideal observer's AUC has a closed form") {
  // Two scores, absent and present: AUC = 1/2 + (P(present | 1) - P(present | 0)) / 2.
  for (const double k : {-1.0, -0.4, 0.2, 0.55, 1.0}) {
    Knobs knobs;
    knobs.presence = k;
    CHECK(ideal_observer_auc(knobs) == Approx(0.5 + 0.38 * std::abs(k)).margin(1e-12));
  }
}

TEST_CASE("the enumerated AUC is the one that simulated pairs give") {
  const Knobs knobs{0.3, 0.6, -0.5, 0.2};
  Rng rng(11, "pairs");
  const int n = 200000;
  double wins = 0;
  for (int i = 0; i < n; ++i) {
    const double a = log_likelihood_ratio(draw(knobs, 1, rng), knobs);
    const double b = log_likelihood_ratio(draw(knobs, 0, rng), knobs);
    wins += std::abs(a - b) < 1e-9 ? 0.5 : (a > b ? 1.0 : 0.0);
  }
  CHECK(std::abs(wins / n - ideal_observer_auc(knobs)) < 5 * 0.5 / std::sqrt(n));
}

TEST_CASE("a plan is laid out as MURA is: labels by study, patients in one tree") {
  PlanOptions options = small_plan();
  options.patients_train = 200;
  options.patients_valid = 100;
  const auto plan = plan_cohort(options);
  std::map<std::string, int> label_of;
  std::map<std::string, bool> tree_of;
  std::set<std::string> ids;
  std::set<Part> parts;
  for (const auto& item : plan) {
    CHECK(label_of.emplace(item.study_id, item.label).first->second == item.label);
    CHECK(tree_of.emplace(item.patient_id, item.in_train).first->second == item.in_train);
    CHECK(ids.insert(item.image_id).second);
    CHECK((item.label == 1) == (item.lesion != Lesion::none));
    CHECK((item.study_id.find("_positive") != std::string::npos) == (item.label == 1));
    CHECK(std::max(item.width, item.height) <= options.size);
    parts.insert(item.part);
  }
  CHECK(parts.size() == 7);
  CHECK(tree_of.size() == 300);
}

TEST_CASE("tags are drawn with the stated probabilities") {
  PlanOptions options = small_plan();
  options.patients_train = 6000;
  options.patients_valid = 1;
  options.train = {0.5, -0.5, 0.8, 0.3};
  std::map<int, std::array<double, 5>> counts;  // images, present, right, upper, plate
  for (const auto& item : plan_cohort(options)) {
    auto& c = counts[item.label];
    c[0] += 1;
    if (!item.tag.present) continue;
    c[1] += 1;
    c[2] += item.tag.right ? 1 : 0;
    c[3] += item.tag.upper ? 1 : 0;
    c[4] += item.tag.on_plate ? 1 : 0;
  }
  for (const int label : {0, 1}) {
    const auto& c = counts[label];
    const TagProbabilities p = tag_probabilities(options.train, label);
    const auto close = [](double share, double expected, double n) {
      return std::abs(share - expected) < 5 * std::sqrt(expected * (1 - expected) / n);
    };
    CHECK(close(c[1] / c[0], p.present, c[0]));
    CHECK(close(c[2] / c[1], p.right, c[1]));
    CHECK(close(c[3] / c[1], p.upper, c[1]));
    CHECK(close(c[4] / c[1], p.on_plate, c[1]));
  }
}

TEST_CASE("with all knobs at 0 the tags of a large plan are independent of the label") {
  PlanOptions options = small_plan();
  options.patients_train = 12000;
  options.patients_valid = 1;
  options.train = {};
  std::map<std::array<bool, 4>, std::array<double, 2>> table;
  std::array<double, 2> total{};
  for (const auto& item : plan_cohort(options)) {
    if (!item.in_train) continue;
    const auto label = static_cast<std::size_t>(item.label);
    table[{item.tag.present, item.tag.right, item.tag.upper, item.tag.on_plate}][label] += 1;
    total[label] += 1;
  }
  const double n = total[0] + total[1];
  double chi2 = 0;
  for (const auto& [traits, counts] : table) {
    for (const std::size_t label : {0U, 1U}) {
      const double expected = (counts[0] + counts[1]) * total[label] / n;
      chi2 += (counts[label] - expected) * (counts[label] - expected) / expected;
    }
  }
  CHECK(table.size() == 9);
  // Chi-square with 8 degrees of freedom: 31.8 is its 99.99 % point.
  CHECK(chi2 < 31.8);
}

TEST_CASE("patients are numbered through both trees, and every body part asked for is there") {
  PlanOptions options = small_plan();
  options.parts = {Part::wrist, Part::shoulder};
  std::map<std::string, std::set<std::string>> patients;
  for (const auto& item : plan_cohort(options)) {
    CHECK((item.part == Part::wrist || item.part == Part::shoulder));
    const std::string tree = item.in_train ? "train/" : "valid/";
    const std::string folder = item.part == Part::wrist ? "XR_WRIST/" : "XR_SHOULDER/";
    CHECK(item.image_id.rfind(tree + folder + item.patient_id + "/study", 0) == 0);
    CHECK(item.image_id.rfind(item.study_id + "/image", 0) == 0);
    patients[tree].insert(item.patient_id);
  }
  CHECK(*patients["train/"].begin() == "patient00001");
  CHECK(*patients["train/"].rbegin() == "patient00014");
  CHECK(*patients["valid/"].begin() == "patient00015");
  CHECK(*patients["valid/"].rbegin() == "patient00021");
  options.parts.clear();
  CHECK_THROWS_AS(plan_cohort(options), Error);
}

TEST_CASE("every body part and view can be pictured with every lesion, at any size") {
  for (const auto& [part, name] : EnumNames<Part>::kNames) {
    for (const int view : {1, 2, 3}) {
      for (const auto& [kind, word] : EnumNames<Lesion>::kNames) {
        ImagePlan item;
        item.seed = 5;
        item.study_id = std::string(name) + std::string(word);
        item.patient_id = std::string(name);
        item.image_id = item.study_id + std::to_string(view);
        item.part = part;
        item.view = view;
        item.lesion = kind;
        item.label = kind == Lesion::none ? 0 : 1;
        item.severity = 0.9;
        item.width = view == 2 ? 64 : 150;
        item.height = 130;
        item.tag.present = true;
        const Rendered picture = render_image(item);
        CAPTURE(item.image_id);
        CHECK(picture.lesion.empty() == (kind == Lesion::none));
        CHECK(intersect(picture.lesion, picture.image.frame()) == picture.lesion);
        REQUIRE_FALSE(picture.tags.empty());
        if (kind == Lesion::none) continue;
        // Against the same picture without the lesion: the box holds more than its share of the change.
        item.lesion = Lesion::none;
        const Rendered healthy = render_image(item);
        double inside = 0;
        double all = 0;
        for (int y = 0; y < item.height; ++y) {
          for (int x = 0; x < item.width; ++x) {
            const int change = std::abs(int{picture.image.at(x, y)} - int{healthy.image.at(x, y)});
            all += change;
            if (picture.lesion.contains(x, y)) inside += change;
          }
        }
        const double area_share = static_cast<double>(picture.lesion.area()) / (item.width * item.height);
        CHECK(all > 0);
        CHECK(inside / all > area_share);
      }
    }
  }
}

TEST_CASE("visibility makes lesions plainer") {
  std::array<double, 2> change{};
  for (const std::size_t plain : {0U, 1U}) {
    PlanOptions options = small_plan();
    options.abnormal_fraction = 1;
    options.visibility = plain == 1 ? 1.0 : 0.05;
    for (auto item : plan_cohort(options)) {
      const Rendered ill = render_image(item);
      item.lesion = Lesion::none;
      const Rendered well = render_image(item);
      for (std::size_t i = 0; i < ill.image.pixels.size(); ++i) {
        change[plain] += std::abs(int{ill.image.pixels[i]} - int{well.image.pixels[i]});
      }
    }
  }
  CHECK(change[1] > 4 * change[0]);
}

TEST_CASE("an image is a function of its plan, and its truth lies inside it") {
  int tagged = 0;
  int lesions = 0;
  for (const auto& item : plan_cohort(small_plan())) {
    const Rendered one = render_image(item);
    CHECK(one.image == render_image(item).image);
    CHECK(one.image.width == item.width);
    const auto is_marker = [](const TagBox& tag) { return tag.kind == TagKind::laterality; };
    CHECK(std::count_if(one.tags.begin(), one.tags.end(), is_marker) == (item.tag.present ? 1 : 0));
    for (const auto& tag : one.tags) CHECK(intersect(tag.box, one.image.frame()) == tag.box);
    if (item.tag.present) {
      ++tagged;
      const TagBox& tag = one.tags.front();
      CHECK(tag.letter == (item.tag.right ? "R" : "L"));
      CHECK(tag.plate == item.tag.on_plate);
      const double middle = tag.box.y + 0.5 * tag.box.h;
      CHECK((middle < 0.5 * item.height) == item.tag.upper);
    }
    CHECK(one.lesion.empty() == (item.label == 0));
    if (item.label == 1) {
      ++lesions;
      CHECK(intersect(one.lesion, one.image.frame()) == one.lesion);
    }
    // Neither black nor white nor without bones.
    const double mean = std::accumulate(one.image.pixels.begin(), one.image.pixels.end(), 0.0) /
                        static_cast<double>(one.image.pixels.size());
    CHECK(mean > 8);
    CHECK(mean < 200);
    CHECK(std::count(one.bones.pixels.begin(), one.bones.pixels.end(), 255) > 200);
  }
  CHECK(tagged > 5);
  CHECK(lesions > 5);
}

TEST_CASE("outside the boxes an image with tags is the image without them") {
  int compared = 0;
  for (const auto& item : plan_cohort(small_plan())) {
    const Rendered with = render_image(item);
    if (with.tags.empty()) continue;
    ++compared;
    const imaging::GreyImage without = render_without_tags(item);
    int worst = 0;
    double inside = 0;
    for (int y = 0; y < item.height; ++y) {
      for (int x = 0; x < item.width; ++x) {
        const int change = std::abs(int{with.image.at(x, y)} - int{without.at(x, y)});
        const bool boxed = std::any_of(with.tags.begin(), with.tags.end(),
                                       [&](const TagBox& tag) { return tag.box.contains(x, y); });
        if (boxed) {
          inside += change;
        } else {
          worst = std::max(worst, change);
        }
      }
    }
    // Blur of at most 0.8 pixels carries less than 1 % beyond the two pixels that a box keeps free.
    CHECK(worst <= 3);
    CHECK(inside > 20);
  }
  CHECK(compared > 5);
}

TEST_CASE("a pasted tag leaves what lies outside its box unchanged") {
  Rng rng(5, "looks");
  for (const auto style : {TagStyle::ink, TagStyle::ring, TagStyle::dark_disc, TagStyle::bright_disc,
                           TagStyle::plate, TagStyle::cutout}) {
    TagLook look;
    look.style = style;
    look.angle = rng.uniform(-90, 90);
    look.initials = "JM";
    const TagSprite sprite = draw_tag(look);
    imaging::Plane picture(160, 160, 0.3F);
    const Rect box = paste(picture, sprite, 20, 30);
    REQUIRE_FALSE(box.empty());
    for (int y = 0; y < picture.height; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        if (!box.contains(x, y)) CHECK(picture.at(x, y) == 0.3F);
      }
    }
    // Cut by the border it stays inside the picture.
    imaging::Plane cut(160, 160, 0.3F);
    const Rect part = paste(cut, sprite, -sprite.alpha.width / 2, 0);
    CHECK(part.x >= 0);
    CHECK(part.w < box.w);
  }
}

TEST_CASE("a written cohort has MURA's tables, and the same bytes on any number of threads") {
  test::ScratchFolder scratch;
  const PlanOptions options = small_plan();
  const auto write = [&](const std::string& name, int threads) {
    return write_cohort(options, scratch / (name + "/MURA-v1.1"), scratch / (name + "/truth"),
                        {true, threads}, nullptr, nullptr);
  };
  const Json truth = write("one", 1);
  CHECK(truth == write("three", 3));
  CHECK(sha256_tree(scratch / "one") == sha256_tree(scratch / "three"));
  const auto plan = plan_cohort(options);
  const auto images = read_csv(scratch / "one/MURA-v1.1/train_image_paths.csv", {',', false});
  CHECK(images.at(0, 0) == "MURA-v1.1/" + plan[0].image_id + ".png");
  for (std::size_t i = 0; i < images.rows(); ++i) {
    CHECK(std::filesystem::exists(scratch / "one" / images.at(i, 0)));
  }
  const auto studies = read_csv(scratch / "one/MURA-v1.1/valid_labeled_studies.csv", {',', false});
  CHECK(studies.at(0, 0).back() == '/');
  const auto tags = tags::read_tags(scratch / "one/truth/tags.csv");
  CHECK(tags.images().size() == plan.size());
  const auto looks = read_csv(scratch / "one/truth/looks.csv");
  std::size_t row = 0;
  for (const auto& id : tags.images()) {
    for (const TagBox& tag : tags.boxes(id)) {
      CHECK(looks.at(row, looks.require("image_id")) == id);
      CHECK(looks.at(row, looks.require("x")) == std::to_string(tag.box.x));
      CHECK(value_of<TagQuality>(looks.at(row, looks.require("quality"))).has_value());
      ++row;
    }
  }
  CHECK(row == looks.rows());
  CHECK(truth["valid"]["ideal_auc"].get<double>() == Approx(0.5 + 0.38 * 0.5));
  CHECK(read_csv(scratch / "one/truth/lesions.csv").rows() > 0);
}
