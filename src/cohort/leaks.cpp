#include "tagconf/cohort/leaks.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <tuple>

#include "tagconf/base/csv.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/cohort/near_pairs.hpp"

namespace tagconf::cohort {
namespace {

// What a row has in common with others; empty: nothing.
using Key = std::string;

Key patient_key(const Sample& sample) {
  return sample.patient_id;
}

bool same_study(const Sample& a, const Sample& b, bool unique) {
  if (a.study_id.empty() || a.study_id != b.study_id) return false;
  return unique || a.patient_id == b.patient_id || a.patient_id.empty() || b.patient_id.empty();
}

template <class KeyOf>
std::map<Key, std::vector<std::size_t>> rows_by_key(std::size_t rows, KeyOf&& key_of) {
  std::map<Key, std::vector<std::size_t>> out;
  for (std::size_t i = 0; i < rows; ++i) {
    Key key = key_of(i);
    if (!key.empty()) out[std::move(key)].push_back(i);
  }
  return out;
}

// The first of `members` in each split, in the order of the rows.
std::vector<std::size_t> first_of_splits(const std::vector<std::size_t>& members,
                                         std::span<const ManifestRow> rows) {
  std::vector<std::size_t> out;
  std::set<Split> seen;
  for (const std::size_t i : members) {
    if (seen.insert(rows[i].sample.split).second) out.push_back(i);
  }
  return out;
}

// One leak for every two splits, of the first images of `members` in them.
void add_shared(LeakKind kind, std::span<const ManifestRow> rows, const std::vector<std::size_t>& members,
                std::vector<Leak>& leaks) {
  const auto firsts = first_of_splits(members, rows);
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    for (std::size_t k = i + 1; k < firsts.size(); ++k) {
      const Leak leak{kind, firsts[i], firsts[k]};
      if (is_across(leak, rows)) leaks.push_back(leak);
    }
  }
}

void add_patients(std::span<const ManifestRow> rows, std::vector<Leak>& leaks) {
  const auto groups = rows_by_key(rows.size(), [&](std::size_t i) { return patient_key(rows[i].sample); });
  for (const auto& [patient, members] : groups) add_shared(LeakKind::patient, rows, members, leaks);
}

void add_studies(std::span<const ManifestRow> rows, bool unique, std::vector<Leak>& leaks) {
  const auto groups = rows_by_key(rows.size(), [&](std::size_t i) { return rows[i].sample.study_id; });
  for (const auto& [study, members] : groups) {
    if (unique) {
      add_shared(LeakKind::study, rows, members, leaks);
      continue;
    }
    // Each patient's images together with those that are of no patient.
    std::set<Key> patients;
    for (const std::size_t i : members) patients.insert(patient_key(rows[i].sample));
    if (patients.size() > 1) patients.erase("");
    std::vector<Leak> found;
    for (const Key& patient : patients) {
      std::vector<std::size_t> together;
      std::copy_if(members.begin(), members.end(), std::back_inserter(together), [&](std::size_t i) {
        const Key key = patient_key(rows[i].sample);
        return key.empty() || key == patient;
      });
      add_shared(LeakKind::study, rows, together, found);
    }
    std::set<std::pair<std::size_t, std::size_t>> told;  // a pair of no patient's images comes up repeatedly
    for (const Leak& leak : found) {
      if (told.emplace(leak.a, leak.b).second) leaks.push_back(leak);
    }
  }
}

// A picture that can be compared with others.
bool comparable(const std::optional<Fingerprint>& print) {
  return print && !print->blank;
}

void add_identical(std::span<const ManifestRow> rows,
                   std::span<const std::optional<Fingerprint>> fingerprints, std::vector<Leak>& leaks) {
  const auto groups = rows_by_key(
      rows.size(), [&](std::size_t i) { return comparable(fingerprints[i]) ? fingerprints[i]->digest : ""; });
  for (const auto& [key, members] : groups) {
    std::set<std::pair<std::size_t, std::size_t>> pairs;
    for (const std::size_t first : first_of_splits(members, rows)) {
      for (const std::size_t other : members) {
        if (other != first) pairs.insert(std::minmax(first, other));
      }
    }
    for (const auto& [a, b] : pairs) leaks.push_back({LeakKind::identical, a, b, 0, 1.0});
  }
}

// The comparable images, close together in memory, with their row numbers.
struct Compared {
  std::vector<std::size_t> rows;
  std::vector<LookHash> hashes;
  std::vector<LookHash> mirrored;
};

Compared gather(std::span<const std::optional<Fingerprint>> fingerprints) {
  Compared out;
  for (std::size_t i = 0; i < fingerprints.size(); ++i) {
    if (!comparable(fingerprints[i])) continue;
    out.rows.push_back(i);
    out.hashes.push_back(fingerprints[i]->hash);
    out.mirrored.push_back(fingerprints[i]->mirrored);
  }
  return out;
}

// The correlation of two thumbnails that are alike enough.
std::optional<double> confirm(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b,
                              const LeakOptions& options) {
  const auto correlation = correlate(a, b);
  if (!correlation || *correlation < options.min_correlation) return std::nullopt;
  const auto detail = correlate_detail(a, b);
  return detail && *detail >= options.min_detail ? correlation : std::nullopt;
}

void add_alike(std::span<const std::optional<Fingerprint>> fingerprints, const LeakOptions& options,
               int threads, const std::function<bool()>& stop, std::vector<Leak>& leaks) {
  const Compared images = gather(fingerprints);
  const auto print = [&](std::size_t i) -> const Fingerprint& { return *fingerprints[images.rows[i]]; };
  const auto direct = [&](std::size_t a, std::size_t b) -> std::optional<double> {
    if (print(a).digest == print(b).digest) return std::nullopt;
    return confirm(print(a).thumbnail, print(b).thumbnail, options);
  };
  const auto turned = [&](std::size_t a, std::size_t b) -> std::optional<double> {
    if (print(a).digest == print(b).digest) return std::nullopt;
    return confirm(print(a).thumbnail, mirror_thumbnail(print(b).thumbnail), options);
  };
  const auto add = [&](LeakKind kind, const NearPair& pair) {
    leaks.push_back({kind, images.rows[pair.a], images.rows[pair.b], pair.distance, pair.correlation});
  };
  std::set<std::pair<std::size_t, std::size_t>> near;
  for (const auto& pair :
       find_near_pairs(images.hashes, images.hashes, options.max_distance, threads, direct, stop)) {
    add(LeakKind::near, pair);
    near.emplace(pair.a, pair.b);
  }
  if (!options.mirrored) return;
  for (const auto& pair :
       find_near_pairs(images.hashes, images.mirrored, options.max_distance, threads, turned, stop)) {
    if (!near.contains({pair.a, pair.b})) add(LeakKind::mirrored, pair);
  }
}

std::string label_text(const Sample& sample) {
  return sample.label ? std::to_string(*sample.label) : "";
}

}  // namespace

bool is_across(const Leak& leak, std::span<const ManifestRow> rows) {
  const Split a = rows[leak.a].sample.split;
  const Split b = rows[leak.b].sample.split;
  return a != b && a != Split::none && b != Split::none;
}

bool labels_differ(const Leak& leak, std::span<const ManifestRow> rows) {
  const auto& a = rows[leak.a].sample.label;
  const auto& b = rows[leak.b].sample.label;
  return a && b && *a != *b;
}

std::vector<Leak> find_leaks(std::span<const ManifestRow> rows,
                             std::span<const std::optional<Fingerprint>> fingerprints,
                             const LeakOptions& options, int threads, const std::function<bool()>& stop) {
  std::vector<Leak> leaks;
  add_patients(rows, leaks);
  add_studies(rows, options.unique_studies, leaks);
  add_identical(rows, fingerprints, leaks);
  add_alike(fingerprints, options, threads, stop, leaks);
  const auto order = [&](const Leak& leak) {
    return std::tuple(!is_across(leak, rows), leak.kind, leak.a, leak.b);
  };
  std::sort(leaks.begin(), leaks.end(),
            [&](const Leak& one, const Leak& other) { return order(one) < order(other); });
  return leaks;
}

std::array<std::size_t, 4> count_concerned(std::span<const Leak> leaks, std::span<const ManifestRow> rows,
                                           const LeakOptions& options) {
  std::set<Key> patients;
  std::map<Key, std::vector<std::size_t>> studies;  // rows of leaking studies, by study
  std::set<std::size_t> single;
  for (const auto& leak : leaks) {
    if (!is_across(leak, rows)) continue;
    if (leak.kind == LeakKind::patient) patients.insert(patient_key(rows[leak.a].sample));
    if (leak.kind == LeakKind::study) {
      auto& of_study = studies[rows[leak.a].sample.study_id];
      of_study.insert(of_study.end(), {leak.a, leak.b});
    }
    single.insert({leak.a, leak.b});
  }
  const auto in_leaking_study = [&](const Sample& sample) {
    const auto found = studies.find(sample.study_id);
    return found != studies.end() &&
           std::any_of(found->second.begin(), found->second.end(), [&](std::size_t i) {
             return same_study(sample, rows[i].sample, options.unique_studies);
           });
  };
  std::array<std::size_t, 4> out{};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Sample& sample = rows[i].sample;
    if (single.contains(i) || patients.contains(patient_key(sample)) || in_leaking_study(sample))
      ++out[static_cast<std::size_t>(sample.split)];
  }
  return out;
}

std::string leaks_csv(std::span<const Leak> leaks, std::span<const ManifestRow> rows) {
  CsvWriter csv({"kind", "image_a", "image_b", "split_a", "split_b", "label_a", "label_b", "patient_a",
                 "patient_b", "distance", "correlation"});
  for (const auto& leak : leaks) {
    const Sample& a = rows[leak.a].sample;
    const Sample& b = rows[leak.b].sample;
    csv.row({std::string(name_of(leak.kind)), a.image_id, b.image_id, std::string(name_of(a.split)),
             std::string(name_of(b.split)), label_text(a), label_text(b), a.patient_id, b.patient_id,
             leak.distance ? std::to_string(*leak.distance) : "",
             leak.correlation ? format_number(*leak.correlation) : ""});
  }
  return csv.text();
}

}  // namespace tagconf::cohort
