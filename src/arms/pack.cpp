#include "tagconf/arms/pack.hpp"

#include <algorithm>
#include <cstring>
#include <future>
#include <optional>

#include "tagconf/arms/image_input.hpp"
#include "tagconf/arms/render.hpp"
#include "tagconf/base/csv.hpp"
#include "tagconf/base/error.hpp"
#include "tagconf/base/files.hpp"
#include "tagconf/base/number.hpp"
#include "tagconf/base/parallel.hpp"
#include "tagconf/imaging/resize.hpp"

namespace tagconf::arms {
namespace fs = std::filesystem;
namespace {

constexpr const char* kPixels = "pack.npy";
constexpr const char* kTable = "pack.csv";

// One image of the pack before it is written.
struct Item {
  PackRow row;
  std::vector<std::byte> values;
};

template <class Value>
std::vector<std::byte> quantised(const imaging::Plane& plane, double full_scale) {
  std::vector<std::byte> out(plane.values.size() * sizeof(Value));
  for (std::size_t i = 0; i < plane.values.size(); ++i) {
    // Rounded half up: a float times 65535 and a half more are exact in double.
    const double scaled = std::clamp(static_cast<double>(plane.values[i]) * full_scale, 0.0, full_scale);
    const auto value = static_cast<Value>(static_cast<int>(scaled + 0.5));
    std::memcpy(out.data() + i * sizeof(Value), &value, sizeof(Value));
  }
  return out;
}

Item make_item(const Sample& sample, const imaging::GreyImage& image, const tags::TagTable* tags,
               const PackOptions& options) {
  Item item{{sample, image.width, image.height, false}, {}};
  std::span<const TagBox> boxes;
  if (tags != nullptr) {
    boxes = tags::boxes_of_image(*tags, sample.image_id, image.width, image.height);
    item.row.tagged = !tags::cover_boxes(boxes, options.cover, image.width, image.height).empty();
  }
  const auto shown = render(image, boxes, options.arm, options.cover);
  const auto plane = imaging::resize(imaging::to_plane(shown), options.size, options.size);
  item.values =
      options.bits == 16 ? quantised<std::uint16_t>(plane, 65535) : quantised<std::uint8_t>(plane, 255);
  return item;
}

std::vector<std::string> cells_of(const PackRow& row, Arm arm) {
  const Sample& s = row.sample;
  return {s.image_id,
          s.patient_id,
          s.study_id,
          s.body_part,
          std::string(name_of(s.split)),
          s.label ? std::to_string(*s.label) : "",
          std::to_string(row.width),
          std::to_string(row.height),
          row.tagged ? "1" : "0",
          std::string(name_of(arm))};
}

void check_options(const tags::TagTable* tags, const PackOptions& options) {
  if (options.bits != 8 && options.bits != 16) {
    throw_config("bits: " + std::to_string(options.bits) + ", expected 8 or 16");
  }
  if (tags == nullptr && options.arm != Arm::original) {
    throw Error(ErrorCode::usage, "arm " + std::string(name_of(options.arm)) + " needs a tag table",
                "give --tags tags.csv, as `tagconf detect` writes it");
  }
}

// A pack's table: text cells with the checks that its columns ask for.
PackRow read_row(const CsvTable& table, std::size_t i) {
  const auto text = [&](const char* column) { return table.at(i, table.require(column)); };
  const auto fail = [&](const std::string& column, const std::string& expected) {
    throw_input(table.where(i) + ": " + column + " '" + text(column.c_str()) + "', expected " + expected);
  };
  PackRow row;
  row.sample = {text("image_id"), text("patient_id"), text("study_id"), text("body_part"), Split::none, {}};
  const auto split = value_of<Split>(text("split"));
  if (!split) fail("split", "train, valid, test or nothing");
  row.sample.split = *split;
  const std::string label = text("label");
  if (label != "" && label != "0" && label != "1") fail("label", "0, 1 or nothing");
  if (!label.empty()) row.sample.label = label == "1" ? 1 : 0;
  for (const auto& [column, to] : {std::pair{"width", &row.width}, std::pair{"height", &row.height}}) {
    const auto value = parse_int(text(column));
    if (!value || *value <= 0 || *value > 1'000'000'000) fail(column, "a positive whole number");
    *to = static_cast<int>(*value);
  }
  const std::string tagged = text("tagged");
  if (tagged != "0" && tagged != "1") fail("tagged", "0 or 1");
  row.tagged = tagged == "1";
  return row;
}

}  // namespace

Pack read_pack(const fs::path& folder) {
  const fs::path table_path = folder / kTable;
  const CsvTable table = read_csv(table_path);
  Pack pack{NpyMap(folder / kPixels), {}, Arm::original, 0};
  const auto& shape = pack.pixels.shape();
  if (pack.pixels.type() == NpyType::float32 || shape.size() != 3 || shape[1] != shape[2] || shape[1] == 0) {
    throw_input((folder / kPixels).string() + ": expected an array N x S x S of uint16 or uint8");
  }
  if (shape[0] != table.rows() || table.rows() == 0) {
    throw_input(table_path.string() + ": " + std::to_string(table.rows()) + " rows, but pack.npy holds " +
                    std::to_string(shape[0]) + " images",
                "make the pack again");
  }
  pack.size = static_cast<int>(shape[1]);
  const std::size_t arm_column = table.require("arm");
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto arm = value_of<Arm>(table.at(i, arm_column));
    if (!arm || (i > 0 && *arm != pack.arm)) {
      throw_input(table.where(i) + ": arm '" + table.at(i, arm_column) + "', expected one of " +
                  all_names<Arm>() + ", the same in every row");
    }
    pack.arm = *arm;
    pack.rows.push_back(read_row(table, i));
  }
  return pack;
}

PackResult write_pack(const fs::path& folder, const cohort::Manifest& manifest, const tags::TagTable* tags,
                      const PackOptions& options, const std::function<void(std::size_t)>& progress,
                      const std::function<bool()>& stop, const fs::path& refused) {
  check_options(tags, options);
  const auto side = static_cast<std::size_t>(options.size);
  NpyWriter pixels(folder / kPixels, options.bits == 16 ? NpyType::uint16 : NpyType::uint8, {side, side});
  CsvWriter table({"image_id", "patient_id", "study_id", "body_part", "split", "label", "width", "height",
                   "tagged", "arm"});
  PackResult result;
  const auto append = [&](const std::vector<std::optional<Item>>& items) {
    for (const auto& item : items) {
      if (!item) continue;
      pixels.append(item->values);
      table.row(cells_of(item->row, options.arm));
      ++result.images;
      if (item->row.tagged) ++result.tagged;
    }
  };
  // A block at a time, so that memory stays bounded while the order is the manifest's; one is written while
  // the next is made.
  std::future<void> writing;
  const std::size_t block = 32 * static_cast<std::size_t>(resolve_threads(options.threads));
  for (std::size_t start = 0; start < manifest.rows.size(); start += block) {
    cohort::Manifest part{manifest.folder, {}};
    const auto first = manifest.rows.begin() + static_cast<std::ptrdiff_t>(start);
    part.rows.assign(first,
                     first + static_cast<std::ptrdiff_t>(std::min(block, manifest.rows.size() - start)));
    std::vector<std::optional<Item>> items(part.rows.size());
    const auto skipped = for_each_image(
        part, options.threads,
        [&](std::size_t i, const imaging::GreyImage& image) {
          items[i] = make_item(part.rows[i].sample, image, tags, options);
        },
        [&, start](std::size_t done) { progress(start + done); }, stop);
    result.skipped.insert(result.skipped.end(), skipped.begin(), skipped.end());
    if (writing.valid()) writing.get();
    writing = std::async(std::launch::async, append, std::move(items));
  }
  if (writing.valid()) writing.get();
  cohort::check_skips(manifest.rows.size(), result.skipped, refused);
  pixels.commit();
  write_text(folder / kTable, table.text());
  return result;
}

}  // namespace tagconf::arms
