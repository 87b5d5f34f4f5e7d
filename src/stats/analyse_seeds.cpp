// AUC and differences over the seeds of training.
#include <algorithm>
#include <cmath>
#include <map>

#include "prepared.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::stats {
namespace {

// The seeds of one model: seed -> index into EvaluationSet::seeds.
using SeedsOf = std::map<std::uint64_t, std::size_t>;

void spread(SeedSpread& out) {
  if (out.values.size() < 2) {
    out.reason = Reason::one_seed;
    return;
  }
  double sum = 0.0;
  out.low = out.high = out.values.front().second;
  for (const auto& [seed, value] : out.values) {
    sum += value;
    out.low = std::min(*out.low, value);
    out.high = std::max(*out.high, value);
  }
  out.mean = sum / static_cast<double>(out.values.size());
  double squares = 0.0;
  for (const auto& [seed, value] : out.values) squares += (value - *out.mean) * (value - *out.mean);
  out.sd = std::sqrt(squares / static_cast<double>(out.values.size() - 1));
}

// Replicates of one seed's quantity: its AUC, or its AUC minus that of the matched seed.
struct SeedDraws {
  const std::vector<double>* auc;
  const std::vector<double>* minus = nullptr;

  [[nodiscard]] double operator[](std::size_t replicate) const {
    return (*auc)[replicate] - (minus == nullptr ? 0.0 : (*minus)[replicate]);
  }
};

// The draw of the seeds is a function of (seed, replicate) alone, and shared by all quantities with as many
// seeds.
std::vector<double> mean_over_drawn_seeds(const std::vector<SeedDraws>& of_seed, std::uint64_t seed) {
  std::vector<double> out(of_seed.front().auc->size());
  for (std::size_t replicate = 0; replicate < out.size(); ++replicate) {
    Rng rng(seed, "bootstrap/seeds", replicate);
    double sum = 0.0;
    for (std::size_t i = 0; i < of_seed.size(); ++i) sum += of_seed[rng.below(of_seed.size())][replicate];
    out[replicate] = sum / static_cast<double>(of_seed.size());
  }
  return out;
}

}  // namespace

std::vector<SeedSpread> analyse_seeds(const Prepared& data, const AnalysisPlan& plan,
                                      const std::vector<Comparison>& comparisons) {
  const EvaluationSet& set = data.set();
  std::vector<SeedSpread> out;
  if (set.seeds.empty() || !data.two_classes()) return out;
  std::vector<SeedsOf> of_model(set.models.size());
  std::vector<Ranking> rankings;
  std::vector<double> values;
  for (const SeedScores& s : set.seeds) {
    of_model[s.model][s.seed] = rankings.size();
    rankings.push_back(rank_scores(s.scores.score));
    values.push_back(auc(place(rankings.back(), set.labels), set.labels));
  }
  const bool several =
      std::any_of(of_model.begin(), of_model.end(), [](const SeedsOf& seeds) { return seeds.size() > 1; });
  BootstrapPlan bootstrap;
  BootstrapDraws draws;
  if (several && plan.replicates > 0) {
    bootstrap = bootstrap_plan(data, plan);
    draws = bootstrap_auc(rankings, data.labels(), data.clusters(), bootstrap);
  }
  const auto add = [&](SeedSpread entry, const std::vector<SeedDraws>& of_seed) {
    spread(entry);
    if (of_seed.size() > 1)
      entry.two_way = {summarise(mean_over_drawn_seeds(of_seed, plan.seed)), draws.discarded,
                       bootstrap.resampling};
    out.push_back(std::move(entry));
  };
  const auto drawn = [&](std::size_t index) { return draws.auc.empty() ? nullptr : &draws.auc[index]; };
  for (std::size_t model = 0; model < of_model.size(); ++model) {
    SeedSpread entry;
    entry.a = model;
    std::vector<SeedDraws> of_seed;
    for (const auto& [seed, index] : of_model[model]) {
      entry.values.emplace_back(seed, values[index]);
      if (drawn(index) != nullptr) of_seed.push_back({drawn(index)});
    }
    if (!entry.values.empty()) add(std::move(entry), of_seed);
  }
  for (const Comparison& c : comparisons) {
    SeedSpread entry;
    entry.a = c.pair.a;
    entry.b = c.pair.b;
    std::vector<SeedDraws> of_seed;
    for (const auto& [seed, index] : of_model[c.pair.a]) {
      const auto other = of_model[c.pair.b].find(seed);
      if (other == of_model[c.pair.b].end()) continue;
      entry.values.emplace_back(seed, values[index] - values[other->second]);
      if (drawn(index) != nullptr) of_seed.push_back({drawn(index), drawn(other->second)});
    }
    if (!entry.values.empty()) add(std::move(entry), of_seed);
  }
  return out;
}

}  // namespace tagconf::stats
