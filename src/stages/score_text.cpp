#include "score_text.hpp"

#include <array>

#include "tagconf/base/number.hpp"
#include "tagconf/stats/inference.hpp"
#include "text_table.hpp"

namespace tagconf::stages {
namespace {

using tags::Count;

constexpr int kDecimals = 4;

std::array<std::pair<const char*, const Count*>, 4> shares_of(const tags::Scores& scores) {
  return {{{"mark_recall", &scores.mark_recall},
           {"other_recall", &scores.other_recall},
           {"image_recall", &scores.image_recall},
           {"false_images", &scores.false_images}}};
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json interval_json(const Count& count) {
  if (count.of == 0) return nullptr;
  const auto ci = stats::wilson(count.hits, count.of);
  return {ci.low, ci.high};
}

std::string fixed(const std::optional<double>& value) {
  return value ? format_fixed(*value, kDecimals) : "-";
}

std::vector<std::string> share_row(const std::string& name, const Count& count) {
  if (count.of == 0) return {name, "-", "", "none to count"};
  const auto ci = stats::wilson(count.hits, count.of);
  return {name, fixed(count.share()),
          format_fixed(ci.low, kDecimals) + " to " + format_fixed(ci.high, kDecimals),
          std::to_string(count.hits) + " of " + std::to_string(count.of)};
}

}  // namespace

Json score_json(const ScoreReport& report) {
  const tags::Scores& s = report.scores;
  Json out{{"images", s.images},
           {"left_out", report.left_out},
           {"unexamined", report.unexamined},
           {"unreadable", report.unreadable},
           {"marks", s.mark_recall.of + s.other_recall.of},
           {"false_area", number_or_null(s.false_area)},
           {"mean_iou", number_or_null(s.mean_iou)}};
  for (const auto& [name, count] : shares_of(s)) {
    out[name] = number_or_null(count->share());
    out["counts"][name] = {count->hits, count->of};
    out["intervals"][name] = interval_json(*count);
  }
  out["by"] = Json::object();
  for (const auto& [by, groups] : report.groups) {
    Json list = Json::array();
    for (const auto& group : groups) {
      list.push_back({{"name", group.name},
                      {"recall", number_or_null(group.covered.share())},
                      {"counts", {group.covered.hits, group.covered.of}},
                      {"interval", interval_json(group.covered)}});
    }
    out["by"][std::string(name_of(by))] = std::move(list);
  }
  return out;
}

std::string score_text(const ScoreReport& report) {
  const tags::Scores& s = report.scores;
  std::string out = std::to_string(s.images) + " images, " +
                    std::to_string(s.mark_recall.of + s.other_recall.of) + " reference marks";
  if (report.left_out > 0)
    out += "; " + std::to_string(report.left_out) + " images left out by the reference";
  if (report.unexamined > 0)
    out += "; " + std::to_string(report.unexamined) + " have no row in the tag table";
  if (report.unreadable > 0)
    out += "; " + std::to_string(report.unreadable) +
           " marks are unreadable by the reference, in the groups " + "counted under quality alone";
  std::vector<std::vector<std::string>> rows{{"", "value", "95 % interval", "count"}};
  rows.push_back(share_row("mark_recall", s.mark_recall));
  rows.push_back(share_row("other_recall", s.other_recall));
  rows.push_back(share_row("image_recall", s.image_recall));
  rows.push_back({"false_area", fixed(s.false_area)});
  rows.push_back(share_row("false_images", s.false_images));
  rows.push_back({"mean_iou", fixed(s.mean_iou)});
  out += "\n\n" + aligned(rows);
  for (const auto& [by, groups] : report.groups) {
    std::vector<std::vector<std::string>> table{
        {"recall by " + std::string(name_of(by)), "value", "95 % interval", "count"}};
    for (const auto& group : groups) table.push_back(share_row(group.name, group.covered));
    out += "\n" + aligned(table);
  }
  return out;
}

Json missed_json(const tags::Reference& reference, const std::vector<tags::ImageScore>& scores) {
  Json out = Json::array();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (const auto& score : scores[i].marks) {
      if (score.covered()) continue;
      const auto& mark = reference.images[i].marks[score.mark];
      out.push_back({{"id", reference.images[i].id},
                     {"box", {mark.core.x, mark.core.y, mark.core.w, mark.core.h}},
                     {"class", name_of(mark.tag.kind)},
                     {"text", mark.tag.text},
                     {"quality", mark.quality},
                     {"covered", score.share}});
    }
  }
  return out;
}

}  // namespace tagconf::stages
