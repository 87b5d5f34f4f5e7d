#include "tagconf/stats/heterogeneity.hpp"

namespace tagconf::stats {
namespace {

double covariance(const PartEstimate& p, const PartEstimate& q) {
  if (&p == &q) return p.variance;
  double sum = 0.0;
  auto b = q.influence.begin();
  for (const Influence& a : p.influence) {
    while (b != q.influence.end() && b->cluster < a.cluster) ++b;
    if (b != q.influence.end() && b->cluster == a.cluster) sum += a.value * b->value;
  }
  return sum;
}

}  // namespace

HeterogeneityTest test_heterogeneity(std::span<const PartEstimate> parts) {
  HeterogeneityTest out;
  std::vector<const PartEstimate*> in;
  for (const PartEstimate& part : parts) {
    if (part.reason != Reason::none) {
      out.left_out.emplace_back(part.part, part.reason);
      continue;
    }
    in.push_back(&part);
    out.parts.push_back(part.part);
  }
  if (in.size() < 2) {
    out.test.reason = Reason::fewer_than_two_parts;
    return out;
  }
  // Contrasts of the first part with each other one; the statistic does not depend on which is first.
  const PartEstimate& first = *in.front();
  std::vector<double> contrasts;
  std::vector<double> matrix;
  for (std::size_t i = 1; i < in.size(); ++i) {
    contrasts.push_back(first.value - in[i]->value);
    for (std::size_t j = 1; j < in.size(); ++j) {
      matrix.push_back(first.variance - covariance(first, *in[j]) - covariance(*in[i], first) +
                       covariance(*in[i], *in[j]));
    }
  }
  out.test = global_test(contrasts, matrix);
  return out;
}

}  // namespace tagconf::stats
