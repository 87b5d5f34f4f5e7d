// Tags against labels, tags against truth, maps, training records and the choice of pictures.
#include <algorithm>
#include <cmath>
#include <set>

#include "catch.hpp"
#include "tagconf/report/cam_summary.hpp"
#include "tagconf/report/choice.hpp"
#include "tagconf/report/tag_summary.hpp"
#include "tagconf/report/training.hpp"

using namespace tagconf;
using namespace tagconf::report;

namespace {

TaggedImage image(int label, std::vector<TagBox> boxes, const std::string& part = "WRIST",
                  Split split = Split::test) {
  TaggedImage out;
  out.sample.body_part = part;
  out.sample.split = split;
  out.sample.label = label;
  out.width = 300;
  out.height = 300;
  out.boxes = std::move(boxes);
  return out;
}

TagBox box(Rect r, const std::string& letter, const std::string& polarity = "bright") {
  TagBox out;
  out.box = r;
  out.kind = TagKind::laterality;
  out.letter = letter;
  out.polarity = polarity;
  return out;
}

const LabelShares& value(const TagSummary& s, const std::string& attribute, const std::string& name) {
  for (const auto& a : s.attributes) {
    if (a.title != attribute) continue;
    for (const auto& v : a.values) {
      if (v.name == name) return v;
    }
  }
  throw std::runtime_error("no " + attribute + " " + name);
}

}  // namespace

TEST_CASE("tags are counted by label, each image once a value") {
  const Rect top_left{0, 0, 20, 20};
  const Rect bottom_right{280, 280, 20, 20};
  const std::vector<TaggedImage> images{
      image(1, {box(top_left, "R"), box(bottom_right, "R")}), image(1, {box(top_left, "L")}), image(1, {}),
      image(0, {box(bottom_right, "R", "dark")}), image(0, {}, "HAND", Split::train)};
  const TagSummary s = summarize_tags(images);
  CHECK(s.examined == 5);
  CHECK(s.tagged == 3);
  CHECK(s.boxes == 4);
  CHECK(s.overall.abnormal.count == 2);
  CHECK(s.overall.abnormal.of == 3);
  CHECK(s.overall.normal.count == 1);
  CHECK(s.overall.normal.of == 2);
  CHECK(value(s, "letter", "R").abnormal.count == 1);
  CHECK(value(s, "letter", "R").normal.count == 1);
  CHECK(value(s, "position", "top left").abnormal.count == 2);
  CHECK(value(s, "position", "bottom right").normal.count == 1);
  CHECK(value(s, "ink", "dark").normal.count == 1);
  CHECK(s.by_part.size() == 2);
  CHECK(s.by_split.size() == 2);
  CHECK(s.by_split.back().name == "test");
  CHECK(s.by_split.back().normal.of == 1);
}

TEST_CASE("position cells are thirds of the image") {
  CHECK(position_cell({0, 0, 10, 10}, 300, 300) == "top left");
  CHECK(position_cell({145, 145, 10, 10}, 300, 300) == "centre");
  CHECK(position_cell({290, 145, 10, 10}, 300, 300) == "middle right");
  CHECK(position_cell({145, 295, 10, 5}, 300, 300) == "bottom centre");
  CHECK(position_cell({95, 0, 10, 10}, 300, 300) == "top centre");  // centre exactly on the border
  CHECK(position_cell({0, 0, 10, 10}, 0, 0).empty());
}

TEST_CASE("a true tag is found by one good box or by boxes that cover it together") {
  const Rect truth{100, 100, 20, 10};
  CHECK(is_found(truth, std::vector<Rect>{truth}));
  CHECK(is_found(truth, std::vector<Rect>{{90, 90, 60, 60}}));  // covered, though IoU is small
  CHECK(is_found(truth, std::vector<Rect>{{100, 100, 10, 10}, {110, 100, 10, 10}}));  // together
  CHECK(is_found(truth, std::vector<Rect>{{100, 100, 10, 10}}));                      // IoU exactly 0.5
  CHECK_FALSE(is_found(truth, std::vector<Rect>{{100, 100, 9, 10}}));
  CHECK_FALSE(
      is_found(truth, std::vector<Rect>{{100, 100, 9, 10}, {102, 100, 7, 10}}));  // overlap counts once
  CHECK_FALSE(is_found(truth, std::vector<Rect>{}));

  const std::vector<MatchedImage> images{
      {{truth, {0, 0, 5, 5}}, {truth, {50, 50, 8, 8}}}, {{}, {}}, {{{1, 1, 9, 9}}, {}}};
  const TagMatch m = match_tags(images);
  CHECK(m.recall.count == 1);
  CHECK(m.recall.of == 2);
  CHECK(m.precision.count == 1);
  CHECK(m.precision.of == 3);
  CHECK(m.complete.count == 0);
  CHECK(m.complete.of == 1);
  CHECK(m.quiet.count == 1);
  CHECK(m.quiet.of == 2);
}

TEST_CASE("examples are balanced, tagged first, one a patient, and the same for the same seed") {
  std::vector<Candidate> all;
  for (int i = 0; i < 400; ++i) {
    all.push_back({"image" + std::to_string(i), "patient" + std::to_string(i / 4), i % 2, i % 3 == 0});
  }
  const auto chosen = choose_examples(all, 6, 7);
  REQUIRE(chosen.size() == 6);
  std::set<std::string> patients;
  for (std::size_t k = 0; k < 6; ++k) {
    CHECK(all[chosen[k]].label == (k < 3 ? 0 : 1));
    CHECK(all[chosen[k]].tagged);
    patients.insert(all[chosen[k]].patient);
  }
  CHECK(patients.size() >= 3);
  CHECK(choose_examples(all, 6, 7) == chosen);
  CHECK(choose_examples(all, 6, 8) != chosen);
  // An image's place does not depend on the others: without those not chosen the choice stays.
  std::vector<Candidate> fewer;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool kept = std::find(chosen.begin(), chosen.end(), i) != chosen.end();
    if (kept || i % 2 == 0) fewer.push_back(all[i]);
  }
  std::set<std::string> before;
  std::set<std::string> after;
  for (const auto i : chosen) before.insert(all[i].id);
  for (const auto i : choose_examples(fewer, 6, 7)) after.insert(fewer[i].id);
  CHECK(before == after);
}

TEST_CASE("few images are all shown, one label fills the other's room") {
  const std::vector<Candidate> all{
      {"a", "", 1, false}, {"b", "", 1, true}, {"c", "", std::nullopt, true}, {"d", "", 0, false}};
  CHECK(choose_examples(all, 6, 1).size() == 4);
  const auto three = choose_examples(all, 3, 1);
  REQUIRE(three.size() == 3);
  CHECK(all[three[0]].id == "d");
  CHECK(all[three[1]].id == "b");
  CHECK(all[three[2]].id == "a");
  CHECK(choose_examples({}, 6, 1).empty());
}

TEST_CASE("maps are chosen by rule and none twice") {
  std::vector<CamCandidate> all;
  for (int i = 0; i < 40; ++i) all.push_back({"i" + std::to_string(i), i / 40.0, i / 40.0, 0});
  const auto chosen = choose_cams(all, 8, 3);
  REQUIRE(chosen.size() == 8);
  std::set<std::size_t> indices;
  for (const auto& c : chosen) indices.insert(c.index);
  CHECK(indices.size() == 8);
  CHECK(chosen[0].why == "most in tags");
  CHECK(chosen[0].index == 39);
  CHECK(chosen[2].index == 0);
  CHECK(chosen[4].why == "worst error");
  CHECK(chosen[4].index == 37);  // 39 and 38 are taken
  CHECK(chosen[6].why == "drawn");
  CHECK(choose_cams(all, 0, 3).empty());
  const std::vector<CamCandidate> plain{{"a", std::nullopt, std::nullopt, std::nullopt}};
  CHECK(choose_cams(plain, 8, 3).size() == 1);
}

TEST_CASE("energy in tags is averaged over tagged images with its interval") {
  std::vector<CamRow> rows(4);
  const std::vector<double> in{0.2, 0.4, 0.6};
  for (std::size_t i = 0; i < 3; ++i) {
    rows[i].in_tag = in[i];
    rows[i].null_mean = 0.1;
    rows[i].null_p = i == 0 ? 0.2 : 0.01;
  }
  rows[3].empty = true;
  const CamSummary s = summarize_cams("covered", rows);
  CHECK(s.maps == 4);
  CHECK(s.empty == 1);
  CHECK(s.in_tag.n == 3);
  CHECK(*s.in_tag.mean == Approx(0.4));
  CHECK(s.in_tag.ci->high - *s.in_tag.mean == Approx(1.959964 * 0.2 / std::sqrt(3.0)));
  CHECK(*s.excess.mean == Approx(0.3));
  CHECK(s.small_p == 2);
  CHECK(s.with_p == 3);
  CHECK_FALSE(summarize_cams("none", {}).in_tag.mean);
  CHECK_FALSE(estimate_mean(std::vector<double>{1}).ci);
}

TEST_CASE("a training that was stopped and went on counts every epoch once") {
  std::vector<Json> lines{{{"epoch", 1}, {"train_loss", 0.7}, {"valid_auc", 0.6}},
                          {{"event", "stopped"}},
                          {{"epoch", 2}, {"train_loss", 0.6}, {"valid_auc", 0.7}},
                          {{"epoch", 2}, {"train_loss", 0.5}, {"valid_auc", 0.8}},
                          {{"epoch", 3}, {"train_loss", nullptr}, {"valid_auc", 0.8}}};
  const TrainingRun run = read_training("covered", lines);
  REQUIRE(run.epochs.size() == 3);
  CHECK(*run.epochs[1].train_loss == 0.5);
  CHECK_FALSE(run.epochs[2].train_loss);
  CHECK(run.best()->epoch == 2);
  CHECK(read_training("x", {}).best() == nullptr);
  TrainingRun kept = run;
  kept.record =
      parse_training_record({{"schema", "tagconf.train/1"}, {"kept", {{"epoch", 3}}}}, "train.json");
  CHECK(kept.best()->epoch == 3);
}
