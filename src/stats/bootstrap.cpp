#include "tagconf/stats/bootstrap.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "tagconf/base/error.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/base/rng.hpp"

namespace tagconf::stats {
namespace {

constexpr std::size_t kReplicatesATask = 16;

// One step down a model's ranking: row, label and whether a run of equal scores ends here, packed for the
// inner loop.
struct Step {
  std::uint32_t row;
  std::uint16_t positive;
  std::uint16_t ends_run;
};

std::vector<Step> steps_of(const Ranking& ranking, const Labels& labels) {
  std::vector<Step> steps(ranking.order.size());
  for (std::size_t i = 0; i < steps.size(); ++i)
    steps[i] = {ranking.order[i], static_cast<std::uint16_t>(labels.positive(ranking.order[i]) ? 1 : 0), 0};
  for (const std::uint32_t end : ranking.run_end) steps[end - 1].ends_run = 1;
  return steps;
}

// AUC with row weights: 2 U in whole numbers, counted from the top.
double weighted_auc(const std::vector<Step>& steps, const std::vector<std::uint32_t>& weight,
                    std::uint64_t positives, std::uint64_t negatives) {
  std::uint64_t twice_u = 0;
  std::uint64_t negatives_above = 0;
  std::uint64_t run[2] = {0, 0};
  for (const Step& step : steps) {
    run[step.positive] += weight[step.row];
    if (step.ends_run != 0) {
      twice_u += run[1] * (2 * (negatives - negatives_above) - run[0]);
      negatives_above += run[0];
      run[0] = run[1] = 0;
    }
  }
  return static_cast<double>(twice_u) /
         (2.0 * static_cast<double>(positives) * static_cast<double>(negatives));
}

class Sampler {
 public:
  Sampler(const Labels& labels, const Clusters* clusters, const BootstrapPlan& plan)
      : labels_(labels), clusters_(clusters), plan_(plan) {
    purpose_ = "bootstrap/" + std::string(name_of(plan.resampling));
    if (plan.resampling != Resampling::observation_stratified) return;
    for (std::uint32_t row = 0; row < labels.size(); ++row)
      (labels.positive(row) ? positive_rows_ : negative_rows_).push_back(row);
  }

  // How often each row is drawn in this replicate.
  void draw(std::size_t replicate, std::vector<std::uint32_t>& weight,
            std::vector<std::uint32_t>& scratch) const {
    Rng rng(plan_.seed, purpose_, replicate);
    weight.assign(labels_.size(), 0);
    switch (plan_.resampling) {
      case Resampling::observation:
        for (std::size_t i = 0; i < labels_.size(); ++i) ++weight[rng.below(labels_.size())];
        return;
      case Resampling::observation_stratified:
        for (const auto* rows : {&positive_rows_, &negative_rows_}) {
          for (std::size_t i = 0; i < rows->size(); ++i) ++weight[(*rows)[rng.below(rows->size())]];
        }
        return;
      case Resampling::cluster:
        scratch.assign(clusters_->count(), 0);
        for (std::size_t i = 0; i < scratch.size(); ++i) ++scratch[rng.below(scratch.size())];
        for (std::size_t row = 0; row < weight.size(); ++row) weight[row] = scratch[clusters_->of_row[row]];
        return;
    }
  }

 private:
  const Labels& labels_;
  const Clusters* clusters_;
  const BootstrapPlan& plan_;
  std::string purpose_;
  std::vector<std::uint32_t> positive_rows_;
  std::vector<std::uint32_t> negative_rows_;
};

double quantile(const std::vector<double>& sorted, double q) {
  const double position = q * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(position);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (position - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

}  // namespace

BootstrapDraws bootstrap_auc(std::span<const Ranking> models, const Labels& labels, const Clusters* clusters,
                             const BootstrapPlan& plan) {
  if (plan.resampling == Resampling::cluster && clusters == nullptr)
    throw Error(ErrorCode::bug, "a bootstrap over clusters was asked for without clusters");
  std::vector<std::vector<Step>> steps;
  for (const Ranking& ranking : models) steps.push_back(steps_of(ranking, labels));
  const Sampler sampler(labels, clusters, plan);
  BootstrapDraws draws;
  draws.auc.assign(models.size(), std::vector<double>(plan.replicates));
  std::vector<std::uint8_t> usable(plan.replicates, 0);
  const std::size_t tasks = (plan.replicates + kReplicatesATask - 1) / kReplicatesATask;
  parallel_for(tasks, plan.threads, [&](std::size_t task) {
    std::vector<std::uint32_t> weight;
    std::vector<std::uint32_t> scratch;
    const std::size_t end = std::min(plan.replicates, (task + 1) * kReplicatesATask);
    for (std::size_t replicate = task * kReplicatesATask; replicate < end; ++replicate) {
      sampler.draw(replicate, weight, scratch);
      std::uint64_t drawn[2] = {0, 0};
      for (std::size_t row = 0; row < weight.size(); ++row) drawn[labels.values()[row]] += weight[row];
      if (drawn[0] == 0 || drawn[1] == 0) continue;
      usable[replicate] = 1;
      for (std::size_t model = 0; model < steps.size(); ++model)
        draws.auc[model][replicate] = weighted_auc(steps[model], weight, drawn[1], drawn[0]);
    }
  });
  draws.discarded = static_cast<std::size_t>(std::count(usable.begin(), usable.end(), 0));
  if (draws.discarded == 0) return draws;
  for (auto& values : draws.auc) {
    std::size_t kept = 0;
    for (std::size_t replicate = 0; replicate < plan.replicates; ++replicate) {
      if (usable[replicate] != 0) values[kept++] = values[replicate];
    }
    values.resize(kept);
  }
  return draws;
}

std::optional<BootstrapSummary> summarise(std::vector<double> values) {
  if (values.size() < 2) return std::nullopt;
  std::sort(values.begin(), values.end());
  const auto n = static_cast<long double>(values.size());
  long double sum = 0;
  for (const double v : values) sum += v;
  const long double mean = sum / n;
  long double squares = 0;
  for (const double v : values) squares += (v - mean) * (v - mean);
  BootstrapSummary out;
  out.ci = {quantile(values, 0.025), quantile(values, 0.975)};
  out.se = static_cast<double>(std::sqrt(squares / (n - 1.0L)));
  out.replicates = values.size();
  return out;
}

std::optional<BootstrapSummary> summarise_difference(const BootstrapDraws& draws, std::size_t a,
                                                     std::size_t b) {
  std::vector<double> difference(draws.auc[a].size());
  for (std::size_t i = 0; i < difference.size(); ++i) difference[i] = draws.auc[a][i] - draws.auc[b][i];
  return summarise(std::move(difference));
}

}  // namespace tagconf::stats
