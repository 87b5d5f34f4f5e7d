#include "arm_tree.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

#include "folder_draft.hpp"
#include "tag_counts.hpp"
#include "tagconf/arms/image_input.hpp"
#include "tagconf/arms/render.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/digest.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/cohort/manifest.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/png_metadata.hpp"
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;

// The output folder is replaced as a whole: it must be new, empty, or from an earlier call, and none of the
// images read may lie in it.
void check_output(const cohort::Manifest& manifest, const stage::StageIo& io) {
  const fs::path& place = io.output("images");
  for (const cohort::ManifestRow& row : manifest.rows) {
    if (lies_below(manifest.image_path(row), place)) {
      throw_input(place.string() + ": the images to read lie in the folder to write", "choose another --out");
    }
  }
  std::error_code error;
  const bool occupied = fs::exists(place, error) && !fs::is_empty(place, error);
  if (occupied && !fs::exists(io.output("record"), error)) {
    throw_input(place.string() + ": exists and was not made by this command",
                "choose another --out, or remove the folder");
  }
}

struct Residual {
  TagBox tag;
  double covered = 0;  // share of the box that was treated
};

struct Rendered {
  int boxes = 0;
  bool text_left_out = false;
  std::vector<Residual> residuals;
  std::int64_t pixels = 0;
  std::int64_t image_pixels = 0;
  cohort::ManifestRow row;
};

// An earlier call's file says nothing of this one's images.
void write_or_remove(const fs::path& path, const std::string& text) {
  std::error_code ignored;
  if (text.empty())
    fs::remove(path, ignored);
  else
    write_text(path, text);
}

std::vector<Residual> residuals_of(const imaging::GreyImage& rendered, const std::vector<Rect>& boxes,
                                   const tags::Finder& check) {
  std::vector<Residual> out;
  const auto mask = tags::box_mask(boxes, rendered.width, rendered.height);
  for (const TagBox& tag : check(rendered)) {
    std::int64_t under = 0;
    for (int y = tag.box.y; y < tag.box.bottom(); ++y) {
      const auto row = mask.begin() + static_cast<std::ptrdiff_t>(y) * rendered.width;
      under += std::count(row + tag.box.x, row + tag.box.right(), std::uint8_t{1});
    }
    out.push_back({tag, static_cast<double>(under) / static_cast<double>(tag.box.area())});
  }
  return out;
}

std::vector<std::byte> encoded(const imaging::GreyImage& image, std::span<const std::byte> source,
                               bool keep_text, Rendered& out) {
  imaging::PngMetadata metadata = imaging::png_metadata(source);
  out.text_left_out = !metadata.words.empty() && !keep_text;
  if (keep_text)
    metadata.picture.insert(metadata.picture.end(), metadata.words.begin(), metadata.words.end());
  return imaging::with_metadata(imaging::encode_png(image), metadata.picture);
}

Rendered render_one(const cohort::ManifestRow& row, const imaging::GreyImage& image,
                    std::span<const std::byte> source, const tags::TagTable& table,
                    const ArmTreeOptions& options, const FolderDraft& folder) {
  const auto& found = tags::boxes_of_image(table, row.sample.image_id, image.width, image.height);
  const std::vector<Rect> boxes = tags::cover_boxes(found, options.cover, image.width, image.height);
  const imaging::GreyImage rendered = arms::render(image, found, options.arm, options.cover);
  Rendered out;
  const auto bytes = encoded(rendered, source, options.keep_text, out);
  if (options.check) out.residuals = residuals_of(rendered, boxes, options.check);
  out.boxes = static_cast<int>(boxes.size());
  out.pixels = tags::covered_pixels(boxes, image.width, image.height);
  out.image_pixels = image.frame().area();
  out.row = row;
  out.row.path = row.sample.image_id + ".png";
  out.row.width = image.width;
  out.row.height = image.height;
  out.row.bits = image.bits;
  Sha256 digest;
  digest.update(bytes);
  out.row.sha256 = digest.hex();
  folder.put(out.row.path, bytes);
  return out;
}

// Wrong boxes are found before the first picture is decoded, as far as headers tell.
void check_boxes(const cohort::Manifest& manifest, const tags::TagTable& table) {
  for (const cohort::ManifestRow& row : manifest.rows) {
    if (row.width > 0 && row.height > 0 && table.examined(row.sample.image_id))
      (void)tags::boxes_of_image(table, row.sample.image_id, row.width, row.height);
  }
}

std::string describe(const Json& summary, const std::string& verb) {
  const auto count = [&](const char* key) { return std::to_string(summary.at(key).get<std::size_t>()); };
  const double mean = summary.at("mean_area_fraction").get<double>();
  std::string text = count("images") + " images written, " + count("tagged") + " of them with tags; " +
                     count("pixels") + " pixels " + verb + ", on average " + format_fixed(100 * mean, 2) +
                     " % of an image";
  if (summary.contains("residual_boxes"))
    text += "; the finder still sees " + count("residual_boxes") + " boxes on " + count("residual_images") +
            " images";
  if (summary.at("text_left_out").get<std::size_t>() > 0)
    text += "; text in " + count("text_left_out") + " PNG files was left out (--keep-text keeps it)";
  if (summary.at("skipped").get<std::size_t>() > 0) text += "; " + count("skipped") + " skipped";
  return text + ".";
}

}  // namespace

stage::Summary write_arm_tree(const ArmTreeOptions& options, const stage::StageIo& io,
                              const stage::Context& context) {
  const tags::TagTable table = tags::read_tags(io.input("tags"));
  const cohort::Manifest manifest = arms::open_images(io.input("images"));
  check_output(manifest, io);
  check_boxes(manifest, table);

  FolderDraft draft(io.output("images"));
  std::vector<std::optional<Rendered>> rendered(manifest.rows.size());
  std::mutex guard;
  const auto skipped = arms::for_each_file(
      manifest, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t i, const imaging::GreyImage& image, std::span<const std::byte> source) {
        rendered[i] = render_one(manifest.rows[i], image, source, table, options, draft);
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested);
  cohort::check_skips(manifest.rows.size(), skipped, io.refused);

  cohort::Manifest written;
  written.folder = io.output("images");
  written.further = manifest.further;
  CsvWriter record({"image_id", "boxes", "pixels", "area_fraction"});
  KindCounts kinds;
  std::size_t tagged = 0;
  std::int64_t pixels = 0;
  double fractions = 0;
  std::size_t text_left_out = 0;
  CsvWriter residual({"image_id", "x", "y", "w", "h", "kind", "score", "covered"});
  std::size_t residual_images = 0;
  std::size_t residual_boxes = 0;
  for (const auto& entry : rendered) {
    if (!entry) continue;
    const double fraction = static_cast<double>(entry->pixels) / static_cast<double>(entry->image_pixels);
    record.row({entry->row.sample.image_id, std::to_string(entry->boxes), std::to_string(entry->pixels),
                format_number(fraction)});
    kinds.add(table.boxes(entry->row.sample.image_id), options.cover.kinds);
    tagged += entry->boxes > 0 ? 1 : 0;
    pixels += entry->pixels;
    fractions += fraction;
    text_left_out += entry->text_left_out ? 1 : 0;
    bool seen = false;
    for (const Residual& r : entry->residuals) {
      residual.row({entry->row.sample.image_id, std::to_string(r.tag.box.x), std::to_string(r.tag.box.y),
                    std::to_string(r.tag.box.w), std::to_string(r.tag.box.h),
                    std::string(name_of(r.tag.kind)), r.tag.score ? format_number(*r.tag.score) : "",
                    format_number(r.covered)});
      // What lies in the treated area is the cover's own edge, not a tag.
      if (r.covered >= 0.5) continue;
      ++residual_boxes;
      seen = true;
    }
    residual_images += seen ? 1 : 0;
    written.rows.push_back(entry->row);
  }
  remove_earlier(io.output("manifest"));
  // Before the pictures: by it the next call knows them as its own.
  write_text(io.output("record"), record.text());
  cohort::write_skipped(io.output("skipped"), skipped);
  if (io.outputs.contains("residual"))
    write_or_remove(io.output("residual"), options.check ? residual.text() : "");
  draft.take_place();
  cohort::write_manifest(io.output("manifest"), written);

  stage::Summary summary{{"arm", name_of(options.arm)},
                         {"images", written.rows.size()},
                         {"tagged", tagged},
                         {"boxes", kinds.json()},
                         {"pixels", pixels},
                         {"mean_area_fraction", fractions / static_cast<double>(written.rows.size())},
                         {"text_left_out", text_left_out},
                         {"skipped", skipped.size()}};
  if (options.check) {
    summary["residual_images"] = residual_images;
    summary["residual_boxes"] = residual_boxes;
  }
  summary["text"] = describe(summary, options.verb);
  return summary;
}

}  // namespace tagconf::stages
