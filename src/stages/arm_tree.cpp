#include "arm_tree.hpp"

#include <fstream>
#include <mutex>
#include <optional>

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
#include "tagconf/tags/tag_table.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;

// A folder made beside its final place; removed again unless it took that place.
class FolderDraft {
 public:
  explicit FolderDraft(fs::path place) : place_(std::move(place)) {
    draft_ = place_;
    draft_ += ".partial";
    fs::remove_all(draft_);
    make_folder(draft_);
  }
  ~FolderDraft() {
    std::error_code ignored;
    fs::remove_all(draft_, ignored);
  }
  FolderDraft(const FolderDraft&) = delete;
  FolderDraft& operator=(const FolderDraft&) = delete;

  [[nodiscard]] const fs::path& path() const { return draft_; }

  void take_place() {
    std::error_code error;
    fs::remove_all(place_, error);
    fs::rename(draft_, place_, error);
    if (error)
      throw Error(ErrorCode::environment, place_.string() + ": cannot be written: " + error.message());
  }

 private:
  fs::path place_;
  fs::path draft_;
};

bool lies_below(const fs::path& path, const fs::path& folder) {
  const fs::path relative = fs::weakly_canonical(path).lexically_relative(fs::weakly_canonical(folder));
  return !relative.empty() && *relative.begin() != "..";
}

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

struct Rendered {
  int boxes = 0;
  std::int64_t pixels = 0;
  std::int64_t image_pixels = 0;
  cohort::ManifestRow row;
};

void write_picture(const fs::path& path, const std::vector<std::byte>& bytes) {
  make_folder(path.parent_path());
  std::ofstream file(path, std::ios::binary);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Error(ErrorCode::environment, path.string() + ": cannot be written", "is the disk full?");
}

Rendered render_one(const cohort::ManifestRow& row, const imaging::GreyImage& image,
                    const tags::TagTable& table, const ArmTreeOptions& options, const fs::path& folder) {
  const auto& found = tags::boxes_of_image(table, row.sample.image_id, image.width, image.height);
  const std::vector<Rect> boxes = tags::cover_boxes(found, options.cover, image.width, image.height);
  const auto bytes = imaging::encode_png(arms::render(image, found, options.arm, options.cover));
  Rendered out;
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
  write_picture(folder / out.row.path, bytes);
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
  const auto skipped = arms::for_each_image(
      manifest, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t i, const imaging::GreyImage& image) {
        rendered[i] = render_one(manifest.rows[i], image, table, options, draft.path());
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested);
  cohort::check_skips(manifest.rows.size(), skipped);

  cohort::Manifest written;
  written.folder = io.output("images");
  CsvWriter record({"image_id", "boxes", "pixels", "area_fraction"});
  KindCounts kinds;
  std::size_t tagged = 0;
  std::int64_t pixels = 0;
  double fractions = 0;
  for (const auto& entry : rendered) {
    if (!entry) continue;
    const double fraction = static_cast<double>(entry->pixels) / static_cast<double>(entry->image_pixels);
    record.row({entry->row.sample.image_id, std::to_string(entry->boxes), std::to_string(entry->pixels),
                format_number(fraction)});
    kinds.add(table.boxes(entry->row.sample.image_id), options.cover.kinds);
    tagged += entry->boxes > 0 ? 1 : 0;
    pixels += entry->pixels;
    fractions += fraction;
    written.rows.push_back(entry->row);
  }
  draft.take_place();
  cohort::write_manifest(io.output("manifest"), written);
  write_text(io.output("record"), record.text());
  cohort::write_skipped(io.output("skipped"), skipped);

  stage::Summary summary{{"arm", name_of(options.arm)},
                         {"images", written.rows.size()},
                         {"tagged", tagged},
                         {"boxes", kinds.json()},
                         {"pixels", pixels},
                         {"mean_area_fraction", fractions / static_cast<double>(written.rows.size())},
                         {"skipped", skipped.size()}};
  summary["text"] = describe(summary, options.verb);
  return summary;
}

}  // namespace tagconf::stages
