#include "tagconf/arms/image_input.hpp"

#include <atomic>
#include <optional>

#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/base/memory_budget.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/cohort/listing.hpp"
#include "tagconf/imaging/codec.hpp"

namespace tagconf::arms {
namespace fs = std::filesystem;
namespace {

using cohort::Manifest;
using cohort::ManifestRow;

ManifestRow bare_row(const std::string& path) {
  ManifestRow row;
  row.path = path;
  row.sample.image_id = cohort::id_of_path(path);
  return row;
}

Manifest walk(const fs::path& folder) {
  std::vector<cohort::Listed> images;
  Manifest manifest;
  manifest.folder = folder;
  const cohort::FoundImages found = cohort::walk_images(folder);
  for (const auto& warning : found.warnings()) log_warning(folder.string() + ": " + warning);
  for (const auto& path : found.paths) {
    manifest.rows.push_back(bare_row(path));
    images.push_back({manifest.rows.back().sample, path, (folder / path).string()});
  }
  if (images.empty()) cohort::throw_no_image(folder, found);
  cohort::check_unique(images);
  return manifest;
}

Manifest single(const fs::path& file) {
  // Here a file that is no image is no loss among many but the whole input.
  (void)imaging::read_header(read_bytes(file), file.string());
  Manifest manifest;
  manifest.folder = file.parent_path();
  manifest.rows.push_back(bare_row(file.filename().string()));
  return manifest;
}

void read_missing_headers(Manifest& manifest) {
  parallel_for(manifest.rows.size(), 0, [&manifest](std::size_t i) {
    ManifestRow& row = manifest.rows[i];
    if (row.width > 0 && row.height > 0) return;
    try {
      const auto header = imaging::read_header(read_bytes(manifest.image_path(row)), row.path);
      row.width = header.width;
      row.height = header.height;
      row.bits = header.bits;
    } catch (const Error& error) {
      // Whoever decodes the image reports it as skipped.
      if (error.code() != ErrorCode::input) throw;
    }
  });
}

}  // namespace

Manifest open_images(const fs::path& input) {
  std::error_code error;
  Manifest manifest;
  if (fs::is_directory(input, error)) {
    const fs::path own = input / "manifest.csv";
    manifest = fs::is_regular_file(own, error) ? cohort::read_manifest(own) : walk(input);
  } else if (!fs::exists(input, error)) {
    throw_input(input.string() + ": no such file or folder",
                "give a manifest, a folder of images or an image");
  } else if (input.extension() == ".csv") {
    manifest = cohort::read_manifest(input);
  } else {
    manifest = single(input);
  }
  read_missing_headers(manifest);
  return manifest;
}

std::vector<cohort::Skipped> for_each_image(
    const Manifest& manifest, int threads,
    const std::function<void(std::size_t, const imaging::GreyImage&)>& work,
    const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop) {
  return for_each_file(
      manifest, threads,
      [&work](std::size_t i, const imaging::GreyImage& image, std::span<const std::byte>) { work(i, image); },
      progress, stop);
}

std::vector<cohort::Skipped> for_each_file(
    const Manifest& manifest, int threads,
    const std::function<void(std::size_t, const imaging::GreyImage&, std::span<const std::byte>)>& work,
    const std::function<void(std::size_t)>& progress, const std::function<bool()>& stop,
    std::int64_t memory) {
  // Whoever works on a picture makes copies of it.
  constexpr std::int64_t kCopies = 2;
  MemoryBudget budget(memory);
  std::vector<std::optional<cohort::Skipped>> trouble(manifest.rows.size());
  std::atomic<std::size_t> done{0};
  parallel_for(manifest.rows.size(), threads, [&](std::size_t i) {
    if (stop()) throw Error(ErrorCode::incomplete, "stopped between two images", "run again to go on");
    const ManifestRow& row = manifest.rows[i];
    std::optional<MemoryBudget::Share> share;  // until the work is done
    imaging::GreyImage image;
    std::vector<std::byte> bytes;
    try {
      bytes = read_bytes(manifest.image_path(row));
      share.emplace(budget, kCopies * imaging::decoding_memory(imaging::read_header(bytes, row.path)));
      image = imaging::decode(bytes, row.path);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::input) throw;
      trouble[i] = cohort::Skipped{row.sample.image_id, error.message()};
    }
    if (!trouble[i]) work(i, image, bytes);
    progress(++done);
  });
  std::vector<cohort::Skipped> skipped;
  for (auto& entry : trouble) {
    if (entry) skipped.push_back(std::move(*entry));
  }
  return skipped;
}

}  // namespace tagconf::arms
