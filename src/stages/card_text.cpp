#include "card_text.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "tagconf/base/number.hpp"
#include "tagconf/report/text.hpp"
#include "text_table.hpp"

namespace tagconf::stages {
namespace {

using cohort::CardCount;
using cohort::CardRow;
using cohort::CardTable;

constexpr double kLevel = 0.01;
constexpr double kTrace = 0.1;
constexpr std::array<const char*, 3> kLabels{"normal", "abnormal", "unlabelled"};

std::string title_of(CardTable table) {
  switch (table) {
    case CardTable::all:
      return "";
    case CardTable::body_part:
      return "body part";
    case CardTable::size:
      return "long side, px";
    case CardTable::bits:
      return "bits a pixel";
    case CardTable::scaling:
      return "how grey values came about";
    case CardTable::tag:
      return "tag found";
  }
  return "";
}

std::vector<CardRow> rows_of(const cohort::Card& card, CardTable table) {
  std::vector<CardRow> out;
  std::copy_if(card.rows.begin(), card.rows.end(), std::back_inserter(out),
               [&](const CardRow& row) { return row.table == table; });
  return out;
}

std::size_t of_split(const CardRow& row, Split split) {
  std::size_t out = 0;
  for (const CardCount& count : row.counts[static_cast<std::size_t>(split)]) out += count.images;
  return out;
}

Json number_or_null(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json row_json(const CardRow& row) {
  Json out{{"value", row.value},
           {"images", row.total.images},
           {"patients", row.total.patients},
           {"studies", row.total.studies}};
  for (const auto& [split, name] : EnumNames<Split>::kNames) {
    if (of_split(row, split) == 0) continue;
    Json& cells = out["by_split"][split == Split::none ? "none" : std::string(name)];
    for (std::size_t label = 0; label < kLabels.size(); ++label)
      cells[kLabels[label]] = row.counts[static_cast<std::size_t>(split)][label].images;
  }
  return out;
}

Json spread_json(const cohort::Spread& spread) {
  return {spread.least, spread.middle, spread.greatest};
}

std::string spread_text(const cohort::Spread& spread) {
  return std::to_string(spread.least) + " to " + std::to_string(spread.greatest) + " (middle " +
         std::to_string(spread.middle) + ")";
}

std::string abnormal_share(const CardRow& row) {
  const std::size_t abnormal = row.of_label(1);
  const std::size_t labelled = abnormal + row.of_label(0);
  if (labelled == 0) return "-";
  return format_fixed(100.0 * static_cast<double>(abnormal) / static_cast<double>(labelled), 1) + " %";
}

std::vector<std::string> text_row(const CardRow& row) {
  return {row.value,
          std::to_string(row.total.images),
          std::to_string(row.total.patients),
          std::to_string(row.total.studies),
          std::to_string(row.of_label(0)),
          std::to_string(row.of_label(1)),
          abnormal_share(row),
          std::to_string(of_split(row, Split::train)),
          std::to_string(of_split(row, Split::valid)),
          std::to_string(of_split(row, Split::test))};
}

std::string table_text(const cohort::Card& card, CardTable table) {
  std::vector<std::vector<std::string>> lines{{title_of(table), "images", "patients", "studies", "normal",
                                               "abnormal", "share", "train", "valid", "test"}};
  for (const CardRow& row : rows_of(card, table)) lines.push_back(text_row(row));
  return aligned(lines);
}

// How each split's tagged images divide by label: shares of the examined images.
std::string tag_shares_text(const cohort::Card& card) {
  const auto rows = rows_of(card, CardTable::tag);
  const auto images = [&](const std::string& value, std::size_t split, std::size_t label) {
    for (const CardRow& row : rows) {
      if (row.value == value) return row.counts[split][label].images;
    }
    return std::size_t{0};
  };
  std::vector<std::vector<std::string>> lines{{"share with a tag", "normal", "abnormal"}};
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    std::vector<std::string> line{std::string(name_of(split))};
    for (const std::size_t label : {0U, 1U}) {
      const auto s = static_cast<std::size_t>(split);
      const std::size_t with = images("tag", s, label);
      const std::size_t examined = with + images("no tag", s, label);
      line.push_back(
          examined == 0 ? "-"
                        : format_fixed(100.0 * static_cast<double>(with) / static_cast<double>(examined), 1) +
                              " % of " + std::to_string(examined));
    }
    lines.push_back(std::move(line));
  }
  return aligned(lines);
}

std::string association_text(const std::vector<LabelAssociation>& associations) {
  std::vector<std::vector<std::string>> lines{{"against the label", "chi2", "df", "p", "Cramer's V", ""}};
  for (const auto& [table, test] : associations) {
    const bool look = LabelAssociation{table, test}.suspicious();
    lines.push_back({title_of(table), test.chi2 ? format_fixed(*test.chi2, 2) : "-", std::to_string(test.df),
                     test.p ? report::format_p(test.p) : "-",
                     test.cramers_v ? format_fixed(*test.cramers_v, 3) : "-",
                     look                ? "goes with the label"
                     : test.small_counts ? "counts too small for a test"
                                         : ""});
  }
  return aligned(lines);
}

}  // namespace

bool LabelAssociation::suspicious() const {
  return test.p && *test.p < kLevel && test.cramers_v && *test.cramers_v >= kTrace;
}

CardReport make_card_report(cohort::Card card) {
  CardReport out{std::move(card), {}};
  for (const auto& [table, name] : EnumNames<CardTable>::kNames) {
    std::vector<std::size_t> counts;
    for (const CardRow& row : rows_of(out.card, table)) {
      if (table == CardTable::tag && row.value == "not examined") continue;
      counts.push_back(row.of_label(0));
      counts.push_back(row.of_label(1));
    }
    const auto test = stats::test_independence(counts, 2);
    if (test.df > 0) out.associations.push_back({table, test});
  }
  return out;
}

Json card_json(const CardReport& report) {
  Json out{{"tables", Json::object()}, {"sizes", Json::array()}, {"associations", Json::array()}};
  for (const CardRow& row : report.card.rows)
    out["tables"][std::string(name_of(row.table))].push_back(row_json(row));
  for (const auto& size : report.card.sizes) {
    out["sizes"].push_back({{"label", kLabels[size.label]},
                            {"images", size.images},
                            {"width", spread_json(size.width)},
                            {"height", spread_json(size.height)}});
  }
  for (const auto& association : report.associations) {
    const auto& test = association.test;
    Json entry{{"table", name_of(association.table)}, {"df", test.df},
               {"chi2", number_or_null(test.chi2)},   {"cramers_v", number_or_null(test.cramers_v)},
               {"p", number_or_null(test.p)},         {"suspicious", association.suspicious()}};
    if (test.small_counts) entry["not_estimable"] = "small_expected_counts";
    out["associations"].push_back(std::move(entry));
  }
  return out;
}

std::string card_text(const CardReport& report) {
  std::string out = table_text(report.card, CardTable::all);
  for (const auto& size : report.card.sizes) {
    out += std::string(kLabels[size.label]) + ": width " + spread_text(size.width) + ", height " +
           spread_text(size.height) + "\n";
  }
  bool tags = false;
  for (const auto& [table, name] : EnumNames<CardTable>::kNames) {
    if (table == CardTable::all || rows_of(report.card, table).empty()) continue;
    out += "\n" + table_text(report.card, table);
    tags = tags || table == CardTable::tag;
  }
  if (tags) out += "\n" + tag_shares_text(report.card);
  if (!report.associations.empty()) {
    out += "\n" + association_text(report.associations) +
           "images taken as independent: with several images a patient p is too small\n";
  }
  return out;
}

}  // namespace tagconf::stages
