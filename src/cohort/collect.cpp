#include "tagconf/cohort/collect.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <map>
#include <optional>
#include <set>

#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory_budget.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/png_metadata.hpp"

namespace tagconf::cohort {
namespace fs = std::filesystem;
namespace {

struct Opened {
  ManifestRow row;
  std::string trouble;  // empty: usable
  int largest = 0;      // value
};

constexpr int kDeep = 16;

std::uint16_t spread(std::uint16_t value, int bits) {
  const std::uint32_t most = (std::uint32_t{1} << static_cast<unsigned>(bits)) - 1;
  return static_cast<std::uint16_t>((std::min<std::uint32_t>(value, most) * 65535U + most / 2) / most);
}

void hash_into(ManifestRow& row, std::span<const std::byte> bytes) {
  Sha256 digest;
  digest.update(bytes);
  row.sha256 = digest.hex();
}

// Hands a picture on and says so in its row: one of 16 bits with its values spread, another as it is.
void put_picture(imaging::GreyImage picture, std::span<const std::byte> bytes, const Reading& reading,
                 ManifestRow& row) {
  const std::string name = "images/" + row.sample.image_id;
  if (picture.bits != kDeep) {
    row.path = name + std::filesystem::path(row.path).extension().string();
    reading.put(row.path, bytes);
    return;
  }
  for (auto& value : picture.pixels) value = spread(value, reading.bits);
  const auto png = imaging::with_metadata(imaging::encode_png(picture), imaging::png_metadata(bytes).picture);
  row.path = name + ".png";
  row.scaling = "bits_" + std::to_string(reading.bits);
  hash_into(row, png);
  reading.put(row.path, png);
}

Opened open_one(const Listing& listing, const Listed& image, const Reading& reading, MemoryBudget& budget) {
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
    hash_into(out.row, bytes);
    auto header = imaging::read_header(bytes, image.path);
    const MemoryBudget::Share share(budget, imaging::decoding_memory(header));
    if (header.bits == kDeep || reading.bits < kDeep) {
      auto picture = imaging::decode(bytes, image.path);
      out.largest = *std::max_element(picture.pixels.begin(), picture.pixels.end());
      if (reading.bits < kDeep) put_picture(std::move(picture), bytes, reading, out.row);
    } else {
      header = imaging::check_image(bytes, image.path);
    }
    out.row.width = header.width;
    out.row.height = header.height;
    out.row.bits = header.bits;
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
                  const std::function<bool()>& stop, const Reading& reading) {
  std::vector<Opened> opened(listing.images.size());
  MemoryBudget budget(reading.memory);
  std::atomic<std::size_t> done{0};
  parallel_for(opened.size(), threads, [&](std::size_t i) {
    if (stop()) throw Error(ErrorCode::incomplete, "stopped while reading images", "run again to go on");
    opened[i] = open_one(listing, listing.images[i], reading, budget);
    progress(++done);
  });
  Collected out;
  out.manifest.folder = listing.root;
  for (auto& image : opened) {
    if (image.trouble.empty()) {
      if (image.row.bits == kDeep && (!out.brightest || image.largest > out.brightest->value))
        out.brightest = {image.largest, image.row.sample.image_id};
      out.manifest.rows.push_back(std::move(image.row));
    } else {
      out.skipped.push_back({image.row.sample.image_id, image.trouble});
    }
  }
  out.conflicting_copies = find_conflicting_copies(out.manifest.rows);
  return out;
}

void check_bits(const std::optional<Brightest>& brightest, const std::optional<int>& bits) {
  constexpr int kLeastBits = 8;
  constexpr int kTwelveBits = 4095;
  const auto say = [](int number) {
    return "--bits " + std::to_string(number) + " (ingest.bits in a config)";
  };
  if (bits && *bits < kDeep && !brightest) {
    throw_input("bits " + std::to_string(*bits) + " were given, but no image has 16 bits",
                "leave out --bits (ingest.bits in a config)");
  }
  if (!brightest) return;
  const auto width = static_cast<int>(std::bit_width(static_cast<unsigned>(brightest->value)));
  const std::string largest =
      "the largest is " + std::to_string(brightest->value) + ", in " + brightest->image_id;
  if (!bits && brightest->value <= kTwelveBits) {
    throw_input("the images of 16 bits hold no value over 4095: " + largest +
                    "; taken for parts of 65535 they would be nearly black",
                "say how many bits their values take: " + say(std::max(width, kLeastBits)) +
                    ", or 16 if they are that dark");
  }
  if (bits && *bits < kDeep && width > *bits) {
    throw_input(
        "the values of the images of 16 bits take more than " + std::to_string(*bits) + " bits: " + largest,
        "give " + say(width) + " or more");
  }
}

}  // namespace tagconf::cohort
