#include "tagconf/report/tag_summary.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace tagconf::report {
namespace {

void count(LabelShares& shares, const Sample& sample, bool has) {
  if (!sample.label) return;
  Share& share = *sample.label == 1 ? shares.abnormal : shares.normal;
  ++share.of;
  if (has) ++share.count;
}

// The words that a box has for one attribute; none when it was not determined.
using Reader = std::function<std::string(const TagBox&, const TaggedImage&)>;

AttributeShares shares_of(std::string title, std::span<const TaggedImage> images, const Reader& read) {
  std::set<std::string> values;
  for (const auto& image : images) {
    for (const auto& box : image.boxes) values.insert(read(box, image));
  }
  values.erase("");
  AttributeShares out{std::move(title), {}};
  for (const auto& value : values) {
    LabelShares shares{value, {}, {}};
    for (const auto& image : images) {
      const bool has = std::any_of(image.boxes.begin(), image.boxes.end(),
                                   [&](const TagBox& box) { return read(box, image) == value; });
      count(shares, image.sample, has);
    }
    out.values.push_back(std::move(shares));
  }
  return out;
}

std::string yes_no(const std::optional<bool>& flag, const char* yes, const char* no) {
  return flag ? (*flag ? yes : no) : "";
}

// Letters other than L and R are too many to list one by one.
std::string letter_group(const TagBox& box) {
  if (box.letter.empty()) return "";
  return box.letter == "L" || box.letter == "R" ? box.letter : "other";
}

std::vector<LabelShares> grouped(std::span<const TaggedImage> images,
                                 const std::function<std::string(const Sample&)>& group) {
  std::map<std::string, LabelShares> groups;
  for (const auto& image : images) {
    const std::string name = group(image.sample);
    if (name.empty()) continue;
    auto& shares = groups[name];
    shares.name = name;
    count(shares, image.sample, !image.boxes.empty());
  }
  std::vector<LabelShares> out;
  for (auto& entry : groups) out.push_back(std::move(entry.second));
  return out;
}

bool meets(const Rect& truth, const Rect& found) {
  return iou(truth, found) >= 0.5;
}

bool covers(const Rect& truth, std::int64_t covered) {
  return !truth.empty() && static_cast<double>(covered) >= 0.9 * static_cast<double>(truth.area());
}

// Pixels of `truth` that lie under any of the boxes.
std::int64_t covered_area(const Rect& truth, std::span<const Rect> boxes) {
  std::int64_t covered = 0;
  std::vector<std::pair<int, int>> spans;
  for (int y = truth.y; y < truth.bottom(); ++y) {
    spans.clear();
    for (const auto& box : boxes) {
      const Rect part = intersect(truth, box);
      if (!part.empty() && y >= part.y && y < part.bottom()) spans.emplace_back(part.x, part.right());
    }
    std::sort(spans.begin(), spans.end());
    int until = truth.x;
    for (const auto& [from, to] : spans) {
      covered += std::max(0, to - std::max(from, until));
      until = std::max(until, to);
    }
  }
  return covered;
}

}  // namespace

TagSummary summarize_tags(std::span<const TaggedImage> images) {
  TagSummary out;
  out.overall.name = "all images";
  std::map<TagKind, std::size_t> kinds;
  for (const auto& image : images) {
    ++out.examined;
    out.tagged += image.boxes.empty() ? 0 : 1;
    out.boxes += image.boxes.size();
    for (const auto& box : image.boxes) ++kinds[box.kind];
    count(out.overall, image.sample, !image.boxes.empty());
  }
  for (const auto& [kind, boxes] : kinds) out.by_kind.emplace_back(name_of(kind), boxes);
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    LabelShares shares{std::string(name_of(split)), {}, {}};
    for (const auto& image : images) {
      if (image.sample.split == split) count(shares, image.sample, !image.boxes.empty());
    }
    if (shares.normal.of + shares.abnormal.of > 0) out.by_split.push_back(shares);
  }
  out.by_part = grouped(images, [](const Sample& s) { return s.body_part; });
  const std::vector<std::pair<const char*, Reader>> readers{
      {"kind", [](const TagBox& b, const TaggedImage&) { return std::string(name_of(b.kind)); }},
      {"letter", [](const TagBox& b, const TaggedImage&) { return letter_group(b); }},
      {"position",
       [](const TagBox& b, const TaggedImage& i) { return position_cell(b.box, i.width, i.height); }},
      {"ink", [](const TagBox& b, const TaggedImage&) { return b.polarity; }},
      {"plate",
       [](const TagBox& b, const TaggedImage&) { return yes_no(b.plate, "on a plate", "no plate"); }},
      {"ring", [](const TagBox& b, const TaggedImage&) { return yes_no(b.ring, "in a ring", "no ring"); }},
      {"mirrored",
       [](const TagBox& b, const TaggedImage&) { return yes_no(b.mirrored, "mirrored", "upright"); }}};
  for (const auto& [title, read] : readers) {
    auto shares = shares_of(title, images, read);
    if (!shares.values.empty()) out.attributes.push_back(std::move(shares));
  }
  return out;
}

std::string position_cell(const Rect& box, int width, int height) {
  if (width <= 0 || height <= 0) return "";
  const auto third = [](int twice_centre, int size) {
    return std::clamp(static_cast<int>(std::int64_t{3} * twice_centre / (std::int64_t{2} * size)), 0, 2);
  };
  const int row = third(2 * box.y + box.h, height);
  const int column = third(2 * box.x + box.w, width);
  if (row == 1 && column == 1) return "centre";
  const char* rows[] = {"top", "middle", "bottom"};
  const char* columns[] = {"left", "centre", "right"};
  return std::string(rows[row]) + " " + columns[column];
}

bool is_found(const Rect& truth, std::span<const Rect> found) {
  return std::any_of(found.begin(), found.end(), [&](const Rect& f) { return meets(truth, f); }) ||
         covers(truth, covered_area(truth, found));
}

TagMatch match_tags(std::span<const MatchedImage> images) {
  TagMatch out;
  for (const auto& image : images) {
    bool all_found = true;
    for (const auto& truth : image.truth) {
      const bool hit = is_found(truth, image.found);
      ++out.recall.of;
      out.recall.count += hit ? 1 : 0;
      all_found = all_found && hit;
    }
    for (const auto& found : image.found) {
      ++out.precision.of;
      const bool right = std::any_of(image.truth.begin(), image.truth.end(), [&](const Rect& t) {
        return meets(t, found) || covers(t, intersect(t, found).area());
      });
      out.precision.count += right ? 1 : 0;
    }
    Share& share = image.truth.empty() ? out.quiet : out.complete;
    ++share.of;
    share.count += (image.truth.empty() ? image.found.empty() : all_found) ? 1 : 0;
  }
  return out;
}

}  // namespace tagconf::report
