#include "tagconf/cohort/collect.hpp"

#include <atomic>
#include <map>
#include <optional>
#include <set>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory_budget.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/codec.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

struct Opened {
  ManifestRow row;
  std::string trouble;  // empty: usable
};

Opened open_one(const Listing& listing, const Listed& image, MemoryBudget& budget) {
  Opened out;
  out.row.sample = image.sample;
  out.row.path = image.path;
  const fs::path path = resolve_below(listing.root, image.path, image.where);
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    out.trouble = image.path + ": no such file";
    return out;
  }
  try {
    const auto bytes = read_bytes(path);
    Sha256 digest;
    digest.update(bytes);
    out.row.sha256 = digest.hex();
    const MemoryBudget::Share share(budget,
                                    imaging::decoding_memory(imaging::read_header(bytes, image.path)));
    const auto picture = imaging::decode(bytes, image.path);
    out.row.width = picture.width;
    out.row.height = picture.height;
    out.row.bits = picture.bits;
  } catch (const Error& e) {
    if (e.code() != ErrorCode::input) throw;
    out.trouble = e.message();
  }
  return out;
}

}  // namespace

std::vector<std::string> find_conflicting_copies(const std::vector<ManifestRow>& rows) {
  std::map<std::string, std::vector<const ManifestRow*>> by_digest;
  for (const auto& row : rows) by_digest[row.sha256].push_back(&row);
  std::vector<std::string> out;
  for (const auto& row : rows) {
    const auto& copies = by_digest[row.sha256];
    if (copies.size() < 2 || copies.front() != &row) continue;
    std::set<std::pair<Split, std::optional<int>>> kinds;
    std::string names;
    for (const auto* copy : copies) {
      kinds.emplace(copy->sample.split, copy->sample.label);
      names += (names.empty() ? "" : ", ") + copy->sample.image_id;
    }
    if (kinds.size() > 1) out.push_back(names);
  }
  return out;
}

Collected collect(const Listing& listing, int threads, const std::function<void(std::size_t)>& progress,
                  const std::function<bool()>& stop) {
  std::vector<Opened> opened(listing.images.size());
  MemoryBudget budget(kPixelMemory);
  std::atomic<std::size_t> done{0};
  parallel_for(opened.size(), threads, [&](std::size_t i) {
    if (stop()) throw Error(ErrorCode::incomplete, "stopped while reading images", "run again to go on");
    opened[i] = open_one(listing, listing.images[i], budget);
    progress(++done);
  });
  Collected out;
  out.manifest.folder = listing.root;
  for (auto& image : opened) {
    if (image.trouble.empty()) {
      out.manifest.rows.push_back(std::move(image.row));
    } else {
      out.skipped.push_back({image.row.sample.image_id, image.trouble});
    }
  }
  out.conflicting_copies = find_conflicting_copies(out.manifest.rows);
  return out;
}

}  // namespace tagconf::cohort
