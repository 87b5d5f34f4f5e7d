#include "section_parts.hpp"
#include "tagconf/report/sections.hpp"

namespace tagconf::report {
namespace {

constexpr const char* kTitle = "Where the models look (Grad-CAM)";

IntervalRow percent_row(const MeanEstimate& e, const std::string& label, const LineStyle& style,
                        bool filled) {
  IntervalRow row;
  row.label = label;
  if (e.mean) row.value = *e.mean * 100;
  if (e.ci) row.ci = Interval{e.ci->low * 100, e.ci->high * 100};
  row.style = style;
  row.filled = filled;
  row.text = e.mean ? format_value(*e.mean * 100, 1) + " %" : not_estimable("no tagged images");
  if (e.ci) row.text += " (" + format_interval(*row.ci, 1) + ")";
  return row;
}

Html energy_plot(const std::vector<CamSummary>& models) {
  IntervalPlot plot;
  plot.words = {"in-tag", "Share of Grad-CAM energy inside tags against chance", ""};
  plot.axis = "share of the map's energy inside tags, %";
  plot.text_title = "mean (95 % CI)";
  plot.decimals = 0;
  for (std::size_t i = 0; i < models.size(); ++i) {
    const CamSummary& m = models[i];
    const LineStyle own = style_of(m.name, i);
    const LineStyle grey{"#59636e", "", Marker::circle};
    IntervalGroup group{
        spoken(m.name) + ", " +
            format_counted(static_cast<std::int64_t>(m.in_tag.n), "tagged image", "tagged images"),
        {percent_row(m.in_tag, "in tags", own, true),
         percent_row(m.null_mean, "by chance placement", grey, false),
         percent_row(m.area_share, "area of the tags", {"#59636e", "", Marker::diamond}, false)}};
    for (const auto& row : group.rows)
      plot.words.description += group.title + ", " + row.label + " " + row.text + ". ";
    plot.groups.push_back(std::move(group));
  }
  return figure(interval_plot(plot),
                "Mean over images with tags. Chance placement: the same boxes laid elsewhere on the image. "
                "Intervals: images "
                "taken as independent.");
}

Html energy_table(const std::vector<CamSummary>& models) {
  Table t;
  t.caption = "Energy inside tags against its null";
  t.columns = {{"Model", false},
               {"Maps", true},
               {"Empty", true},
               {"With tags", true},
               {"In tags minus null, points (95 % CI)", true},
               {"Maps with p < 0.05", true}};
  for (const auto& m : models) {
    std::string excess = not_estimable("no null");
    if (m.excess.mean) {
      excess = format_signed(*m.excess.mean * 100, 1);
      if (m.excess.ci)
        excess += " (" + format_signed_interval({m.excess.ci->low * 100, m.excess.ci->high * 100}, 1) + ")";
    }
    t.rows.push_back({cell(spoken(m.name)), cell(format_count(static_cast<std::int64_t>(m.maps))),
                      cell(format_count(static_cast<std::int64_t>(m.empty))),
                      cell(format_count(static_cast<std::int64_t>(m.in_tag.n))), cell(excess),
                      cell(m.with_p > 0 ? format_share({m.small_p, m.with_p}) : "\u2013")});
  }
  return table(t);
}

Html distribution(const std::vector<CamSummary>& models) {
  Histogram h;
  h.words = {"in-tag-distribution", "Distribution of the share of energy inside tags",
             "One outline per model."};
  h.x_axis = "share of energy inside tags";
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (models[i].in_tag_values.size() < 2) continue;
    h.series.emplace_back(style_of(models[i].name, i), models[i].in_tag_values);
    h.labels.push_back(spoken(models[i].name));
  }
  return h.series.empty() ? Html{}
                          : figure(histogram_plot(h), "Images by the share of energy inside their tags.");
}

}  // namespace

Section cam_section(const std::optional<CamFacts>& facts) {
  if (!facts || facts->models.empty()) {
    return empty_section(
        "cams", kTitle,
        "Not given: the output folders of gradcam fill this section (--cams covered=FOLDER).");
  }
  Html body = energy_plot(facts->models) + energy_table(facts->models) + distribution(facts->models);
  if (!facts->gallery.empty()) {
    for (const auto& model : facts->gallery) {
      if (model.pictures.empty()) continue;
      body += heading("Maps of the model: " + spoken(model.arm));
      body += gallery(model.pictures, 6);
    }
    body += note(
        "Chosen by rule: the most and the least energy in tags, the worst errors, and by the seed. Each map "
        "is "
        "scaled by its own largest value; the grey picture is not. Per cent: energy in tags.");
  } else if (facts->pixels_left_out) {
    body += note("Pictures are left out of this copy.");
  } else if (facts->no_images) {
    body += note("Maps are drawn when the images are given too (--manifest manifest.csv).");
  }
  body += limits(
      "A map shows where evidence for the class lies in the last feature layer, at its coarse resolution; it "
      "is "
      "no proof that a region caused the answer.");
  return {"cams", kTitle, body};
}

}  // namespace tagconf::report
