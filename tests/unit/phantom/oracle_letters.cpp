// The confidence of the letters that the finder reads, against the letters that the phantom drew. Seeds and
// sizes differ from those that the confidence was fitted on.
#include <algorithm>
#include <span>
#include <vector>

#include "catch.hpp"
#include "tagconf/phantom/plan.hpp"
#include "tagconf/phantom/render.hpp"
#include "tagconf/tags/finder.hpp"

using namespace tagconf;
using namespace tagconf::phantom;

namespace {

struct Reading {
  double confidence = 0;
  bool right = false;
};

// Letters read on what is a tag: of 0.2 of the box at least.
void read_letters(const ImagePlan& item, std::vector<Reading>& out) {
  const Rendered picture = render_image(item);
  tags::ClassicalOptions doubtful;
  doubtful.min_score = 0.05;
  for (const TagBox& found : tags::find_classical(picture.image, doubtful)) {
    CHECK(found.letter.empty() == !found.letter_score.has_value());
    if (found.letter.empty()) continue;
    const auto hit = std::find_if(picture.tags.begin(), picture.tags.end(), [&](const TagBox& tag) {
      return static_cast<double>(intersect(tag.box, found.box).area()) >
             0.2 * static_cast<double>(found.box.area());
    });
    if (hit != picture.tags.end()) out.push_back({*found.letter_score, hit->letter == found.letter});
  }
}

double share_right(std::span<const Reading> readings) {
  const auto right =
      std::count_if(readings.begin(), readings.end(), [](const Reading& r) { return r.right; });
  return static_cast<double>(right) / static_cast<double>(readings.size());
}

}  // namespace

TEST_CASE("letters are the more often right the surer the finder is") {
  std::vector<Reading> readings;
  for (const int size : {96, 160, 448}) {
    PlanOptions options;
    options.seed = 400 + static_cast<std::uint64_t>(size);
    options.patients_train = 60;
    options.patients_valid = 1;
    options.size = size;
    for (const ImagePlan& item : plan_cohort(options))
      if (item.tag.present) read_letters(item, readings);
  }
  std::stable_sort(readings.begin(), readings.end(),
                   [](const Reading& a, const Reading& b) { return a.confidence < b.confidence; });
  REQUIRE(readings.size() > 150);
  const std::span<const Reading> all(readings);
  const std::size_t fifth = all.size() / 5;
  double mean = 0;
  for (const Reading& r : readings) mean += r.confidence / static_cast<double>(readings.size());
  INFO(readings.size() << " letters, right " << share_right(all) << ", mean confidence " << mean);
  CHECK(share_right(all.first(fifth)) < share_right(all.last(3 * fifth)));
  CHECK(share_right(all.last(3 * fifth)) > 0.99);
  CHECK(mean == Approx(share_right(all)).margin(0.02));
}
