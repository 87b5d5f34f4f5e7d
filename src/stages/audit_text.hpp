// What `audit` found, as JSON and as a table for people.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "tagconf/base/json_text.hpp"
#include "tagconf/cohort/leaks.hpp"

namespace tagconf::stages {

// Pairs, and how many of them have differing labels.
struct PairCount {
  std::size_t pairs = 0;
  std::size_t labels_differ = 0;
};

struct KindCount {
  PairCount across;
  PairCount within;
};

struct AuditReport {
  std::size_t images = 0;
  std::array<KindCount, EnumNames<cohort::LeakKind>::kNames.size()> kinds{};  // in the enumeration's order
  std::array<std::size_t, 4> in_split{};                                      // images, by Split
  std::array<std::size_t, 4> concerned{};  // of them: have a part in a leak
  std::size_t without_patient = 0;
  std::vector<std::string> blank;
  std::vector<cohort::Skipped> skipped;

  [[nodiscard]] std::size_t leaks() const;   // pairs across splits
  [[nodiscard]] std::size_t splits() const;  // that hold an image
};

// Fills in all but `blank` and `skipped`.
void count_leaks(std::span<const cohort::Leak> leaks, std::span<const cohort::ManifestRow> rows,
                 const cohort::LeakOptions& options, AuditReport& report);

// verdict (clean, leaks, one_split), images, leaks, kinds {kind: {across, within: {pairs, labels_differ}}}
// (patient and study: across.pairs alone), splits {split: {images, concerned}}, without_patient, blank [ids],
// skipped [{source, reason}].
[[nodiscard]] Json audit_json(const AuditReport& report);
[[nodiscard]] std::string audit_text(const AuditReport& report);

}  // namespace tagconf::stages
