#include "tagconf/report/choice.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <set>
#include <tuple>

#include "tagconf/base/rng.hpp"

namespace tagconf::report {
namespace {

// A place in an order that depends on seed and id alone, not on what else is in the cohort.
std::uint64_t ticket(std::uint64_t seed, const std::string& id) {
  Rng rng(seed, "report.choice", key_word(id));
  const std::uint64_t high = rng.next();
  return high << 32U | rng.next();
}

// Indices of one label in the order in which they are taken: tagged first, then by draw; patients already
// seen go behind all others.
std::vector<std::size_t> order_within(const std::vector<Candidate>& all, std::optional<int> label,
                                      std::uint64_t seed) {
  std::vector<std::tuple<bool, std::uint64_t, std::size_t>> keyed;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].label == label) keyed.emplace_back(!all[i].tagged, ticket(seed, all[i].id), i);
  }
  std::sort(keyed.begin(), keyed.end());
  std::vector<std::size_t> first;
  std::vector<std::size_t> repeats;
  std::set<std::string> patients;
  for (const auto& entry : keyed) {
    const std::size_t i = std::get<2>(entry);
    const bool is_new = all[i].patient.empty() || patients.insert(all[i].patient).second;
    (is_new ? first : repeats).push_back(i);
  }
  first.insert(first.end(), repeats.begin(), repeats.end());
  return first;
}

}  // namespace

std::vector<std::size_t> choose_examples(const std::vector<Candidate>& all, std::size_t count,
                                         std::uint64_t seed) {
  std::vector<std::vector<std::size_t>> groups{order_within(all, 0, seed), order_within(all, 1, seed),
                                               order_within(all, std::nullopt, seed)};
  std::vector<std::vector<std::size_t>> taken(groups.size());
  // Labels take turns; images without a label come in only when the others run out.
  std::size_t left = count;
  const auto take_in_turn = [&](std::size_t from, std::size_t to) {
    for (bool any = true; any && left > 0;) {
      any = false;
      for (std::size_t g = from; g < to && left > 0; ++g) {
        if (taken[g].size() == groups[g].size()) continue;
        taken[g].push_back(groups[g][taken[g].size()]);
        --left;
        any = true;
      }
    }
  };
  take_in_turn(0, 2);
  take_in_turn(2, 3);
  std::vector<std::size_t> out;
  for (const auto& group : taken) out.insert(out.end(), group.begin(), group.end());
  return out;
}

std::vector<CamChoice> choose_cams(const std::vector<CamCandidate>& all, std::size_t count,
                                   std::uint64_t seed) {
  std::vector<CamChoice> out;
  std::set<std::string> used;
  using Key = std::function<std::optional<double>(const CamCandidate&)>;
  // The `most` best by key, largest first.
  const auto take = [&](const char* why, std::size_t most, const Key& key) {
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto k = key(all[i]);
      if (k && std::isfinite(*k)) ranked.emplace_back(-*k, i);
    }
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    for (const auto& [k, i] : ranked) {
      if (most == 0 || out.size() == count) return;
      if (!used.insert(all[i].id).second) continue;
      out.push_back({i, why});
      --most;
    }
  };
  const std::size_t quarter = count / 4;
  take("most in tags", quarter, [](const auto& c) { return c.in_tag; });
  take("least in tags", quarter,
       [](const auto& c) { return c.in_tag ? std::optional(-*c.in_tag) : std::nullopt; });
  take("worst error", quarter, [](const auto& c) -> std::optional<double> {
    if (!c.probability || !c.label) return std::nullopt;
    const double off = std::abs(*c.probability - *c.label);
    return off > 0.5 ? std::optional(off) : std::nullopt;
  });
  take("drawn", count,
       [&](const auto& c) { return std::optional(static_cast<double>(ticket(seed, c.id) >> 11U)); });
  return out;
}

}  // namespace tagconf::report
