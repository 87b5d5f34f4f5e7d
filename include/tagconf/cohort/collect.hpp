// From a listing to a manifest: every image is opened once.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "tagconf/cohort/listing.hpp"
#include "tagconf/cohort/manifest.hpp"

namespace tagconf::cohort {

struct Collected {
  Manifest manifest;             // usable images, in the listing's order
  std::vector<Skipped> skipped;  // the others: missing, empty, cut short, no image
  // Sets of one file under several ids, where they differ in split or label: "a, b".
  std::vector<std::string> conflicting_copies;
};

// The sets above, of rows whose split is settled.
[[nodiscard]] std::vector<std::string> find_conflicting_copies(const std::vector<ManifestRow>& rows);

// Reads, hashes and fully decodes every image in parallel, as many at a time as fit kPixelMemory. Error input
// when a path leaves the root; error incomplete when stop() turns true. `progress(done)` is called from the
// working threads.
[[nodiscard]] Collected collect(const Listing& listing, int threads,
                                const std::function<void(std::size_t)>& progress,
                                const std::function<bool()>& stop);

}  // namespace tagconf::cohort
