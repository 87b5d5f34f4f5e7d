// From a listing to a manifest: every image is opened once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "tagconf/base/memory_budget.hpp"
#include "tagconf/cohort/listing.hpp"
#include "tagconf/cohort/manifest.hpp"

namespace tagconf::cohort {

struct Brightest {
  int value = 0;
  std::string image_id;  // the first of the listing that has it
};

struct Collected {
  Manifest manifest;             // usable images, in the listing's order
  std::vector<Skipped> skipped;  // the others: missing, empty, cut short, no image
  // Sets of one file under several ids, where they differ in split or label: "a, b".
  std::vector<std::string> conflicting_copies;
  std::optional<Brightest> brightest;  // of the usable images of 16 bits
};

// How images are read.
struct Reading {
  std::int64_t memory = kPixelMemory;
  // The bits that the values of 16-bit images take, 8 to 16. Below 16 their values are spread to 16 bits, v x
  // 65535 / (2^bits - 1) rounded (scaling bits_12), and `put` gets every usable image, the others as they
  // are: the manifest's paths are images/<image_id> with an extension, and its folder is the caller's to set.
  int bits = 16;
  PutPicture put{};
};

// The sets above, of rows whose split is settled.
[[nodiscard]] std::vector<std::string> find_conflicting_copies(const std::vector<ManifestRow>& rows);

// Reads, hashes and fully decodes every image in parallel, as many at a time as fit the memory. Error input
// when a path leaves the root; error incomplete when stop() turns true. `progress(done)` is called from the
// working threads.
[[nodiscard]] Collected collect(const Listing& listing, int threads,
                                const std::function<void(std::size_t)>& progress,
                                const std::function<bool()>& stop, const Reading& reading = {});

// Error input when the values of the images of 16 bits are not as the user says. Not said: one has to be over
// 4095, since values of 12 bits read as they stand are nearly black. Said: none may be over what so many bits
// hold, and below 16 there must be one.
void check_bits(const std::optional<Brightest>& brightest, const std::optional<int>& bits);

}  // namespace tagconf::cohort
