#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "axes.hpp"
#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Cohort";
constexpr std::array kSplits{Split::train, Split::valid, Split::test, Split::none};

std::string split_title(Split split) {
  switch (split) {
    case Split::train:
      return "training";
    case Split::valid:
      return "validation";
    case Split::test:
      return "test";
    case Split::none:
      return "no split";
  }
  return "";
}

struct Tally {
  std::int64_t images = 0;
  std::int64_t normal = 0;
  std::int64_t abnormal = 0;
  std::set<std::string> patients;
  std::set<std::string> studies;

  void add(const Sample& s) {
    ++images;
    if (s.label) ++(*s.label == 1 ? abnormal : normal);
    if (!s.patient_id.empty()) patients.insert(s.patient_id);
    if (!s.study_id.empty()) studies.insert(s.study_id);
  }
};

// "1,204 images / 611 abnormal / 380 patients", one line each.
std::vector<std::string> tally_lines(const Tally& t) {
  std::vector<std::string> out{format_counted(t.images, "image", "images")};
  if (t.normal + t.abnormal > 0) {
    out.push_back(format_count(t.abnormal) + " abnormal, " + format_count(t.normal) + " normal");
  }
  if (!t.patients.empty()) {
    out.push_back(format_counted(static_cast<std::int64_t>(t.patients.size()), "patient", "patients"));
  }
  return out;
}

void draw_box(Svg& svg, Point corner, double width, const std::string& title,
              const std::vector<std::string>& lines) {
  const double height = 30 + 18 * static_cast<double>(lines.size());
  svg.rect(corner, width, height, "#f5f7f9");
  svg.line(corner, {corner.x, corner.y + height}, {"#0072B2", 3, ""});
  svg.text({corner.x + 12, corner.y + 20}, title, {Anchor::start, 13, axes::kInk, true});
  double y = corner.y + 39;
  for (const auto& line : lines) {
    svg.text({corner.x + 12, y}, line, {Anchor::start, 13, axes::kInk});
    y += 18;
  }
}

// From a to b, along one axis, with a head at b.
void draw_arrow(Svg& svg, Point a, Point b) {
  svg.line(a, b, {std::string(axes::kSoft), 1.3, ""});
  const std::array<Point, 3> head = a.y == b.y
                                        ? std::array<Point, 3>{b, {b.x - 7, b.y - 4}, {b.x - 7, b.y + 4}}
                                        : std::array<Point, 3>{b, {b.x - 4, b.y - 7}, {b.x + 4, b.y - 7}};
  svg.polygon(head, axes::kSoft, 1);
}

Html flow(const CohortFacts& facts, const Tally& all, const std::map<Split, Tally>& splits) {
  constexpr double kWidth = 760;
  constexpr double kBox = 236;
  const auto skipped = static_cast<std::int64_t>(facts.skipped.size());
  std::string description = format_count(all.images + skipped) + " images found, " + format_count(skipped) +
                            " left out, " + format_count(all.images) + " used.";
  for (const auto& [split, tally] : splits) {
    description += " " + split_title(split) + ": " + format_count(tally.images) + ".";
  }
  Svg svg("flow", kWidth, 228, "Flow of images through the study", description);
  draw_box(svg, {0, 4}, kBox, "found", {format_counted(all.images + skipped, "image", "images")});
  draw_arrow(svg, {kBox, 30}, {kBox + 24, 30});
  draw_box(svg, {kBox + 26, 4}, kBox, "left out",
           {facts.skipped_known ? format_counted(skipped, "image", "images") : "no list given"});
  draw_arrow(svg, {40, 52}, {40, 76});
  draw_box(svg, {0, 76}, kWidth, "used", {});
  std::string words;
  for (const auto& line : tally_lines(all)) words += (words.empty() ? "" : " \u00b7 ") + line;
  if (!all.studies.empty()) {
    words += " \u00b7 " + format_counted(static_cast<std::int64_t>(all.studies.size()), "study", "studies");
  }
  svg.text({60, 96}, words, {Anchor::start, 13, axes::kInk});
  double x = 0;
  for (const Split split : kSplits) {
    const auto it = splits.find(split);
    if (it == splits.end()) continue;
    draw_arrow(svg, {x + 40, 106}, {x + 40, 130});
    draw_box(svg, {x, 130}, kBox, split_title(split), tally_lines(it->second));
    x += kBox + 26;
    if (x + kBox > kWidth + 1) break;
  }
  return svg.finish();
}

Html part_table(const CohortFacts& facts, const std::map<Split, Tally>& splits) {
  std::map<std::string, std::map<Split, Tally>> parts;
  for (const auto& s : facts.samples) parts[s.body_part][s.split].add(s);
  Table t;
  t.caption = "Images by body part, split and label";
  t.columns = {{"Body part", false}};
  for (const Split split : kSplits) {
    if (splits.find(split) == splits.end()) continue;
    t.columns.push_back({split_title(split) + ", normal", true});
    t.columns.push_back({"abnormal", true});
  }
  t.columns.push_back({"all", true});
  const auto add_row = [&](const std::string& name, const std::map<Split, Tally>& tallies, bool total) {
    const auto words = [&](const std::string& text) { return total ? strong(text) : cell(text); };
    std::vector<Html> row{words(name)};
    std::int64_t sum = 0;
    for (const Split split : kSplits) {
      if (splits.find(split) == splits.end()) continue;
      const auto it = tallies.find(split);
      row.push_back(words(format_count(it == tallies.end() ? 0 : it->second.normal)));
      row.push_back(words(format_count(it == tallies.end() ? 0 : it->second.abnormal)));
      sum += it == tallies.end() ? 0 : it->second.images;
    }
    row.push_back(words(format_count(sum)));
    t.rows.push_back(std::move(row));
  };
  for (const auto& [part, tallies] : parts) add_row(part.empty() ? "not named" : part, tallies, false);
  if (parts.size() > 1) add_row("all", splits, true);
  return table(t);
}

// Patients who are in two splits at once: what was learnt of them helps in the test.
std::string leak_sentence(const std::map<Split, Tally>& splits) {
  const auto it_train = splits.find(Split::train);
  const auto it_test = splits.find(Split::test);
  if (it_train == splits.end() || it_test == splits.end() || it_test->second.patients.empty()) return "";
  const auto& train = it_train->second.patients;
  std::int64_t both = 0;
  for (const auto& p : it_test->second.patients) both += train.count(p) > 0 ? 1 : 0;
  if (both == 0) return "No patient is in both training and test images.";
  return format_counted(both, "patient is", "patients are") + " in both training and test images.";
}

Html skipped_table(const CohortFacts& facts, const Privacy& privacy) {
  std::map<std::string, std::vector<std::string>> reasons;
  for (const auto& s : facts.skipped) {
    reasons[privacy.message(s.reason, s.source)].push_back(privacy.name(s.source));
  }
  constexpr std::size_t kMost = 30;
  Table t;
  t.caption = "Images left out, by reason";
  t.columns = {{"Reason", false}, {"Images", true}, {"First ones", false}};
  std::vector<std::pair<std::string, std::vector<std::string>>> rows(reasons.begin(), reasons.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
  for (const auto& [reason, names] : rows) {
    if (t.rows.size() == kMost) break;
    std::string first;
    for (std::size_t i = 0; i < names.size() && i < 3; ++i) first += (i > 0 ? ", " : "") + names[i];
    t.rows.push_back(
        {cell(reason), cell(format_count(static_cast<std::int64_t>(names.size()))), code(first)});
  }
  Html out = table(t);
  if (rows.size() > kMost) {
    out += note(
        format_counted(static_cast<std::int64_t>(rows.size() - kMost), "further reason", "further reasons") +
        " not listed here: see skipped.csv.");
  }
  return out;
}

}  // namespace

Section cohort_section(const std::optional<CohortFacts>& facts, const Privacy& privacy) {
  if (!facts)
    return empty_section("cohort", kTitle,
                         "Not given: a manifest fills this section (--manifest manifest.csv).");
  Tally all;
  std::map<Split, Tally> splits;
  for (const auto& s : facts->samples) {
    all.add(s);
    splits[s.split].add(s);
  }
  Html body = figure(flow(*facts, all, splits), "From the images that were found to those in each split.");
  body += part_table(*facts, splits);
  const std::string leak = leak_sentence(splits);
  if (!leak.empty()) body += note(leak);
  if (!facts->skipped.empty()) {
    body += skipped_table(*facts, privacy);
  } else if (facts->skipped_known) {
    body += note("No image was left out.");
  }
  return {"cohort", kTitle, body};
}

}  // namespace tagconf::report
