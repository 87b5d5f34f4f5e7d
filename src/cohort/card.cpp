#include "tagconf/cohort/card.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/names.hpp"

namespace tagconf::cohort {
namespace {

constexpr std::size_t kNoLabel = 2;

std::size_t label_index(const Sample& sample) {
  return sample.label ? static_cast<std::size_t>(*sample.label) : kNoLabel;
}

// Where the value stands in its table, and its name.
using Value = std::pair<int, std::string>;

Value size_value(const ManifestRow& row) {
  constexpr std::array<std::pair<int, const char*>, 4> kClasses{
      {{512, "below 512"}, {1024, "512 to 1023"}, {2048, "1024 to 2047"}, {1 << 30, "2048 and more"}}};
  const int side = std::max(row.width, row.height);
  if (side <= 0) return {static_cast<int>(kClasses.size()), "unknown"};
  int place = 0;
  for (const auto& [end, name] : kClasses) {
    if (side < end) return {place, name};
    ++place;
  }
  return {place - 1, kClasses.back().second};
}

Value word_value(const std::string& word) {
  return {0, word.empty() ? "none" : word};
}

Value tag_value(const std::optional<bool>& tagged) {
  if (!tagged) return {2, "not examined"};
  return *tagged ? Value{0, "tag"} : Value{1, "no tag"};
}

class Counter {
 public:
  void add(const Sample& sample) {
    ++images_;
    if (!sample.patient_id.empty()) patients_.insert(sample.patient_id);
    // Tables may number the studies of each patient anew.
    if (!sample.study_id.empty()) studies_.insert({sample.patient_id, sample.study_id});
  }
  [[nodiscard]] CardCount count() const { return {images_, patients_.size(), studies_.size()}; }

 private:
  std::size_t images_ = 0;
  std::set<std::string> patients_;
  std::set<std::pair<std::string, std::string>> studies_;
};

struct RowCounter {
  Counter total;
  std::array<std::array<Counter, 3>, 4> cells;

  void add(const Sample& sample) {
    total.add(sample);
    cells[static_cast<std::size_t>(sample.split)][label_index(sample)].add(sample);
  }
};

template <class ValueOf>
void add_table(CardTable table, std::span<const ManifestRow> rows, ValueOf&& value_of,
               std::vector<CardRow>& out) {
  std::map<Value, RowCounter> counters;
  for (std::size_t i = 0; i < rows.size(); ++i) counters[value_of(i)].add(rows[i].sample);
  for (const auto& [value, counter] : counters) {
    CardRow row{table, value.second, counter.total.count(), {}};
    for (std::size_t split = 0; split < row.counts.size(); ++split) {
      for (std::size_t label = 0; label < row.counts[split].size(); ++label)
        row.counts[split][label] = counter.cells[split][label].count();
    }
    out.push_back(std::move(row));
  }
}

Spread spread_of(std::vector<int> values) {
  std::sort(values.begin(), values.end());
  return {values.front(), values[(values.size() - 1) / 2], values.back()};
}

std::vector<SizeRange> size_ranges(std::span<const ManifestRow> rows) {
  std::array<std::pair<std::vector<int>, std::vector<int>>, 3> sides;
  for (const auto& row : rows) {
    if (row.width <= 0 || row.height <= 0) continue;
    auto& [widths, heights] = sides[label_index(row.sample)];
    widths.push_back(row.width);
    heights.push_back(row.height);
  }
  std::vector<SizeRange> out;
  for (std::size_t label = 0; label < sides.size(); ++label) {
    const auto& [widths, heights] = sides[label];
    if (!widths.empty()) out.push_back({label, widths.size(), spread_of(widths), spread_of(heights)});
  }
  return out;
}

}  // namespace

std::size_t CardRow::of_label(std::size_t label) const {
  std::size_t out = 0;
  for (const auto& split : counts) out += split[label].images;
  return out;
}

Card make_card(std::span<const ManifestRow> rows, std::span<const std::optional<bool>> tagged) {
  Card card;
  const auto add = [&](CardTable table, auto value_of) { add_table(table, rows, value_of, card.rows); };
  add(CardTable::all, [](std::size_t) { return Value{0, "all"}; });
  add(CardTable::body_part, [&](std::size_t i) { return word_value(rows[i].sample.body_part); });
  add(CardTable::size, [&](std::size_t i) { return size_value(rows[i]); });
  add(CardTable::bits, [&](std::size_t i) { return Value{rows[i].bits, std::to_string(rows[i].bits)}; });
  add(CardTable::scaling, [&](std::size_t i) { return word_value(rows[i].scaling); });
  if (!tagged.empty()) add(CardTable::tag, [&](std::size_t i) { return tag_value(tagged[i]); });
  card.sizes = size_ranges(rows);
  return card;
}

std::string card_csv(const Card& card) {
  constexpr std::array<const char*, 3> kLabels{"0", "1", ""};
  CsvWriter csv({"table", "value", "split", "label", "images", "patients", "studies"});
  for (const auto& row : card.rows) {
    for (const auto& [split, name] : EnumNames<Split>::kNames) {
      for (std::size_t label = 0; label < kLabels.size(); ++label) {
        const CardCount& count = row.counts[static_cast<std::size_t>(split)][label];
        if (count.images == 0) continue;
        csv.row({std::string(name_of(row.table)), row.value, std::string(name), kLabels[label],
                 std::to_string(count.images), std::to_string(count.patients),
                 std::to_string(count.studies)});
      }
    }
  }
  return csv.text();
}

}  // namespace tagconf::cohort
