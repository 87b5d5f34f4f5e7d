#include "tagconf/stats/covariance.hpp"

#include <cmath>
#include <cstdint>

namespace tagconf::stats {
namespace {

// Products of two counts below 2^32, summed over fewer than 2^31 rows and multiplied by a row count: below
// 2^127.
__extension__ using Int128 = __int128;

constexpr long double kNoise = 1e-12L;

class RowValues {
 public:
  explicit RowValues(Contrast<Placements> c)
      : plus_(c.plus->twice.data()), minus_(c.minus == nullptr ? nullptr : c.minus->twice.data()) {}
  [[nodiscard]] std::int64_t operator[](std::size_t row) const {
    return std::int64_t{plus_[row]} - (minus_ == nullptr ? 0 : std::int64_t{minus_[row]});
  }

 private:
  const std::uint32_t* plus_;
  const std::uint32_t* minus_;
};

template <class T>
std::int64_t twice_u(Contrast<T> c) {
  return c.plus->twice_u - (c.minus == nullptr ? 0 : c.minus->twice_u);
}

// Deviations of a cluster's sums from their expectation, times 2 m n.
struct Deviation {
  long double positive;
  long double negative;
};

class ClusterDeviations {
 public:
  ClusterDeviations(Contrast<ClusterSums> c, const Labels& labels, const Clusters& clusters)
      : c_(c),
        clusters_(clusters),
        m_(static_cast<std::int64_t>(labels.positives())),
        n_(static_cast<std::int64_t>(labels.negatives())),
        u_(twice_u(c)),
        // Both products below stay within 2 m n rows of a cluster, their difference within twice that.
        narrow_(4.0 * static_cast<double>(m_) * static_cast<double>(n_) *
                    static_cast<double>(clusters.largest) <
                0x1p62) {}

  [[nodiscard]] Deviation operator[](std::size_t k) const {
    std::int64_t s = c_.plus->positive[k];
    std::int64_t t = c_.plus->negative[k];
    if (c_.minus != nullptr) {
      s -= c_.minus->positive[k];
      t -= c_.minus->negative[k];
    }
    const std::int64_t positives = clusters_.positives[k];
    const std::int64_t negatives = clusters_.negatives[k];
    if (narrow_)
      return {static_cast<long double>(m_ * s - positives * u_),
              static_cast<long double>(n_ * t - negatives * u_)};
    return {static_cast<long double>(Int128{m_} * s - Int128{positives} * u_),
            static_cast<long double>(Int128{n_} * t - Int128{negatives} * u_)};
  }

 private:
  Contrast<ClusterSums> c_;
  const Clusters& clusters_;
  std::int64_t m_;
  std::int64_t n_;
  std::int64_t u_;
  bool narrow_;  // 64 bits hold the products
};

long double correction(std::size_t clusters) {
  return static_cast<long double>(clusters) / static_cast<long double>(clusters - 1);
}

}  // namespace

double difference_of_auc(const Placements& a, const Placements& b, const Labels& labels) {
  const auto pairs =
      static_cast<long double>(labels.positives()) * static_cast<long double>(labels.negatives());
  return static_cast<double>(static_cast<long double>(a.twice_u - b.twice_u) / (2.0L * pairs));
}

Reason delong_obstacle(const Labels& labels) {
  if (labels.positives() < 2) return Reason::fewer_than_two_positives;
  if (labels.negatives() < 2) return Reason::fewer_than_two_negatives;
  return Reason::none;
}

Reason clustered_obstacle(const Clusters& clusters) {
  if (clusters.with_positives < 2) return Reason::fewer_than_two_clusters_with_positives;
  if (clusters.with_negatives < 2) return Reason::fewer_than_two_clusters_with_negatives;
  return Reason::none;
}

double delong_covariance(Contrast<Placements> x, Contrast<Placements> y, const Labels& labels) {
  const RowValues xs(x);
  const RowValues ys(y);
  Int128 products[2] = {0, 0};  // over the negatives, over the positives
  const auto is_positive = labels.values();
  for (std::size_t row = 0; row < is_positive.size(); ++row)
    products[is_positive[row]] += static_cast<Int128>(xs[row]) * ys[row];
  const Int128 of_sums = static_cast<Int128>(twice_u(x)) * twice_u(y);
  const auto m = static_cast<long double>(labels.positives());
  const auto n = static_cast<long double>(labels.negatives());
  const auto centred10 =
      static_cast<long double>(static_cast<Int128>(labels.positives()) * products[1] - of_sums);
  const auto centred01 =
      static_cast<long double>(static_cast<Int128>(labels.negatives()) * products[0] - of_sums);
  const long double s10 = centred10 / (m * (m - 1.0L) * 4.0L * n * n);
  const long double s01 = centred01 / (n * (n - 1.0L) * 4.0L * m * m);
  return static_cast<double>(s10 / m + s01 / n);
}

double clustered_covariance(Contrast<ClusterSums> x, Contrast<ClusterSums> y, const Labels& labels,
                            const Clusters& clusters) {
  const ClusterDeviations xs(x, labels, clusters);
  const ClusterDeviations ys(y, labels, clusters);
  long double s10 = 0;
  long double s01 = 0;
  long double s11 = 0;
  for (std::size_t k = 0; k < clusters.count(); ++k) {
    const Deviation a = xs[k];
    const Deviation b = ys[k];
    s10 += a.positive * b.positive;
    s01 += a.negative * b.negative;
    s11 += a.positive * b.negative + b.positive * a.negative;
  }
  const auto m = static_cast<long double>(labels.positives());
  const auto n = static_cast<long double>(labels.negatives());
  const long double apart = correction(clusters.with_positives) * s10 / (m * m) +
                            correction(clusters.with_negatives) * s01 / (n * n);
  const long double sum = apart + correction(clusters.count()) * s11 / (m * n);
  const bool variance = x.plus == y.plus && x.minus == y.minus;
  if (variance && sum < kNoise * apart) return 0.0;
  return static_cast<double>(sum / (4.0L * m * m * n * n));
}

std::vector<double> cluster_influence(Contrast<ClusterSums> x, const Labels& labels,
                                      const Clusters& clusters) {
  const ClusterDeviations xs(x, labels, clusters);
  const auto m = static_cast<long double>(labels.positives());
  const auto n = static_cast<long double>(labels.negatives());
  const long double factor = std::sqrt(correction(clusters.count())) / (2.0L * m * n);
  std::vector<double> out(clusters.count());
  for (std::size_t k = 0; k < out.size(); ++k) {
    const Deviation d = xs[k];
    out[k] = static_cast<double>(factor * (d.positive / m + d.negative / n));
  }
  return out;
}

}  // namespace tagconf::stats
