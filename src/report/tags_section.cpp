#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Tags";

std::string count_words(std::size_t n) {
  return format_count(static_cast<std::int64_t>(n));
}

Html kinds_plot(const TagSummary& s) {
  std::vector<Bar> bars;
  std::string description;
  for (const auto& [kind, boxes] : s.by_kind) {
    bars.push_back({spoken(kind), static_cast<double>(boxes), count_words(boxes), "#0072B2"});
    description += spoken(kind) + " " + count_words(boxes) + ". ";
  }
  return figure(bar_plot({"kinds", "Tag boxes by kind", description}, bars), "Tag boxes by kind.");
}

IntervalRow share_row(const Share& share, const std::string& label, const LineStyle& style) {
  IntervalRow row;
  row.label = label;
  if (const auto v = share.value()) row.value = *v * 100;
  if (const auto ci = share.ci()) row.ci = Interval{ci->low * 100, ci->high * 100};
  row.style = style;
  row.text = format_share(share);
  return row;
}

Html share_plot(const TagSummary& s) {
  IntervalPlot plot;
  plot.words.id = "tagged-share";
  plot.words.title = "Share of images with a tag, by label";
  const LineStyle normal{"#56B4E9", "", Marker::circle};
  const LineStyle abnormal{"#D55E00", "", Marker::square};
  std::vector<LabelShares> groups{s.overall};
  groups.insert(groups.end(), s.by_split.begin(), s.by_split.end());
  for (const auto& g : groups) {
    plot.groups.push_back(
        {g.name, {share_row(g.normal, "normal", normal), share_row(g.abnormal, "abnormal", abnormal)}});
    plot.words.description +=
        g.name + ": normal " + format_share(g.normal) + ", abnormal " + format_share(g.abnormal) + ". ";
  }
  plot.axis = "images with a tag, %";
  plot.text_title = "share (images)";
  plot.decimals = 0;
  return figure(interval_plot(plot),
                "Share of images with at least one tag and 95 % interval (Wilson), images taken as "
                "independent. A share that differs by label is something a model can learn.");
}

std::vector<Html> share_cells(const LabelShares& v) {
  return {cell(format_share(v.normal)), cell(format_share(v.abnormal)),
          cell(format_points(difference(v.abnormal, v.normal)))};
}

Html attribute_table(const TagSummary& s) {
  Table t;
  t.caption = "What the tags look like, by label";
  t.columns = {{"Tags", false},
               {"Value", false},
               {"Normal images", true},
               {"Abnormal images", true},
               {"Difference, points (95 % CI)", true}};
  for (const auto& attribute : s.attributes) {
    bool first = true;
    for (const auto& value : attribute.values) {
      std::vector<Html> row{cell(first ? attribute.title : ""), cell(spoken(value.name))};
      for (auto& c : share_cells(value)) row.push_back(std::move(c));
      t.rows.push_back(std::move(row));
      first = false;
    }
  }
  return table(t);
}

Html part_table(const TagSummary& s) {
  Table t;
  t.caption = "Images with a tag, by body part and label";
  t.columns = {
      {"Body part", false}, {"Normal", true}, {"Abnormal", true}, {"Difference, points (95 % CI)", true}};
  for (const auto& part : s.by_part) {
    std::vector<Html> row{cell(part.name)};
    for (auto& c : share_cells(part)) row.push_back(std::move(c));
    t.rows.push_back(std::move(row));
  }
  return table(t);
}

Html match_part(const TagMatch& match) {
  Table t;
  t.caption = "Boxes against truth";
  t.columns = {{"", false}, {"Share", true}, {"95 % CI", true}};
  const auto add = [&](const char* name, const Share& share) {
    const auto ci = share.ci();
    t.rows.push_back(
        {cell(name), cell(format_share(share)),
         cell(ci ? format_percent(ci->low) + " to " + format_percent(ci->high) : not_estimable("no boxes"))});
  };
  add("recall: true tags found", match.recall);
  add("precision: found boxes that are tags", match.precision);
  add("images with tags in which all were found", match.complete);
  add("images without tags in which none was found", match.quiet);
  return table(t) +
         note(
             "A true tag is found when a box meets it with an intersection over union of at least 0.5, or "
             "when the boxes together cover at least 90 % of it.");
}

}  // namespace

Section tags_section(const std::optional<TagFacts>& facts) {
  if (!facts) {
    return empty_section(
        "tags", kTitle, "Not given: a manifest and the boxes of detect fill this section (--tags tags.csv).");
  }
  const TagSummary& s = facts->summary;
  Html body =
      paragraph(count_words(s.tagged) + " of " +
                format_counted(static_cast<std::int64_t>(s.examined), "examined image", "examined images") +
                " carry at least one tag; " +
                format_counted(static_cast<std::int64_t>(s.boxes), "box", "boxes") + " in all.");
  if (s.examined == 0) return {"tags", kTitle, body};
  if (!s.by_kind.empty()) body += kinds_plot(s);
  body += share_plot(s);
  if (!s.by_part.empty()) body += part_table(s);
  if (!s.attributes.empty()) {
    body += attribute_table(s);
    body += note(
        "Share of images with at least one tag of that value; values that were not determined count in none. "
        "Differences: abnormal minus normal, percentage points, Newcombe\u2019s interval, images taken as "
        "independent.");
  }
  if (facts->match) body += match_part(*facts->match);
  if (!facts->examples.empty()) {
    body += heading("Examples");
    body += gallery(facts->examples, 6);
    body +=
        note(facts->match
                 ? "Found boxes in blue, true tags that were missed in orange. At most half of the images "
                   "are chosen for missed tags."
                 : "Found boxes in blue, those with a score below 0.7 in orange; images with doubtful tags "
                   "first.");
  } else if (facts->pixels_left_out) {
    body += note("Pictures are left out of this copy.");
  }
  return {"tags", kTitle, body};
}

}  // namespace tagconf::report
