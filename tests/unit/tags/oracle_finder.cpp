// The classical finder against hand-made boxes on real radiographs: more than chance, less than a reader. The
// bounds are those a finder without weights has to keep, with room for another compiler's rounding.
#include <map>

#include "catch.hpp"
#include "support.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/json_text.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/tags/cover.hpp"
#include "tagconf/tags/finder.hpp"

using namespace tagconf;

namespace {

Rect rect_of(const Json& list) {
  return {list[0], list[1], list[2], list[3]};
}
Rect box_of(const Json& box) {
  return {box["x"], box["y"], box["w"], box["h"]};
}

struct Score {
  int marks = 0;
  int found = 0;       // 90 % of the letters' box covered
  double stray = 0;    // share of the picture covered away from every mark
  bool free = false;   // has no mark at all
  bool alarm = false;  // and yet something was covered
};

Score score_of(const Json& item, const std::filesystem::path& folder) {
  const auto image = imaging::read_image(folder / (item["id"].get<std::string>() + ".png"));
  std::vector<Rect> covered;
  for (const auto& tag : tags::find_classical(image, {})) covered.push_back(tag.box);
  const auto mask = tags::box_mask(covered, image.width, image.height);
  std::vector<Rect> near;
  for (const auto& area : item.value("ignore", Json::array()))
    near.push_back(padded(rect_of(area), 8, image.width, image.height));
  Score score;
  for (const auto& box : item["boxes"]) {
    const Rect whole = box_of(box);
    near.push_back(
        padded(box.contains("outer") ? rect_of(box["outer"]) : whole, 8, image.width, image.height));
    near.push_back(padded(whole, 8, image.width, image.height));
    if (box["class"] != "laterality" && box["class"] != "technologist") continue;
    const Rect letters = intersect(box.contains("core") ? rect_of(box["core"]) : whole, image.frame());
    std::int64_t under = 0;
    for (int y = letters.y; y < letters.bottom(); ++y)
      for (int x = letters.x; x < letters.right(); ++x)
        under += mask[static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                      static_cast<std::size_t>(x)];
    ++score.marks;
    if (static_cast<double>(under) >= 0.9 * static_cast<double>(letters.area())) ++score.found;
  }
  const auto known = tags::box_mask(near, image.width, image.height);
  std::int64_t stray = 0;
  for (std::size_t i = 0; i < mask.size(); ++i) stray += mask[i] != 0 && known[i] == 0 ? 1 : 0;
  score.stray = static_cast<double>(stray) / static_cast<double>(mask.size());
  score.free = item["boxes"].empty();
  score.alarm = score.free && stray > 0;
  return score;
}

}  // namespace

TEST_CASE("hand-boxed radiographs") {
  const auto folder = test::shared_folder_or_skip() / "data/radiographs";
  std::vector<Json> items;
  for (const auto& item : parse_json(read_text(folder / "labels.json"), "labels.json")) {
    if (item.value("view_ok", true) && !item.value("uncertain", false)) items.push_back(item);
  }
  REQUIRE(items.size() > 60);
  std::vector<Score> scores(items.size());
  parallel_for(items.size(), 0, [&](std::size_t i) { scores[i] = score_of(items[i], folder / "images"); });
  double marks = 0, found = 0, stray = 0, free = 0, alarms = 0;
  for (const Score& score : scores) {
    marks += score.marks;
    found += score.found;
    stray += score.stray / static_cast<double>(scores.size());
    free += score.free ? 1 : 0;
    alarms += score.alarm ? 1 : 0;
  }
  INFO("marks " << found << " of " << marks << ", false area " << stray << ", false images " << alarms
                << " of " << free);
  CHECK(found / marks >= 0.8);
  CHECK(stray <= 0.02);
  CHECK(alarms / free <= 0.6);
}
