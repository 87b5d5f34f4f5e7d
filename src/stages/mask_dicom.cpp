#include "mask_dicom.hpp"

#include <map>
#include <mutex>
#include <optional>

#include "folder_draft.hpp"
#include "tag_counts.hpp"
#include "tagconf/arms/cover_cells.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/memory_budget.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/cohort/derived_dicom.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;

// The file's data as read and as decoded, cells, two pictures, the new data set and its bytes.
constexpr std::int64_t kBytesPerPixel = 20;

struct Source {
  fs::path path;
  std::string name;  // "file 17": the path may name a patient
};

using Sources = std::map<std::string, Source>;

// The cells may name patients: messages quote none of them but ids.
Sources read_source_map(const fs::path& map, const fs::path& root) {
  const CsvTable table = read_csv(map);
  const std::size_t id = table.require("image_id");
  const std::size_t source = table.require("source");
  const std::size_t file = table.require("file");
  Sources out;
  for (std::size_t r = 0; r < table.rows(); ++r) {
    const std::string& image = table.at(r, id);
    if (image.empty()) continue;
    if (!parse_int(table.at(r, file))) throw_input(table.where(r) + ": column file holds no number");
    Source entry{{}, "file " + table.at(r, file)};
    try {
      entry.path = resolve_below(root, table.at(r, source), "");
    } catch (const Error&) {
      throw_input(table.where(r) + ": the source is no path inside the DICOM folder");
    }
    if (!out.emplace(image, entry).second) throw_input(table.where(r) + ": image '" + image + "' again");
  }
  return out;
}

void check_sources(const cohort::Manifest& manifest, const Sources& sources, const stage::StageIo& io) {
  for (const auto& row : manifest.rows) {
    if (sources.contains(row.sample.image_id)) continue;
    throw_input(
        io.input("source_map").string() + ": no row for image '" + row.sample.image_id + "'",
        "give the map that ingest wrote with these images; without --keep-ids their ids hang on the key");
  }
}

// Why the picture cannot be read; empty when it can.
std::string fault_of(const cohort::Manifest& manifest, const cohort::ManifestRow& row) {
  try {
    (void)imaging::decode(read_bytes(manifest.image_path(row)), row.path);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::input) throw;
    return error.message();
  }
  return "";
}

// Every image needs a row in the tag table, and every box must lie inside its image. An image without a row
// whose picture cannot be read is one that detect skipped: returns the reason, row by row.
std::vector<std::string> check_boxes(const cohort::Manifest& manifest, const tags::TagTable& table) {
  std::vector<std::string> faults(manifest.rows.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto& row = manifest.rows[i];
    const bool examined = table.examined(row.sample.image_id);
    const bool unknown_size = row.width == 0 || row.height == 0;  // of a picture that cannot be read
    if (!examined) faults[i] = fault_of(manifest, row);
    if (examined ? !unknown_size : faults[i].empty())
      (void)tags::boxes_of_image(table, row.sample.image_id, row.width, row.height);
  }
  return faults;
}

void check_place(const stage::StageIo& io) {
  const fs::path& root = io.input("dicom");
  const fs::path& place = io.output("dicom");
  std::error_code error;
  if (!fs::is_directory(root, error)) throw_input(root.string() + ": no such folder", "check the path");
  if (lies_below(place, root) || lies_below(root, place)) {
    throw_input("the output folder lies in the DICOM folder, or that one in it", "choose another --out");
  }
  const bool occupied = fs::exists(place, error) && !fs::is_empty(place, error);
  if (occupied && !fs::exists(io.output("record"), error)) {
    throw_input(place.string() + ": exists and was not made by this command",
                "choose another --out, or remove the folder");
  }
}

// The same boxes, covered alike, give the same UIDs; any others give new ones.
std::string edition_of(const tags::TagTable& table, const tags::CoverOptions& cover) {
  std::string text =
      "tagconf mask --dicom 1\n" + std::string(name_of(cover.fill)) + "\n" + std::to_string(cover.pad) + "\n";
  for (const TagKind kind : cover.kinds) text += std::string(name_of(kind)) + " ";
  return sha256_hex(text + "\n" + tags::tags_csv(table));
}

// Boxes are in the picture's coordinates: they say nothing about a file that shows something else.
void check_picture(const cohort::PixelCells& cells, const cohort::DicomFrame& frame,
                   const cohort::ManifestRow& row, const imaging::GreyImage& picture) {
  const bool fits = frame.width == picture.width && frame.height == picture.height &&
                    row.width == picture.width && row.height == picture.height;
  if (!fits || render_grey(cells, frame.layout, frame.scale, picture.bits).image != picture)
    throw_input("shows another picture than the image that the boxes were found on");
}

struct Covered {
  std::string image_id;
  std::size_t boxes = 0;
  std::int64_t image_pixels = 0;
  arms::CellCover cover;
};

std::string describe(const Covered& one, tags::Fill fill) {
  const std::string painted = one.boxes == 0 ? "no tag to paint over"
                                             : std::to_string(one.cover.pixels) + " pixels in " +
                                                   std::to_string(one.boxes) + " boxes over tags painted " +
                                                   std::string(name_of(fill));
  return "tagconf: " + painted + "; overlays, icons and private binary data removed" +
         (one.cover.window ? "; window written that keeps the greys" : "");
}

struct Task {
  const cohort::Manifest& manifest;
  const tags::TagTable& table;
  const tags::CoverOptions& cover;
  const Sources& sources;
  const FolderDraft& draft;
  std::string edition;
  MemoryBudget budget{kPixelMemory};
};

Covered cover_one(Task& task, const cohort::ManifestRow& row, const Source& source) {
  const std::string& id = row.sample.image_id;
  // Where a whole data set is inflated, each of its bytes may be a pixel.
  std::optional<MemoryBudget::Share> share;
  cohort::DicomFile file(source.path, cohort::DicomFile::kLimits,
                         [&](std::int64_t bytes) { share.emplace(task.budget, kBytesPerPixel * bytes); });
  const cohort::DicomFrame frame = file.frame();
  if (!share) share.emplace(task.budget, kBytesPerPixel * frame.width * frame.height);
  cohort::PixelCells cells = file.cells();
  check_picture(cells, frame, row, imaging::read_image(task.manifest.image_path(row)));
  const auto boxes = tags::cover_boxes(task.table.boxes(id), task.cover, frame.width, frame.height);
  Covered out{id, boxes.size(), std::int64_t{frame.width} * frame.height, {}};
  out.cover = arms::cover_cells(cells, frame.layout, frame.scale, boxes, task.cover.fill);
  const auto bytes = derive_dicom(
      std::move(file), {std::move(cells), out.cover.window, task.edition, describe(out, task.cover.fill)});
  task.draft.put(id + ".dcm", bytes);
  return out;
}

// Entry i is nothing where row i stands in `skipped`, as all do that have a reason already.
std::vector<std::optional<Covered>> cover_all(Task& task, std::vector<std::string> reasons, int threads,
                                              const stage::Context& context,
                                              std::vector<cohort::Skipped>& skipped) {
  const auto& rows = task.manifest.rows;
  std::vector<std::optional<Covered>> covered(rows.size());
  std::size_t done = 0;
  std::mutex guard;
  parallel_for(rows.size(), threads, [&](std::size_t i) {
    if (context.stop_requested())
      throw Error(ErrorCode::incomplete, "stopped between two files", "run again");
    const Source& source = task.sources.at(rows[i].sample.image_id);
    try {
      if (reasons[i].empty()) covered[i] = cover_one(task, rows[i], source);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::input) throw;
      reasons[i] = source.name + ": " + error.message();
    }
    const std::lock_guard lock(guard);
    context.progress->update(++done, rows.size(), "files", "");
  });
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!covered[i]) skipped.push_back({rows[i].sample.image_id, reasons[i]});
  }
  return covered;
}

struct Totals {
  std::size_t images = 0;
  std::size_t tagged = 0;
  std::size_t windows = 0;
  std::int64_t pixels = 0;
  double fractions = 0;
  KindCounts kinds;
  CsvWriter record{{"image_id", "boxes", "pixels", "area_fraction", "fill", "window"}};

  void add(const Covered& one) {
    const double fraction = static_cast<double>(one.cover.pixels) / static_cast<double>(one.image_pixels);
    const bool tagged_one = one.boxes > 0;
    record.row({one.image_id, std::to_string(one.boxes), std::to_string(one.cover.pixels),
                format_number(fraction), tagged_one ? std::to_string(one.cover.fill) : "",
                one.cover.window ? "written" : ""});
    ++images;
    tagged += tagged_one ? 1 : 0;
    windows += one.cover.window ? 1 : 0;
    pixels += one.cover.pixels;
    fractions += fraction;
  }
};

std::string text_of(const Totals& totals, std::size_t skipped) {
  std::string text = std::to_string(totals.images) + " DICOM files written, " +
                     std::to_string(totals.tagged) + " of them with tags; " + std::to_string(totals.pixels) +
                     " pixels covered";
  if (totals.windows > 0)
    text += "; " + std::to_string(totals.windows) + " were given a window that keeps their greys";
  if (skipped > 0) text += "; " + std::to_string(skipped) + " skipped";
  return text + ". They keep the patient's name and every other text: covered, not de-identified.";
}

}  // namespace

stage::Summary mask_dicom(const tags::CoverOptions& cover, int threads, const stage::StageIo& io,
                          const stage::Context& context) {
  if (cover.fill != tags::Fill::black && cover.fill != tags::Fill::white) {
    throw_config("mask: fill " + std::string(name_of(cover.fill)) + " is not for DICOM files",
                 "take black or white");
  }
  check_place(io);
  const tags::TagTable table = tags::read_tags(io.input("tags"));
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  std::vector<std::string> faults = check_boxes(manifest, table);
  const Sources sources = read_source_map(io.input("source_map"), io.input("dicom"));
  check_sources(manifest, sources, io);

  FolderDraft draft(io.output("dicom"));
  Task task{manifest, table, cover, sources, draft, edition_of(table, cover)};
  std::vector<cohort::Skipped> skipped;
  const auto covered = cover_all(task, std::move(faults), threads, context, skipped);
  cohort::check_skips(manifest.rows.size(), skipped, io.refused);

  Totals totals;
  for (const auto& one : covered) {
    if (!one) continue;
    totals.add(*one);
    totals.kinds.add(table.boxes(one->image_id), cover.kinds);
  }
  // The list of what was skipped makes the output whole here. The record comes before the files: by it the
  // next call knows them as its own.
  remove_earlier(io.output("skipped"));
  write_text(io.output("record"), totals.record.text());
  draft.take_place();
  cohort::write_skipped(io.output("skipped"), skipped);
  return {{"format", "dicom"},
          {"images", totals.images},
          {"tagged", totals.tagged},
          {"boxes", totals.kinds.json()},
          {"pixels", totals.pixels},
          {"mean_area_fraction", totals.fractions / static_cast<double>(totals.images)},
          {"windows_written", totals.windows},
          {"skipped", skipped.size()},
          {"text", text_of(totals, skipped.size())}};
}

}  // namespace tagconf::stages
