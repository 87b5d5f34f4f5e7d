// tagconf review: a page on which a person looks at every image and corrects its boxes, and the table that
// follows.
//
//   tagconf review tags.csv --images M --out review.html     makes the page (review_2.html ... where one
//   would
//                                                            grow too large)
//   tagconf review tags.csv --apply edits.json --out corrected.csv
//                                                            what the page saved, put into the table
//
// The corrected table goes back into the finder as `detect --boxes corrected.csv`: what a person has examined
// (source `person`) stays as it is, rows without a box too.
#include <algorithm>
#include <map>
#include <mutex>

#include "tagconf/arms/image_input.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/log.hpp"
#include "tagconf/imaging/codec.hpp"
#include "tagconf/imaging/resize.hpp"
#include "tagconf/report/review.hpp"
#include "tagconf/stages/all.hpp"
#include "tagconf/tags/review.hpp"

namespace tagconf::stages {
namespace {
namespace fs = std::filesystem;
using imaging::GreyImage;
using options::field;
using options::unhashed;
using options::within;

// Browsers open this much without delay; base64 makes four bytes of three.
constexpr std::size_t kPageBytes = std::size_t{28} << 20;

struct ReviewOptions {
  int per_page = 200;
  int side = 900;
  int quality = 82;
  std::string title = "Tags to review";
  int threads = 0;

  template <class Visitor>
  void describe(Visitor& v) {
    v(within(field<int>("per_page", "images on a page, at most; a page also ends at 28 MB"), 1, 2000),
      per_page);
    v(within(field<int>("side", "long side of the pictures shown, pixels; boxes stay in stored pixels"), 64,
             4096),
      side);
    v(within(field<int>("quality", "JPEG quality of the pictures shown"), 20, 100), quality);
    v(field<std::string>("title", "heading of the page"), title);
    v(unhashed(within(field<int>("threads", "worker threads, 0 = all"), 0, 1024)), threads);
  }
};

stage::StageInfo review_info() {
  stage::StageInfo info;
  info.name = "review";
  info.version = 1;
  info.summary = "make a page to correct tag boxes by hand, or apply what it saved";
  info.inputs = {{"tags", "tags.csv to be looked at", true, false},
                 {"images", "manifest, folder of images or image; for the page", false, false},
                 {"apply", "JSON file that the page saved; may be given several times", false, true}};
  info.outputs = {
      {"review", "review.html", "the page, its followers beside it; with --apply the corrected tags.csv"}};
  info.examples = {"tagconf review tags.csv --images cohort/manifest.csv --out review.html",
                   "tagconf review tags.csv --apply edits.json --out corrected.csv"};
  return info;
}

// 16-bit pictures are shown between their least and greatest value: screens have 8 bits, and detectors often
// use 12 of the 16. For looking only: boxes are all that leaves the page.
GreyImage shown(const GreyImage& image, int side) {
  GreyImage out = image;
  const int longest = std::max(image.width, image.height);
  if (longest > side) {
    const double by = static_cast<double>(side) / longest;
    out = imaging::resize(image, std::max(1, static_cast<int>(std::lround(image.width * by))),
                          std::max(1, static_cast<int>(std::lround(image.height * by))));
  }
  if (out.bits == 8) return out;
  const auto [low, high] = std::minmax_element(out.pixels.begin(), out.pixels.end());
  const double base = *low;
  const double range = std::max(1.0, static_cast<double>(*high) - base);
  for (auto& p : out.pixels) p = static_cast<std::uint16_t>(std::lround((p - base) / range * 255));
  out.bits = 8;
  return out;
}

// The table's images that are at hand, in the table's order.
cohort::Manifest at_hand(const tags::TagTable& table, const cohort::Manifest& all) {
  std::map<std::string, const cohort::ManifestRow*> rows;
  for (const auto& row : all.rows) rows.emplace(row.sample.image_id, &row);
  cohort::Manifest out;
  out.folder = all.folder;
  for (const auto& id : table.images()) {
    if (const auto found = rows.find(id); found != rows.end()) out.rows.push_back(*found->second);
  }
  if (out.rows.empty()) {
    throw_input(table.source() + ": lists no image of these; its first is '" +
                    (table.images().empty() ? "" : table.images().front()) + "'",
                "image_id must be the manifest's, such as '" + all.rows.front().sample.image_id + "'");
  }
  const auto left = [](std::size_t n, const std::string& what) {
    if (n > 0) log_warning(std::to_string(n) + " " + what);
  };
  left(table.images().size() - out.rows.size(), "images of the table are not at hand: not on the page");
  left(all.rows.size() - out.rows.size(), "images have no row in the table: not on the page");
  return out;
}

// Where each page begins, and the end: by count and by bytes.
std::vector<std::size_t> page_starts(const std::vector<report::ReviewImage>& images, std::size_t per_page) {
  std::vector<std::size_t> starts{0};
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    const std::size_t more = images[i].jpeg.size() / 3 * 4 + 200;
    if (i > starts.back() && (i - starts.back() >= per_page || bytes + more > kPageBytes)) {
      starts.push_back(i);
      bytes = 0;
    }
    bytes += more;
  }
  starts.push_back(images.size());
  return starts;
}

// review.html, review_2.html, ...
fs::path page_path(const fs::path& first, std::size_t page) {
  if (page == 0) return first;
  return first.parent_path() /
         (first.stem().string() + "_" + std::to_string(page + 1) + first.extension().string());
}

std::vector<report::ReviewImage> draw(const ReviewOptions& options, const tags::TagTable& table,
                                      const cohort::Manifest& manifest, const fs::path& refused,
                                      const stage::Context& context) {
  std::vector<report::ReviewImage> drawn(manifest.rows.size());
  std::mutex guard;
  const auto skipped = arms::for_each_image(
      manifest, options.threads > 0 ? options.threads : context.threads,
      [&](std::size_t i, const GreyImage& image) {
        const std::string& id = manifest.rows[i].sample.image_id;
        drawn[i] = {id, image.width, image.height,
                    imaging::encode_jpeg(shown(image, options.side), options.quality),
                    tags::boxes_of_image(table, id, image.width, image.height)};
      },
      [&](std::size_t done) {
        const std::lock_guard lock(guard);
        context.progress->update(done, manifest.rows.size(), "images", "");
      },
      context.stop_requested);
  cohort::check_skips(manifest.rows.size(), skipped, refused);
  for (const auto& entry : skipped) log_warning("not on the page: " + entry.reason);
  std::erase_if(drawn, [](const auto& image) { return image.id.empty(); });
  return drawn;
}

stage::Summary make_pages(const ReviewOptions& options, const stage::StageIo& io,
                          const stage::Context& context) {
  const tags::TagTable table = tags::read_tags(io.input("tags"));
  const cohort::Manifest manifest = at_hand(table, arms::open_images(io.input("images")));
  std::vector<report::ReviewImage> drawn = draw(options, table, manifest, io.refused, context);
  const auto starts = page_starts(drawn, static_cast<std::size_t>(options.per_page));
  const fs::path& out = io.output("review");
  report::ReviewPage page{options.title, tags::table_digest(table), {}, 0, {}};
  for (std::size_t k = 0; k + 1 < starts.size(); ++k)
    page.page_files.push_back(page_path(out, k).filename().string());
  std::size_t bytes = 0;
  for (; page.number + 1 < starts.size(); ++page.number) {
    page.images.assign(
        std::make_move_iterator(drawn.begin() + static_cast<std::ptrdiff_t>(starts[page.number])),
        std::make_move_iterator(drawn.begin() + static_cast<std::ptrdiff_t>(starts[page.number + 1])));
    const std::string html = report::render_review(page);
    bytes = std::max(bytes, html.size());
    write_text(page_path(out, page.number), html);
  }
  const std::size_t pages = page.page_files.size();
  return {{"images", drawn.size()},
          {"pages", pages},
          {"largest_page_bytes", bytes},
          {"skipped", manifest.rows.size() - drawn.size()},
          {"text", std::to_string(drawn.size()) + " images on " + std::to_string(pages) +
                       (pages == 1 ? " page" : " pages") + ": open " + out.string() +
                       " in a browser; then tagconf review " + io.input("tags").string() +
                       " --apply EDITS.json"}};
}

// The edits of further pages, and later ones of these, belong to the table as it was: it must stay.
fs::path corrected_place(const stage::StageIo& io) {
  fs::path out = io.output("review");
  // A folder was named: the port's own file name is the page's.
  if (out.filename() == "review.html") out.replace_filename("tags.csv");
  std::error_code error;
  if (fs::equivalent(out, io.input("tags"), error)) {
    throw_input(out.string() + ": is the table that the edits were made from",
                "choose another --out: edits can be applied again only where that table is left");
  }
  return out;
}

stage::Summary apply(const stage::StageIo& io) {
  const fs::path out = corrected_place(io);
  const tags::TagTable table = tags::read_tags(io.input("tags"));
  std::vector<tags::ReviewEdits> edits;
  for (const auto& file : io.many("apply")) edits.push_back(tags::read_edits(file.path));
  const tags::Correction correction = tags::apply_edits(table, edits);
  tags::write_tags(out, correction.table);
  const auto n = [](std::size_t count) { return std::to_string(count); };
  return {{"examined", correction.examined},
          {"changed", correction.changed},
          {"added", correction.added},
          {"removed", correction.removed},
          {"moved", correction.moved},
          {"renamed", correction.renamed},
          {"table", out.string()},
          {"text", n(correction.examined) + " of " + n(table.images().size()) + " images examined, " +
                       n(correction.changed) + " of them changed: boxes " + n(correction.added) + " added, " +
                       n(correction.removed) + " removed, " + n(correction.moved) + " moved or resized, " +
                       n(correction.renamed) + " given another kind. Written to " + out.string() + "."}};
}

stage::Summary run_review(const ReviewOptions& options, const stage::StageIo& io,
                          const stage::Context& context) {
  if (io.has("images") == io.has("apply")) {
    throw Error(ErrorCode::usage, "review needs either --images or --apply",
                "--images makes the page, --apply takes what the page saved");
  }
  return io.has("apply") ? apply(io) : make_pages(options, io, context);
}

}  // namespace

stage::Stage review() {
  return stage::make_stage<ReviewOptions>(review_info(), run_review);
}

}  // namespace tagconf::stages
