#include "tagconf/tags/cluster.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <tuple>

namespace tagconf::tags {
namespace {

constexpr double kRadiusGrowth = 1.3;

double distance_between(const Appearance& a, const Appearance& b) {
  float sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(static_cast<double>(sum));
}

double norm_of(const Appearance& a) {
  return distance_between(a, Appearance{});
}

// Tags that are taken as one from here on.
struct Ball {
  Appearance leader;
  double norm = 0;  // of the leader
  std::vector<std::size_t> members;
};

// Indices in an order that the appearances alone decide: by norm, then entry by entry.
std::vector<std::size_t> canonical_order(std::span<const Appearance> all) {
  std::vector<double> norms;
  norms.reserve(all.size());
  for (const Appearance& a : all) norms.push_back(norm_of(a));
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) {
    return std::tie(norms[i], all[i]) < std::tie(norms[j], all[j]);
  });
  return order;
}

// Every tag joins the nearest leader within the radius, or becomes one; empty where there would be too many.
// Leaders arise in order of their norm, and one further off in norm than the radius is further off.
std::vector<Ball> gather(std::span<const Appearance> all, const std::vector<std::size_t>& order,
                         double radius, std::size_t largest) {
  std::vector<Ball> balls;
  for (const std::size_t i : order) {
    const double norm = norm_of(all[i]);
    Ball* nearest = nullptr;
    double least = radius;
    for (auto ball = balls.rbegin(); ball != balls.rend() && norm - ball->norm <= radius; ++ball) {
      const double distance = distance_between(all[i], ball->leader);
      if (distance > least || (nearest != nullptr && distance == least)) continue;
      least = distance;
      nearest = &*ball;
    }
    if (nearest != nullptr) {
      nearest->members.push_back(i);
    } else if (balls.size() == largest) {
      return {};
    } else {
      balls.push_back({all[i], norm, {i}});
    }
  }
  return balls;
}

std::vector<Ball> gather_few(std::span<const Appearance> all, const ClusterOptions& options) {
  const std::vector<std::size_t> order = canonical_order(all);
  const std::size_t largest = std::max<std::size_t>(1, options.largest_prototypes);
  double radius = options.radius;
  std::vector<Ball> balls = gather(all, order, radius, largest);
  while (balls.empty() && !all.empty()) {
    radius = std::max(kRadiusGrowth * radius, 1e-3);
    balls = gather(all, order, radius, largest);
  }
  return balls;
}

Appearance mean_of(std::span<const Appearance> all, const Ball& ball) {
  std::array<double, kAppearanceSize> sum{};
  for (const std::size_t i : ball.members) {
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += all[i][k];
  }
  Appearance mean{};
  for (std::size_t k = 0; k < sum.size(); ++k)
    mean[k] = static_cast<float>(sum[k] / static_cast<double>(ball.members.size()));
  return mean;
}

// Mean distances between groups of balls, updated as groups are joined.
class Linkage {
 public:
  Linkage(std::span<const Appearance> means, std::vector<double> weights)
      : n_(means.size()),
        weights_(std::move(weights)),
        distances_(n_ * n_, 0.0F),
        group_(n_),
        alive_(n_, true) {
    std::iota(group_.begin(), group_.end(), std::size_t{0});
    for (std::size_t i = 0; i < n_; ++i) {
      for (std::size_t j = 0; j < i; ++j) set(i, j, distance_between(means[i], means[j]));
    }
  }

  // Joins mutual nearest neighbours up to `limit`; the group of each ball.
  std::vector<std::size_t> join(double limit) {
    std::vector<std::size_t> chain;
    for (std::size_t start = 0; start < n_;) {
      if (chain.empty()) {
        if (!alive_[start]) {
          ++start;
          continue;
        }
        chain.push_back(start);
      }
      const auto [next, distance] = nearest(chain);
      if (next == n_ || distance > limit) {
        // Nothing within the limit of the chain's end, nor will there be: average linkage is reducible.
        alive_[chain.back()] = false;
        chain.pop_back();
      } else if (chain.size() >= 2 && next == chain[chain.size() - 2]) {
        merge(chain.back(), next);
        chain.resize(chain.size() - 2);
      } else {
        chain.push_back(next);
      }
    }
    return group_;
  }

 private:
  void set(std::size_t i, std::size_t j, double value) {
    distances_[i * n_ + j] = distances_[j * n_ + i] = static_cast<float>(value);
  }

  // The living group nearest to the chain's end; the one before it in the chain where distances are equal.
  [[nodiscard]] std::pair<std::size_t, double> nearest(const std::vector<std::size_t>& chain) const {
    const std::size_t end = chain.back();
    std::size_t best = n_;
    float least = std::numeric_limits<float>::infinity();
    if (chain.size() >= 2) {
      best = chain[chain.size() - 2];
      least = distances_[end * n_ + best];
    }
    for (std::size_t j = 0; j < n_; ++j) {
      if (!alive_[j] || j == end || distances_[end * n_ + j] >= least) continue;
      least = distances_[end * n_ + j];
      best = j;
    }
    return {best, static_cast<double>(least)};
  }

  // Lance and Williams' update for the weighted mean of the distances.
  void merge(std::size_t a, std::size_t b) {
    const auto [keep, gone] = std::minmax(a, b);
    const double share = weights_[keep] / (weights_[keep] + weights_[gone]);
    for (std::size_t j = 0; j < n_; ++j) {
      if (!alive_[j] || j == keep || j == gone) continue;
      set(keep, j,
          share * static_cast<double>(distances_[keep * n_ + j]) +
              (1 - share) * static_cast<double>(distances_[gone * n_ + j]));
    }
    weights_[keep] += weights_[gone];
    alive_[gone] = false;
    std::replace(group_.begin(), group_.end(), gone, keep);
  }

  std::size_t n_;
  std::vector<double> weights_;
  std::vector<float> distances_;
  std::vector<std::size_t> group_;
  std::vector<bool> alive_;
};

// 1 for the group with most tags; equal ones in the order of their first ball.
std::vector<int> ranks_of(const std::vector<std::size_t>& groups, const std::vector<Ball>& balls) {
  std::vector<std::size_t> sizes(balls.size(), 0);
  for (std::size_t b = 0; b < balls.size(); ++b) sizes[groups[b]] += balls[b].members.size();
  std::vector<std::size_t> order(balls.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t i, std::size_t j) { return sizes[i] > sizes[j]; });
  std::vector<int> ranks(balls.size(), 0);
  for (std::size_t place = 0; place < order.size(); ++place)
    ranks[order[place]] = static_cast<int>(place) + 1;
  return ranks;
}

}  // namespace

std::vector<int> cluster_appearances(std::span<const Appearance> appearances, const ClusterOptions& options) {
  const std::vector<Ball> balls = gather_few(appearances, options);
  std::vector<Appearance> means;
  std::vector<double> weights;
  for (const Ball& ball : balls) {
    means.push_back(mean_of(appearances, ball));
    weights.push_back(static_cast<double>(ball.members.size()));
  }
  const std::vector<std::size_t> groups = Linkage(means, weights).join(options.distance);
  const std::vector<int> ranks = ranks_of(groups, balls);
  std::vector<int> out(appearances.size(), 0);
  for (std::size_t b = 0; b < balls.size(); ++b) {
    for (const std::size_t i : balls[b].members) out[i] = ranks[groups[b]];
  }
  return out;
}

}  // namespace tagconf::tags
