// Leakage between splits: what a model may have seen in training of the images it is tested on.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "tagconf/base/names.hpp"
#include "tagconf/cohort/fingerprint.hpp"
#include "tagconf/cohort/manifest.hpp"

namespace tagconf::cohort {

enum class LeakKind { patient, study, identical, near, mirrored };

struct LeakOptions {
  int max_distance = 14;          // bits of 128 in which the hashes of a near-duplicate may differ
  double min_correlation = 0.98;  // of grey at 64 x 64
  double min_detail = 0.8;        // of edges at 64 x 64
  bool mirrored = true;
  bool unique_studies = false;  // as Listing's
};

// Two images that have something in common, as row numbers, a < b.
struct Leak {
  LeakKind kind = LeakKind::patient;
  std::size_t a = 0;
  std::size_t b = 0;
  std::optional<int> distance{};        // near, mirrored: bits; identical: 0
  std::optional<double> correlation{};  // the same; identical: 1
};

// Both rows are in a split, and not in the same one: a leak. Otherwise the pair is information.
[[nodiscard]] bool is_across(const Leak& leak, std::span<const ManifestRow> rows);
// Both rows have a label, and not the same one.
[[nodiscard]] bool labels_differ(const Leak& leak, std::span<const ManifestRow> rows);

// Pairs across splits first, then by kind, then by row.
//   patient, study  in two splits: one pair for every two splits, of their first images. Studies are compared
//                   within a patient, since tables may number those of each patient anew; an image without
//                   patient may be anyone's. Unique ids are compared by themselves.
//   identical       equal pixels and size: every image with the first one of its set in each split, so that a
//                   set of n gives n rows a split at most.
//   near            not identical, hashes within max_distance, correlate() at least min_correlation and
//                   correlate_detail() at least min_detail. Finds what was encoded anew, resized, made
//                   brighter or darker, or had a tag covered; not what was cropped or turned by more than a
//                   hair.
//   mirrored        the same when b is turned left to right, unless the pair is near or identical.
// `fingerprints`: one a row; none where the image could not be read. Blank images are not compared, not even
// as identical. Errors as of find_near_pairs.
[[nodiscard]] std::vector<Leak> find_leaks(std::span<const ManifestRow> rows,
                                           std::span<const std::optional<Fingerprint>> fingerprints,
                                           const LeakOptions& options, int threads,
                                           const std::function<bool()>& stop);

// How many images of each split have a part in a leak across splits: all images of a patient or study that
// leaks, both images of a pair. In the order of the splits' enumeration.
[[nodiscard]] std::array<std::size_t, 4> count_concerned(std::span<const Leak> leaks,
                                                         std::span<const ManifestRow> rows,
                                                         const LeakOptions& options);

// leaks.csv: kind,image_a,image_b,split_a,split_b,label_a,label_b,patient_a,patient_b,distance,correlation.
[[nodiscard]] std::string leaks_csv(std::span<const Leak> leaks, std::span<const ManifestRow> rows);

}  // namespace tagconf::cohort

template <>
struct tagconf::EnumNames<tagconf::cohort::LeakKind> {
  using K = tagconf::cohort::LeakKind;
  static constexpr std::array kNames{std::pair{K::patient, "patient"}, std::pair{K::study, "study"},
                                     std::pair{K::identical, "identical"}, std::pair{K::near, "near"},
                                     std::pair{K::mirrored, "mirrored"}};
};
