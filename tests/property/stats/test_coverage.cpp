// Do intervals hold the true AUC as often as they say, and does the paired test reject a true null as rarely?
// A cohort shaped like MURA's valid set: 783 patients with one to three studies of one to five images, some
// 3200 images; patients mix normal and abnormal studies; scores of a patient's images share an effect
// (within-patient correlation 0.45). Two models of the same AUC 0.85. Taking images as independent covers far
// too little, taking patients as independent holds its level.
#include <cmath>
#include <optional>

#include "catch.hpp"
#include "paired_data.hpp"
#include "tagconf/base/rng.hpp"
#include "tagconf/stats/normal.hpp"

namespace tagconf::test {
namespace {

constexpr double kTrueAuc = 0.85;
constexpr double kWithinPatient = 0.45;
constexpr double kBetweenModels = 0.7;

// Two standard normal numbers that correlate by kBetweenModels.
std::array<double, 2> pair_of(Rng& rng) {
  const double first = rng.normal();
  return {first, kBetweenModels * first + std::sqrt(1.0 - kBetweenModels * kBetweenModels) * rng.normal()};
}

// Given its label, each score is normal with variance 1: between patients the AUC is Phi(distance / sqrt 2).
PairedData clustered_cohort(std::uint64_t replicate) {
  Rng rng(1, "coverage", replicate);
  const double distance = std::sqrt(2.0) * stats::normal_quantile(kTrueAuc);
  const double of_patient = std::sqrt(kWithinPatient);
  const double of_image = std::sqrt(1.0 - kWithinPatient);
  PairedData data;
  for (std::uint64_t patient = 0; patient < 783; ++patient) {
    const auto shared = pair_of(rng);
    const bool ill = rng.chance(0.48);
    const std::uint64_t studies = rng.chance(0.6) ? 1 : rng.chance(0.7) ? 2 : 3;
    for (std::uint64_t study = 0; study < studies; ++study) {
      const std::uint8_t label = rng.chance(0.75) == ill ? 1 : 0;
      const std::uint64_t images = 1 + rng.below(rng.chance(0.7) ? 4 : 5);
      for (std::uint64_t image = 0; image < images; ++image) {
        const auto own = pair_of(rng);
        data.labels.push_back(label);
        data.cluster.push_back(patient);
        data.a.push_back(distance * label + of_patient * shared[0] + of_image * own[0]);
        data.b.push_back(distance * label + of_patient * shared[1] + of_image * own[1]);
      }
    }
  }
  return data;
}

PairedData independent_cohort(std::uint64_t replicate) {
  Rng rng(2, "coverage", replicate);
  const double distance = std::sqrt(2.0) * stats::normal_quantile(kTrueAuc);
  PairedData data;
  for (std::uint64_t row = 0; row < 600; ++row) {
    const auto own = pair_of(rng);
    const std::uint8_t label = rng.chance(0.48) ? 1 : 0;
    data.labels.push_back(label);
    data.cluster.push_back(row);
    data.a.push_back(distance * label + own[0]);
    data.b.push_back(distance * label + own[1]);
  }
  return data;
}

struct Rates {
  double wald = 0;  // share of replicates whose interval holds the true AUC
  double logit = 0;
  double rejected = 0;  // share in which p < 0.05

  void add(const stats::AucInference& single, const stats::DifferenceInference& paired, double weight) {
    const auto holds = [](const std::optional<stats::Interval>& ci) {
      return ci && ci->low <= kTrueAuc && kTrueAuc <= ci->high;
    };
    wald += holds(single.wald) ? weight : 0.0;
    logit += holds(single.logit) ? weight : 0.0;
    rejected += paired.p && *paired.p < 0.05 ? weight : 0.0;
  }
};

}  // namespace

TEST_CASE("clustered intervals cover and the clustered test holds its level where images hang together") {
  constexpr std::uint64_t kReplicates = 2000;  // Monte Carlo error of a coverage of 95 %: 0.5 points
  Rates by_image;
  Rates by_patient;
  for (std::uint64_t replicate = 0; replicate < kReplicates; ++replicate) {
    const PairedAnalysis found = analyse_pair(clustered_cohort(replicate));
    by_image.add(found.single, found.paired, 1.0 / kReplicates);
    by_patient.add(found.single_clustered, found.paired_clustered, 1.0 / kReplicates);
  }
  WARN("coverage by patient " << by_patient.wald << " (logit " << by_patient.logit << "), by image "
                              << by_image.wald << "; rejected by patient " << by_patient.rejected
                              << ", by image " << by_image.rejected);
  CHECK(by_patient.wald >= 0.93);
  CHECK(by_patient.wald <= 0.97);
  CHECK(by_patient.logit >= 0.93);
  CHECK(by_patient.logit <= 0.97);
  CHECK(by_patient.rejected >= 0.035);
  CHECK(by_patient.rejected <= 0.065);
  CHECK(by_image.wald < 0.85);
  CHECK(by_image.logit < 0.85);
  CHECK(by_image.rejected > 0.15);
}

TEST_CASE("with clusters of one the clustered analysis is DeLong's, and both cover") {
  constexpr std::uint64_t kReplicates = 2000;
  Rates by_row;
  Rates by_cluster;
  for (std::uint64_t replicate = 0; replicate < kReplicates; ++replicate) {
    const PairedAnalysis found = analyse_pair(independent_cohort(replicate));
    by_row.add(found.single, found.paired, 1.0 / kReplicates);
    by_cluster.add(found.single_clustered, found.paired_clustered, 1.0 / kReplicates);
    REQUIRE(*found.single_clustered.variance == Approx(*found.single.variance).epsilon(1e-12));
    REQUIRE(*found.paired_clustered.variance == Approx(*found.paired.variance).epsilon(1e-12));
    REQUIRE(*found.paired_clustered.z == Approx(*found.paired.z).epsilon(1e-12));
  }
  CHECK(by_row.wald == by_cluster.wald);
  CHECK(by_row.rejected == by_cluster.rejected);
  CHECK(by_cluster.wald >= 0.93);
  CHECK(by_cluster.wald <= 0.97);
  CHECK(by_cluster.rejected >= 0.035);
  CHECK(by_cluster.rejected <= 0.065);
}

}  // namespace tagconf::test
